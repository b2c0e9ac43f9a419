// Enlarging one axis by interpolation, as a matrix.
#pragma once

#include <keras/array.h>

#include <string>

namespace keras::layers {

// Row i has the weights with which `size` samples make sample i of size * factor, half-pixel centres aligned:
// "bilinear", "bicubic" (Keys, 1981, a = -0.5), "lanczos3" or "lanczos5", as TensorFlow computes them. float64.
Array interpolation(const std::string& name, std::int64_t size, std::int64_t factor);

}  // namespace keras::layers
