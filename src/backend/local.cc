// Convolutions whose kernel differs from place to place: a product for each place.
#include <fmt/format.h>
#include <keras/backend.h>
#include <keras/error.h>

#include "ops/local_conv.h"
#include "ops/record.h"
#include "ops/shapes.h"

namespace keras::backend {

namespace {
using Sizes = std::vector<std::int64_t>;

Tensor local_conv(const char* name, std::size_t spatial, const Tensor& inputs, const Tensor& kernel,
                  const Sizes& window, const Sizes& strides, const Sizes& places,
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
  const Shape space = first ? inputs.shape().slice(2) : inputs.shape().slice(1, -1);
  const Dim channels = inputs.shape(first ? 1 : -1);
  if (!space.known() || !channels.known()) refuse("all sizes of the inputs but the batch must be known.");
  Shape there;
  Dim features = channels;
  for (std::size_t d = 0; d < spatial; ++d) {
    if (window[d] < 1 || strides[d] < 1 || window[d] > space[d].value()) refuse("the window does not fit.");
    there.push_back((space[d].value() - window[d]) / strides[d] + 1);
    features = features * Dim(window[d]);
  }
  const bool as_said = places.empty() || Shape(places) == there;
  if (!as_said || kernel.shape()[0] != Dim(there.elements()) || kernel.shape()[1] != features) {
    refuse(fmt::format("there are {} places, so the kernel must be ({}, {}, filters).", there.str(), there.elements(),
                       features.value()));
  }
  return ops::local_conv(inputs, kernel, window, strides, there, first);
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
