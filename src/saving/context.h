// within: an error of what is done for a layer, or with a file, with that in front of its message.
#pragma once

#include <keras/error.h>

#include <string>
#include <string_view>
#include <utility>

namespace keras::saving {

// Throws the error that is being handled, with `what` in front of a message that does not have `unless` in it.
[[noreturn]] void rethrow_within(const std::string& what, const std::string& unless = {});

template <class F>
auto within(const std::string& what, F&& act) -> decltype(act()) {
  try {
    return std::forward<F>(act)();
  } catch (const Error&) {
    rethrow_within(what);
  }
}

// `call` as it is written, "load_model(«m.h5»)".
template <class F>
auto with_file(const std::string& call, const std::string& path, F&& act) -> decltype(act()) {
  try {
    return std::forward<F>(act)();
  } catch (const Error&) {
    rethrow_within(call + "(«" + path + "»)", path);
  }
}

}  // namespace keras::saving
