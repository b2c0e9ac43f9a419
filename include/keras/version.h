// The version of the library.
#pragma once

#include <keras/api.h>

#include <string>

namespace keras {

KERAS_API std::string version();  // of the library that the program runs with, such as "0.1.0"

}  // namespace keras
