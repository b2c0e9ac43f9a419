// Resampling along an axis is a product with a matrix, or taking the nearest samples; images have two such axes.
#include "ops/interpolation.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/record.h"
#include "ops/shapes.h"
#include "support/text.h"

namespace keras::ops {

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

Array interpolation(const std::string& name, std::int64_t size, std::int64_t to) {
  Array matrix({to, size}, DType::float64);
  double* row = matrix.mutable_values<double>().data();
  const double radius = name == "lanczos3" ? 3 : 5;
  for (std::int64_t i = 0; i < to; ++i, row += size) {
    double at = (static_cast<double>(i) + 0.5) * static_cast<double>(size) / static_cast<double>(to) - 0.5;
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

namespace {
Tensor nearest(const Tensor& x, int axis, std::int64_t size, std::int64_t to) {
  std::vector<std::int32_t> places;
  for (std::int64_t i = 0; i < to; ++i) places.push_back(static_cast<std::int32_t>((2 * i + 1) * size / (2 * to)));
  return take(x, Tensor(Array(places)), axis);
}

// What is made of numbers before anything is computed must be small beside what it is made for.
void require_few(std::int64_t from, std::int64_t to, Dim numbers) {
  constexpr std::int64_t kMost = std::int64_t{1} << 28;
  if (numbers.value() <= kMost) return;
  throw ValueError(
      fmt::format("ops::resize: an axis of {} elements made one of {} takes {} numbers that say how, and "
                  "{} are the most. Use a smaller size, or steps in between.",
                  from, to, numbers.value(), kMost));
}
}  // namespace

Tensor resample(const Tensor& x, int axis, Dim to, const std::string& name) {
  const Dim size = x.shape(axis);
  if (size == to && size.known()) return x;
  Shape resized = x.shape();
  resized[static_cast<std::size_t>(axis)] = to;
  if (!size.known() || !to.known()) return broadcast_to(sum(x, {axis}, true), resized);
  if (name == "nearest") {
    if (size != Dim(0) && to.value() % size.value() == 0) return repeat(x, to.value() / size.value(), axis);
    require_few(size.value(), to.value(), to);
    return nearest(x, axis, size.value(), to.value());
  }
  require_few(size.value(), to.value(), size * to);
  // (before, size, after): a product of the matrix with each of `before` parts.
  Dim before = 1, after = 1;
  for (const Dim dim : x.shape().slice(0, axis)) before = before * dim;
  for (const Dim dim : x.shape().slice(axis + 1)) after = after * dim;
  const Tensor value = x.dtype().is_floating() ? x : cast(x, config::floatx());
  const Array matrix = interpolation(name, size.value(), to.value()).astype(value.dtype());
  return reshape(matmul(matrix, reshape(value, {before, size, after})), resized);
}

Tensor enlarge(const Tensor& x, int axis, std::int64_t factor, const std::string& name) {
  if (factor == 1) return x;
  return name == "nearest" ? repeat(x, factor, axis) : resample(x, axis, x.shape(axis) * Dim(factor), name);
}

Tensor resize(const Tensor& images, const std::vector<std::int64_t>& size, const ResizeOptions& options) {
  KERAS_RECORD(images, resize(images, size, options))
  if (std::ranges::count(kInterpolations, options.interpolation) == 0) {
    throw ValueError(fmt::format("ops::resize: interpolation must be one of {}. Received: \"{}\".{}",
                                 fmt::join(kInterpolations, ", "), options.interpolation,
                                 support::did_you_mean(options.interpolation, kInterpolations)));
  }
  const int rank = images.ndim();
  if (rank < 3 || rank > 4) {
    throw ValueError(fmt::format("ops::resize: images must have rank 4, or 3 for one image. Received: shape {}.",
                                 images.shape().str()));
  }
  if (size.size() != 2 || size[0] < 1 || size[1] < 1) {
    throw ValueError(fmt::format("ops::resize: size must be a height and a width of at least 1. Received: ({}).",
                                 fmt::join(size, ", ")));
  }
  const int first = rank - (channels_first("resize", options.data_format) ? 2 : 3);
  const Tensor rows = resample(images, first, size[0], options.interpolation);
  return resample(rows, first + 1, size[1], options.interpolation);
}

}  // namespace keras::ops
