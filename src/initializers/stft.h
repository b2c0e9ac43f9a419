// The kernel of the initializer STFT.
#pragma once

#include <keras/initializers.h>

namespace keras::initializers {

void check_stft(const STFTArgs& args);  // ValueError for an unknown side, window or scaling
// (frame, 1, bins): cosines (or minus sines) of 2 pi t f / (2 bins - 2), windowed and scaled.
Array stft_kernel(const STFTArgs& args, const Shape& shape, DType dtype);

}  // namespace keras::initializers
