// What a call that fails says.
#pragma once

#include <keras/error.h>

#include <string>

namespace keras::testing {

// The message of the E that f throws; "no error" where it throws none.
template <class E = Error, class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace keras::testing
