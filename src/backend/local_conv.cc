// Convolutions whose kernel differs from place to place: a product for each place.
#include <fmt/format.h>
#include <keras/backend.h>
#include <keras/error.h>

#include <cstdint>
#include <functional>
#include <numeric>

#include "ops/record.h"
#include "ops/shapes.h"

namespace keras::backend {

namespace {
using Sizes = std::vector<std::int64_t>;

// The window of each place: (batch, places…, elements of the window, channels). x has its channels last.
Tensor windows(const Tensor& x, const Sizes& window, const Sizes& strides, const Sizes& places) {
  const std::size_t spatial = window.size();
  Sizes begin(x.shape().size(), 0), end(x.shape().size(), INT64_MAX), step(x.shape().size(), 1), at(spatial, 0);
  std::vector<Tensor> taken;
  for (;;) {
    for (std::size_t d = 0; d < spatial; ++d) {
      begin[d + 1] = at[d], step[d + 1] = strides[d];
      end[d + 1] = at[d] + (places[d] - 1) * strides[d] + 1;
    }
    taken.push_back(ops::strided_slice(x, begin, end, step));
    std::size_t d = spatial;
    while (d > 0 && ++at[d - 1] == window[d - 1]) at[--d] = 0;
    if (d == 0) return ops::stack(taken, x.ndim() - 1);
  }
}

std::int64_t product(const Sizes& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
}

Tensor local_conv(const char* name, std::size_t spatial, const Tensor& inputs, const Tensor& kernel,
                  const Sizes& window, const Sizes& strides, Sizes places,
                  const std::optional<std::string>& data_format) {
  const auto refuse = [&](const std::string& why) {
    throw ValueError(fmt::format(
        "backend::{}: {} Received: inputs of shape {}, kernel of shape {}, kernel_size=({}), strides=({}).", name, why,
        inputs.shape().str(), kernel.shape().str(), fmt::join(window, ", "), fmt::join(strides, ", ")));
  };
  if (inputs.shape().size() != spatial + 2) refuse(fmt::format("inputs must have rank {}.", spatial + 2));
  if (window.size() != spatial || strides.size() != spatial)
    refuse(fmt::format("kernel_size and strides must have {} numbers.", spatial));
  if (kernel.ndim() != 3 || !kernel.shape().known()) refuse("the kernel must be (places, window * channels, filters).");
  const bool first = ops::channels_first(name, data_format);
  Axes order{0};
  for (std::size_t d = 0; d < spatial; ++d) order.push_back(static_cast<int>(d) + 2);
  order.push_back(1);
  const Tensor x = first ? ops::transpose(inputs, order) : inputs;
  if (places.empty()) places.push_back(kernel.shape()[0].value());
  if (places.size() != spatial) refuse(fmt::format("output_shape must have {} numbers.", spatial));
  bool fits = true;
  for (std::size_t d = 0; d < spatial; ++d) {
    const Dim size = x.shape()[d + 1];
    const std::int64_t there = size.known() ? (size.value() - window[d]) / strides[d] + 1 : places[d];
    fits = fits && places[d] == there;
    places[d] = there;
  }
  const Dim channels = x.shape(-1), features = Dim(product(window)) * channels;
  if (!fits || product(places) != kernel.shape()[0].value() || features != kernel.shape()[1]) {
    refuse(fmt::format("there are {} places, so the kernel must be ({}, {}, filters).", fmt::join(places, " x "),
                       product(places), features.known() ? features.value() : -1));
  }

  Tensor patches = windows(x, window, strides, places);
  if (first) {  // the kernel has the channels before the window then
    Axes swap(static_cast<std::size_t>(patches.ndim()));
    std::iota(swap.begin(), swap.end(), 0);
    std::swap(swap[swap.size() - 2], swap.back());
    patches = ops::transpose(patches, swap);
  }
  const Tensor rows = ops::transpose(ops::reshape(patches, {x.shape(0), product(places), features}), {1, 0, 2});
  const Tensor made = ops::transpose(ops::matmul(rows, kernel), {1, 0, 2});
  Shape shape{x.shape(0)};
  for (const std::int64_t size : places) shape.push_back(size);
  shape.push_back(kernel.shape()[2]);
  const Tensor y = ops::reshape(made, shape);
  if (!first) return y;
  Axes back{0, y.ndim() - 1};
  for (int d = 1; d + 1 < y.ndim(); ++d) back.push_back(d);
  return ops::transpose(y, back);
}
}  // namespace

Tensor local_conv1d(const Tensor& inputs, const Tensor& kernel, const Sizes& kernel_size, const Sizes& strides,
                    const std::optional<std::string>& data_format) {
  KERAS_RECORD_2(inputs, kernel, local_conv1d(inputs, kernel, kernel_size, strides, data_format))
  return local_conv("local_conv1d", 1, inputs, kernel, kernel_size, strides, {}, data_format);
}
Tensor local_conv2d(const Tensor& inputs, const Tensor& kernel, const Sizes& kernel_size, const Sizes& strides,
                    const Sizes& output_shape, const std::optional<std::string>& data_format) {
  KERAS_RECORD_2(inputs, kernel, local_conv2d(inputs, kernel, kernel_size, strides, output_shape, data_format))
  return local_conv("local_conv2d", 2, inputs, kernel, kernel_size, strides, output_shape, data_format);
}

}  // namespace keras::backend
