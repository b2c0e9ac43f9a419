// Shapes: what 2.2.4 does other than keras::ops, and padding and enlarging of images.
#include <fmt/format.h>
#include <keras/backend.h>
#include <keras/error.h>

#include <algorithm>

#include "ops/interpolation.h"
#include "ops/record.h"
#include "ops/shapes.h"
#include "support/text.h"

namespace keras::backend {

namespace {
void require_rank(const char* name, const Tensor& x, int rank, const char* axes) {
  if (x.ndim() == rank) return;
  throw ValueError(
      fmt::format("backend::{}: x must have rank {}: {}. Received: shape {}.", name, rank, axes, x.shape().str()));
}
}  // namespace

Tensor concatenate(const std::vector<Tensor>& tensors, int axis) {
  const int rank = tensors.empty() ? 0 : tensors[0].ndim();
  return ops::concatenate(tensors, rank == 0 ? axis : (axis % rank + rank) % rank);
}

Tensor batch_flatten(const Tensor& x) {
  KERAS_RECORD(x, batch_flatten(x))
  if (x.ndim() == 0) throw ValueError("backend::batch_flatten: a scalar has no batch.");
  Dim size = 1;
  for (const Dim dim : x.shape().slice(1)) size = size * dim;
  return ops::reshape(x, {x.shape(0), size});
}

Tensor repeat(const Tensor& x, std::int64_t n) {
  require_rank("repeat", x, 2, "(batch, size)");
  return ops::repeat(ops::expand_dims(x, 1), n, 1);
}

Tensor arange(std::int64_t start, std::optional<std::int64_t> stop, std::int64_t step, DType dtype) {
  if (!stop) return ops::arange(0, std::max<std::int64_t>(0, start), step, dtype);
  return ops::arange(start, *stop, step, dtype);
}

Tensor batch_dot(const Tensor& x, const Tensor& y) {
  return ops::batch_dot(x, y, -1, y.ndim() == 2 ? -1 : y.ndim() - 2);
}
Tensor batch_dot(const Tensor& x, const Tensor& y, std::pair<int, int> axes) {
  return ops::batch_dot(x, y, axes.first, axes.second);
}

namespace {
Tensor padded(const char* name, const Tensor& x, const std::vector<Margins>& padding,
              const std::optional<std::string>& data_format) {
  const int spatial = name == std::string_view("spatial_2d_padding") ? 2 : 3;
  require_rank(name, x, spatial + 2, "the batch, the channels and the spatial axes");
  if (static_cast<int>(padding.size()) != spatial) {
    throw ValueError(fmt::format("backend::{}: padding must have a pair for each of the {} spatial axes. Received: {}.",
                                 name, spatial, padding.size()));
  }
  std::vector<Margins> widths(static_cast<std::size_t>(x.ndim()));
  std::copy(padding.begin(), padding.end(), widths.begin() + (ops::channels_first(name, data_format) ? 2 : 1));
  return ops::pad(x, widths);
}

Tensor enlarged(const char* name, Tensor x, const std::vector<std::int64_t>& factors,
                const std::optional<std::string>& data_format, const std::string& interpolation) {
  require_rank(name, x, static_cast<int>(factors.size()) + 2, "the batch, the channels and the spatial axes");
  if (std::any_of(factors.begin(), factors.end(), [](std::int64_t f) { return f < 1; })) {
    throw ValueError(
        fmt::format("backend::{}: factors must be at least 1. Received: ({}).", name, fmt::join(factors, ", ")));
  }
  if (std::ranges::count(ops::kInterpolations, interpolation) == 0) {
    throw ValueError(fmt::format("backend::{}: interpolation must be one of {}. Received: \"{}\".{}", name,
                                 fmt::join(ops::kInterpolations, ", "), interpolation,
                                 support::did_you_mean(interpolation, ops::kInterpolations)));
  }
  const int first = ops::channels_first(name, data_format) ? 2 : 1;
  for (std::size_t i = 0; i < factors.size(); ++i)
    x = ops::enlarge(x, first + static_cast<int>(i), factors[i], interpolation);
  return x;
}
}  // namespace

Tensor temporal_padding(const Tensor& x, Margins padding) {
  require_rank("temporal_padding", x, 3, "(batch, time, channels)");
  return ops::pad(x, {{0, 0}, padding, {0, 0}});
}
Tensor spatial_2d_padding(const Tensor& x, const std::vector<Margins>& padding,
                          const std::optional<std::string>& data_format) {
  return padded("spatial_2d_padding", x, padding, data_format);
}
Tensor spatial_3d_padding(const Tensor& x, const std::vector<Margins>& padding,
                          const std::optional<std::string>& data_format) {
  return padded("spatial_3d_padding", x, padding, data_format);
}

Tensor resize_images(const Tensor& x, std::int64_t height_factor, std::int64_t width_factor,
                     const std::optional<std::string>& data_format, const std::string& interpolation) {
  KERAS_RECORD(x, resize_images(x, height_factor, width_factor, data_format, interpolation))
  return enlarged("resize_images", x, {height_factor, width_factor}, data_format, interpolation);
}
Tensor resize_volumes(const Tensor& x, std::int64_t depth_factor, std::int64_t height_factor, std::int64_t width_factor,
                      const std::optional<std::string>& data_format) {
  KERAS_RECORD(x, resize_volumes(x, depth_factor, height_factor, width_factor, data_format))
  return enlarged("resize_volumes", x, {depth_factor, height_factor, width_factor}, data_format, "nearest");
}

}  // namespace keras::backend
