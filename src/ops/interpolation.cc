#include "layers/reshaping/interpolation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace keras::layers {

namespace {

double cubic(double t) {
  if (t <= 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

double lanczos(double t, double radius) {
  if (t > radius) return 0;
  if (t <= 1e-3) return 1;
  const double angle = std::numbers::pi * t;
  return radius * std::sin(angle) * std::sin(angle / radius) / (angle * angle);
}

}  // namespace

Array interpolation(const std::string& name, std::int64_t size, std::int64_t factor) {
  Array matrix = zeros({size * factor, size}, DType::float64);
  double* row = matrix.mutable_values<double>().data();
  const double radius = name == "lanczos3" ? 3 : 5;
  for (std::int64_t i = 0; i < size * factor; ++i, row += size) {
    double at = (static_cast<double>(i) + 0.5) / static_cast<double>(factor) - 0.5;
    if (name == "bilinear") at = std::clamp(at, 0.0, static_cast<double>(size - 1));  // beyond the border the border
    if (name == "bicubic") at = std::floor(at) + std::nearbyint((at - std::floor(at)) * 1024) / 1024;
    double sum = 0;
    for (std::int64_t j = 0; j < size; ++j) {
      const double distance = std::fabs(static_cast<double>(j) - at);
      row[j] = name == "bilinear"  ? std::max(0.0, 1 - distance)
               : name == "bicubic" ? cubic(distance)
                                   : lanczos(distance, radius);
      sum += row[j];
    }
    for (std::int64_t j = 0; j < size; ++j) row[j] /= sum;
  }
  return matrix;
}

}  // namespace keras::layers
