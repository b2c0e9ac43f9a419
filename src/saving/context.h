// within: an error of what is done for a layer, with the layer in front of its message.
#pragma once

#include <keras/error.h>

#include <string>
#include <string_view>
#include <utility>

namespace keras::saving {

[[noreturn]] void rethrow_within(const std::string& what);  // the error that is being handled

template <class F>
auto within(const std::string& what, F&& act) -> decltype(act()) {
  try {
    return std::forward<F>(act)();
  } catch (const Error&) {
    rethrow_within(what);
  }
}

}  // namespace keras::saving
