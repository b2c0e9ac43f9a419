// Names of files as Python's str.format makes them: "{epoch:02d}-{val_loss:.2f}.keras".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace keras::callbacks {

using FormatValue = std::variant<std::int64_t, double>;
using FormatValues = std::vector<std::pair<std::string, FormatValue>>;

// ValueError, with `what` in front: braces that do not match, names that are not among the values, and what Python
// refuses of integers and floats.
std::string python_format(std::string_view text, const FormatValues& values, const char* what);

}  // namespace keras::callbacks
