// Tuning files: which kernels were measured to be the fastest on a machine.
#pragma once

#include <functional>
#include <string>

namespace keras::session {

// Calls `compile`, which compiles programs on this thread, with every kernel of theirs measured; writes the file, and
// takes it for the process.
void tune(const std::string& path, const std::function<void()>& compile);
// KERAS_TUNING, the first time it is called.
void load_tuning_of_environment();

}  // namespace keras::session
