// The activation functions, composed of few ops. Where a function has a corner, the ops are chosen so that the gradient
// there is Keras's, and so that no infinity in the branch not taken spoils it.
#include <fmt/format.h>
#include <keras/activations.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "support/text.h"

namespace keras::activations {

Tensor celu(const Tensor& x, double alpha) {
  return ops::maximum(x, 0) + alpha * ops::expm1(ops::minimum(x, 0) / alpha);  // Keras's gradient at 0 is 2
}

Tensor elu(const Tensor& x, double alpha) {
  const Tensor negative = ops::expm1(ops::minimum(x, 0));
  return ops::relu(x) + (alpha == 1 ? negative : alpha * negative);
}

Tensor exponential(const Tensor& x) { return ops::exp(x); }

Tensor gelu(const Tensor& x, bool approximate) {
  constexpr double kSqrtHalf = 0.70710678118654752, kSqrtTwoByPi = 0.79788456080286536, kCubic = 0.044715;
  const Tensor s =
      approximate ? ops::tanh(x * (kSqrtTwoByPi + kSqrtTwoByPi * kCubic * ops::square(x))) : ops::erf(x * kSqrtHalf);
  return 0.5 * x * (1 + s);
}

Tensor glu(const Tensor& x, int axis) {
  const Dim size = x.shape(axis);
  if (size.known() && size.value() % 2 != 0) {
    throw ValueError(fmt::format("glu halves its input along axis {}, which must be even; the input's shape is {}.",
                                 axis, x.shape().str()));
  }
  const std::vector<Tensor> halves = ops::split(x, 2, axis);
  return halves[0] * ops::sigmoid(halves[1]);
}

Tensor hard_shrink(const Tensor& x, double threshold) { return ops::where(ops::abs(x) > threshold, x, 0); }
Tensor hard_sigmoid(const Tensor& x) {
  const double slope = config::dialect().hard_sigmoid_slope;
  return slope == 1.0 / 6 ? relu6(x + 3) / 6 : ops::clip(x * slope + 0.5, 0, 1);
}
Tensor hard_silu(const Tensor& x) { return x * (relu6(x + 3) / 6); }
Tensor hard_tanh(const Tensor& x) { return ops::clip(x, -1, 1); }
Tensor leaky_relu(const Tensor& x, double negative_slope) { return ops::where(x > 0, x, negative_slope * x); }
Tensor linear(const Tensor& x) { return x; }
Tensor log_sigmoid(const Tensor& x) { return -ops::softplus(-x); }
Tensor log_softmax(const Tensor& x, int axis) { return ops::log_softmax(x, axis); }
Tensor mish(const Tensor& x) { return x * ops::tanh(ops::softplus(x)); }

Tensor relu(const Tensor& x, ReluArgs args) {
  const auto [slope, max_value, threshold] = args;
  if (slope != 0 && !max_value && threshold == 0) return leaky_relu(x, slope);
  Tensor y = threshold != 0 ? ops::where(x > threshold, x, 0) : max_value == 6.0 ? relu6(x) : ops::relu(x);
  if (max_value && (threshold != 0 || max_value != 6.0)) {
    if (threshold < 0) y = ops::maximum(y, 0);
    y = ops::minimum(y, *max_value);
  }
  if (slope == 0) return y;
  return y - slope * ops::relu(threshold != 0 ? threshold - x : -x);
}

Tensor relu6(const Tensor& x) { return ops::where(x >= 6, 6, ops::relu(x)); }

Tensor selu(const Tensor& x) {
  constexpr double kScale = 1.0507009873554805, kAlpha = 1.6732632423543772;
  return ops::where(x < 0, kScale * kAlpha * ops::expm1(ops::minimum(x, 0)), kScale * x);
}

Tensor sigmoid(const Tensor& x) { return ops::sigmoid(x); }
Tensor silu(const Tensor& x) { return x * ops::sigmoid(x); }
Tensor soft_shrink(const Tensor& x, double threshold) { return x - ops::clip(x, -threshold, threshold); }
Tensor softmax(const Tensor& x, int axis) { return ops::softmax(x, axis); }
Tensor softplus(const Tensor& x) { return ops::softplus(x); }
Tensor softsign(const Tensor& x) { return x / (1 + ops::abs(x)); }
Tensor sparse_plus(const Tensor& x) { return ops::where(x < 1, 0.25 * ops::square(ops::relu(x + 1)), x); }
Tensor sparse_sigmoid(const Tensor& x) { return ops::where(x >= 1, 1, 0.5 * ops::relu(x + 1)); }

Tensor sparsemax(const Tensor& x, int axis) {
  const std::int64_t size = x.shape(axis).value();
  Shape along(std::vector<Dim>(x.shape().size(), Dim(1)));
  along[static_cast<std::size_t>(axis < 0 ? axis + x.ndim() : axis)] = size;
  const Tensor sorted = -ops::sort(-x, axis);
  const Tensor sums = ops::cumsum(sorted, axis);
  const Tensor ranks = ops::reshape(ops::cast(ops::arange(1, size + 1), x.dtype()), along);
  const Tensor above = sorted - (sums - 1) / ranks > 0;
  const Tensor count = ops::sum(ops::cast(above, x.dtype()), {axis}, true);
  const Tensor threshold = (ops::sum(ops::where(above, sorted, 0), {axis}, true) - 1) / count;
  return ops::relu(x - threshold);
}

Tensor squareplus(const Tensor& x, double b) { return (x + ops::sqrt(ops::square(x) + b)) / 2; }
Tensor tanh(const Tensor& x) { return ops::tanh(x); }
Tensor tanh_shrink(const Tensor& x) { return x - ops::tanh(x); }
Tensor threshold(const Tensor& x, double threshold, double default_value) {
  return ops::where(x > threshold, x, default_value);
}

Activation get(const std::string& name) { return Activation(name); }

}  // namespace keras::activations
