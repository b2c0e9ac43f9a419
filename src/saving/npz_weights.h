// Weights in NumPy archives.
#pragma once

#include "saving/weights_file.h"

namespace keras::saving {

Assignment read_npz_weights(const std::string& path, const Layer& model);
void write_npz_weights(const std::string& path, const Layer& model);

}  // namespace keras::saving
