// Moments, and the normalization of batches by them.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "ops/record.h"
#include "ops/shapes.h"

namespace keras::ops {

namespace {
bool half(DType dtype) { return dtype == DType::float16 || dtype == DType::bfloat16; }
Tensor in_floats(const Tensor& x) {
  return half(x.dtype()) ? cast(x, DType::float32) : x.dtype().is_floating() ? x : cast(x, config::floatx());
}
}  // namespace

std::pair<Tensor, Tensor> moments(const Tensor& x, const Axes& axes, bool keepdims) {
  if (recording(x)) {
    const std::vector<Tensor> pair = record_op(__func__, {x}, [=](const std::vector<Tensor>& in) {
      const auto [average, variance] = moments(in[0], axes, keepdims);
      return std::vector<Tensor>{average, variance};
    });
    return {pair[0], pair[1]};
  }
  const Tensor value = in_floats(x), center = mean(value, axes, true);
  // What flows back through this mean is zero, so it need not be computed. (As in Keras on TensorFlow, a gradient of
  // the gradient takes the mean for a constant.)
  Tensor variance = mean(square(value - stop_gradient(center)), axes, keepdims);
  Tensor average = center;
  if (!keepdims) {
    const ir::Ints along = normalize_axes(axes, x.ndim(), "moments");
    if (!along.empty()) average = squeeze(center, Axes(along.begin(), along.end()));
  }
  if (half(x.dtype())) {  // within what float16 holds, for bfloat16 too, as Keras has it
    constexpr double kLargest = 65504;
    average = cast(clip(average, -kLargest, kLargest), x.dtype());
    variance = cast(clip(variance, -kLargest, kLargest), x.dtype());
  }
  return {average, variance};
}

Tensor batch_normalization(const Tensor& x, const Tensor& mean, const Tensor& variance, int axis, const Tensor& offset,
                           const Tensor& scale, double epsilon) {
  if (recording(x, mean, variance, offset, scale)) {
    return record_op(__func__, {x, mean, variance, offset, scale}, [=](const std::vector<Tensor>& in) {
      return std::vector<Tensor>{batch_normalization(in[0], in[1], in[2], axis, in[3], in[4], epsilon)};
    })[0];
  }
  const int along = normalize_axis(axis, x.ndim(), "batch_normalization");
  const Dim size = x.shape(along);
  const auto vector = [&](const char* what, const Tensor& v) {
    const bool fits = v.ndim() == 1 && (!size.known() || !v.shape(0).known() || v.shape(0) == size);
    if (fits) return;
    throw ValueError(
        fmt::format("ops::batch_normalization: {} must be a vector of the length of x's axis {}. Received: "
                    "shape {}, x of shape {}.",
                    what, axis, v.shape().str(), x.shape().str()));
  };
  vector("mean", mean);
  vector("variance", variance);
  if (!offset.empty()) vector("offset", offset);
  if (!scale.empty()) vector("scale", scale);
  Tensor a = rsqrt(variance + epsilon);
  if (!scale.empty()) a = a * scale;
  const Tensor b = offset.empty() ? -(mean * a) : offset - mean * a;
  const Tensor value = x.dtype().is_floating() ? x : cast(x, config::floatx());
  Shape spread;
  for (int d = 0; d < x.ndim(); ++d) spread.push_back(d == along ? a.shape(0) : Dim(1));
  return value * reshape(cast(a, value.dtype()), spread) + reshape(cast(b, value.dtype()), spread);
}

Tensor normalize(const Tensor& x, const Axes& axes, int order, std::optional<double> epsilon) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "order", order, "epsilon", epsilon), x,
                  normalize(x, axes, order, epsilon))
  if (order < 1) throw ValueError(fmt::format("ops::normalize: order must be at least 1. Received: {}.", order));
  const double least = epsilon.value_or(config::epsilon());
  const Tensor value = x.dtype().is_floating() ? x : cast(x, config::floatx());
  if (order == 2) return value * minimum(rsqrt(sum(square(value), axes, true)), 1 / least);
  const Tensor total = sum(order == 1 ? abs(value) : power(abs(value), order), axes, true);
  return value / maximum(order == 1 ? total : power(total, 1.0 / order), least);
}

}  // namespace keras::ops
