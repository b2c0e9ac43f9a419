#include "support/arguments.h"

#include <fmt/format.h>
#include <keras/error.h>

namespace keras::support {

void refuse_twice(const char* what, const char* argument) {
  throw ValueError(
      fmt::format("{}: {} is given twice, in front and in the arguments in braces. Give it once.", what, argument));
}

}  // namespace keras::support
