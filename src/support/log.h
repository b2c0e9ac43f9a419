// Diagnostics for developers: KERAS_LOG=dispatch,passes prints those topics on stderr. Nothing is printed without it.
// And warnings for users, which config::set_warning_handler can send elsewhere or silence.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace keras::support {

// Whether KERAS_LOG names the topic ("all" names each). The variable is read once.
bool log_enabled(std::string_view topic);

// "[keras dispatch] text" in one write, so that threads' lines do not mix. Does nothing when the topic is off; callers
// that assemble long texts ask log_enabled() first.
void log(std::string_view topic, std::string_view text);

// "keras: text" as a line on standard error, or to the handler, in the order of the calls. KERAS_WARNINGS=0, read
// once, sets an empty handler.
void warn(const std::string& text);
void warn_once(const std::string& key, const std::string& text);  // once a process for each key
void set_warning_handler(std::function<void(const std::string&)> handler);
void print_warning(const std::string& text);  // the handler at first
void forget_warnings();                       // those given once may be given again: for tests

}  // namespace keras::support
