// Normalization, biases, convolutions and pooling in the shapes that 2.2.4 wants.
#include <fmt/format.h>
#include <keras/backend.h>
#include <keras/error.h>

#include "ops/record.h"
#include "ops/shapes.h"
#include "primitives/windows.h"

namespace keras::backend {

Tensor l2_normalize(const Tensor& x, std::optional<int> axis) {
  const Axes axes = axis ? Axes{*axis} : Axes{};
  return x * ops::rsqrt(ops::maximum(ops::sum(ops::square(x), axes, true), 1e-12));
}

Tensor bias_add(const Tensor& x, const Tensor& bias, const std::optional<std::string>& data_format) {
  KERAS_RECORD_2(x, bias, bias_add(x, bias, data_format))
  const bool first = ops::channels_first("bias_add", data_format);
  if (bias.ndim() != 1 && bias.ndim() != x.ndim() - 1) {
    throw ValueError(
        fmt::format("backend::bias_add: the bias must be a vector, or have an axis for each of x's but the batch. "
                    "Received: shapes {} and {}.",
                    x.shape().str(), bias.shape().str()));
  }
  if (!first || x.ndim() < 3) return x + bias;
  Shape shape{bias.shape(-1)};
  for (int i = 0; i < x.ndim() - 2; ++i) shape.push_back(bias.ndim() == 1 ? Dim(1) : bias.shape(i));
  return x + ops::reshape(bias, shape);
}

std::tuple<Tensor, Tensor, Tensor> normalize_batch_in_training(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                                               const Axes& reduction_axes, double epsilon) {
  if (ops::recording(x, gamma, beta)) {
    const std::vector<Tensor> all = ops::record_op(__func__, {x, gamma, beta}, [=](const std::vector<Tensor>& in) {
      const auto [y, mean, var] = normalize_batch_in_training(in[0], in[1], in[2], reduction_axes, epsilon);
      return std::vector<Tensor>{y, mean, var};
    });
    return {all[0], all[1], all[2]};
  }
  const auto [mean, var] = ops::moments(x, reduction_axes);
  Shape wide = x.shape();
  for (const std::int64_t axis : ops::normalize_axes(reduction_axes, x.ndim(), "normalize_batch_in_training"))
    wide[static_cast<std::size_t>(axis)] = 1;
  const auto spread = [&](const Tensor& each) { return ops::reshape(each, wide); };
  Tensor scale = ops::rsqrt(spread(var) + epsilon);
  if (!gamma.empty()) scale = scale * spread(gamma);
  Tensor y = (x - spread(mean)) * scale;
  if (!beta.empty()) y = y + spread(beta);
  return {y, mean, var};
}

Tensor batch_normalization(const Tensor& x, const Tensor& mean, const Tensor& var, const Tensor& beta,
                           const Tensor& gamma, int axis, double epsilon) {
  const auto vector = [](const Tensor& each) { return each.empty() || each.ndim() == 1 ? each : flatten(each); };
  return ops::batch_normalization(x, vector(mean), vector(var), axis, vector(beta), vector(gamma), epsilon);
}

namespace {
void require_rank(const char* name, const Tensor& x, int rank) {
  if (x.ndim() == rank) return;
  throw ValueError(
      fmt::format("backend::{}: x must have rank {}: the batch, the channels and {} spatial {}. Received: shape {}.",
                  name, rank, rank - 2, rank == 3 ? "axis" : "axes", x.shape().str()));
}

// A convolution's transpose has the output_shape if as much is added behind it as it lacks.
Tensor transposed(const char* name, int rank, const Tensor& x, const Tensor& kernel, const Shape& output_shape,
                  const ops::ConvOptions& options) {
  require_rank(name, x, rank);
  const std::size_t spatial = static_cast<std::size_t>(rank) - 2,
                    first = ops::channels_first(name, options.data_format) ? 2 : 1;
  const auto refuse = [&](const std::string& why) {
    throw ValueError(fmt::format("backend::{}: {} Received: output_shape={}, x of shape {}, kernel of shape {}.", name,
                                 why, output_shape.str(), x.shape().str(), kernel.shape().str()));
  };
  if (output_shape.rank() != rank) refuse("output_shape must have an axis for each of x's, the batch included.");
  const auto of_axis = [&](const std::vector<std::int64_t>& given, std::size_t d) {
    return given.size() == 1 ? given[0] : given.at(d);
  };
  std::vector<std::int64_t> added;
  for (std::size_t d = 0; d < spatial; ++d) {
    const Dim from = x.shape()[first + d], to = output_shape[first + d];
    if (!to.known()) refuse("the spatial sizes of output_shape must be known.");
    if (!from.known()) return ops::conv_transpose(x, kernel, options);  // where only the type is asked for
    const std::int64_t stride = of_axis(options.strides, d);
    if (stride < 1) refuse("strides must be at least 1.");
    const std::int64_t covered = primitives::extent(kernel.shape()[d].value(), of_axis(options.dilation_rate, d));
    const bool same = options.padding == "same";
    const std::int64_t end = (from * Dim(stride)).value(), low = same ? 1 : covered, rest = to.value() - end + stride;
    if (rest < low || rest >= low + stride) {
      refuse(fmt::format("along spatial axis {} the result can have {} to {} elements.", d, end - stride + low,
                         end + low - 1));
    }
    added.push_back(rest - (same ? covered % 2 : covered));
  }
  return ops::conv_transpose(x, kernel, options, added);
}

Tensor pool(const char* name, int rank, const Tensor& x, const std::vector<std::int64_t>& pool_size,
            const PoolOptions& options) {
  require_rank(name, x, rank);
  const ops::PoolOptions with{options.strides, options.padding, options.data_format};
  if (options.pool_mode == "max") return ops::max_pool(x, pool_size, with);
  if (options.pool_mode == "avg") return ops::average_pool(x, pool_size, with);
  throw ValueError(
      fmt::format("backend::{}: pool_mode must be \"max\" or \"avg\". Received: \"{}\".", name, options.pool_mode));
}
}  // namespace

Tensor conv1d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  require_rank("conv1d", x, 3);
  return ops::conv(x, kernel, options);
}
Tensor conv2d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  require_rank("conv2d", x, 4);
  return ops::conv(x, kernel, options);
}
Tensor conv3d(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  require_rank("conv3d", x, 5);
  return ops::conv(x, kernel, options);
}
Tensor conv2d_transpose(const Tensor& x, const Tensor& kernel, const Shape& output_shape, const ConvOptions& options) {
  KERAS_RECORD_2(x, kernel, conv2d_transpose(x, kernel, output_shape, options))
  return transposed("conv2d_transpose", 4, x, kernel, output_shape, options);
}
Tensor conv3d_transpose(const Tensor& x, const Tensor& kernel, const Shape& output_shape, const ConvOptions& options) {
  KERAS_RECORD_2(x, kernel, conv3d_transpose(x, kernel, output_shape, options))
  return transposed("conv3d_transpose", 5, x, kernel, output_shape, options);
}
Tensor depthwise_conv2d(const Tensor& x, const Tensor& depthwise_kernel, const ConvOptions& options) {
  require_rank("depthwise_conv2d", x, 4);
  return ops::depthwise_conv(x, depthwise_kernel, options);
}
Tensor separable_conv1d(const Tensor& x, const Tensor& depthwise_kernel, const Tensor& pointwise_kernel,
                        const ConvOptions& options) {
  require_rank("separable_conv1d", x, 3);
  return ops::separable_conv(x, depthwise_kernel, pointwise_kernel, options);
}
Tensor separable_conv2d(const Tensor& x, const Tensor& depthwise_kernel, const Tensor& pointwise_kernel,
                        const ConvOptions& options) {
  require_rank("separable_conv2d", x, 4);
  return ops::separable_conv(x, depthwise_kernel, pointwise_kernel, options);
}
Tensor pool2d(const Tensor& x, const std::vector<std::int64_t>& pool_size, const PoolOptions& options) {
  return pool("pool2d", 4, x, pool_size, options);
}
Tensor pool3d(const Tensor& x, const std::vector<std::int64_t>& pool_size, const PoolOptions& options) {
  return pool("pool3d", 5, x, pool_size, options);
}

}  // namespace keras::backend
