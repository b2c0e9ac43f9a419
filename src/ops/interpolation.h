// Resampling one axis by interpolation.
#pragma once

#include <keras/tensor.h>

#include <string>
#include <string_view>

namespace keras::ops {

inline constexpr std::string_view kInterpolations[] = {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"};

// Row i has the weights with which `from` samples make sample i of `to`, half-pixel centres aligned: "bilinear",
// "bicubic" (Keys, 1981, a = -0.5), "lanczos3" or "lanczos5", as TensorFlow computes them. float64.
Array interpolation(const std::string& name, std::int64_t from, std::int64_t to);

// x with `to` samples along an axis: "nearest", or one of the above. Where sizes are unknown, only the type is right.
Tensor resample(const Tensor& x, int axis, Dim to, const std::string& name);
// With `factor` times as many.
Tensor enlarge(const Tensor& x, int axis, std::int64_t factor, const std::string& name);

}  // namespace keras::ops
