// Diagnostics for developers: KERAS_LOG=dispatch,passes prints those topics on stderr. Nothing is printed without it.
#pragma once

#include <string_view>

namespace keras::support {

// Whether KERAS_LOG names the topic ("all" names each). The variable is read once.
bool log_enabled(std::string_view topic);

// "[keras dispatch] text" in one write, so that threads' lines do not mix. Does nothing when the topic is off; callers
// that assemble long texts ask log_enabled() first.
void log(std::string_view topic, std::string_view text);

}  // namespace keras::support
