// Convolution and pooling: what Keras's arguments mean for the primitives, which know neither "same" nor
// channels_first.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>

#include "ops/record.h"
#include "ops/shapes.h"
#include "ops/tensor_node.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "primitives/windows.h"
#include "support/text.h"

namespace keras::ops {

namespace {
using ir::Ints;
using primitives::ConvAttrs;
using primitives::Op;
using primitives::PoolAttrs;

// x with its channels last, and the way back.
struct Image {
  const char* op;
  Tensor x;
  bool channels_first = false;

  Image(const char* name, const Tensor& given, const std::optional<std::string>& data_format) : op(name), x(given) {
    channels_first = ops::channels_first(name, data_format);
    if (x.ndim() < 3 || x.ndim() > 5) {
      throw ValueError(fmt::format("ops::{}: x must have 1, 2 or 3 spatial axes, as {}. Received: shape {}.{}", op,
                                   channels_first ? "(batch, channels, space…)" : "(batch, space…, channels)",
                                   x.shape().str(), x.ndim() < 3 ? " Is the axis of the channels missing?" : ""));
    }
    if (!channels_first) return;
    Axes order{0};
    for (int i = 2; i < x.ndim(); ++i) order.push_back(i);
    order.push_back(1);
    x = transpose(x, order);
  }
  std::size_t spatial() const { return x.shape().size() - 2; }
  Dim size(std::size_t axis) const { return x.shape()[axis + 1]; }
  Tensor back(const Tensor& y) const {
    if (!channels_first) return y;
    Axes order{0, y.ndim() - 1};
    for (int i = 1; i + 1 < y.ndim(); ++i) order.push_back(i);
    return transpose(y, order);
  }
  // The channels, which must be known.
  std::int64_t channels() const {
    if (x.shape().back().known()) return x.shape().back().value();
    throw ValueError(
        fmt::format("ops::{}: the number of channels must be known. Received: shape {}.", op, back(x).shape().str()));
  }
};

// One number for each spatial axis, from one for all or a list.
Ints for_each_axis(const char* op, const char* what, const std::vector<std::int64_t>& given, std::size_t spatial,
                   std::int64_t low = 1) {
  const bool fits =
      (given.size() == 1 || given.size() == spatial) &&
      std::all_of(given.begin(), given.end(), [&](std::int64_t v) { return v >= low && v <= Dim::kMost; });
  if (!fits) {
    throw ValueError(
        fmt::format("ops::{}: {} must be one number, or {} for the {} spatial axes, each at least {} and at most {}. "
                    "Received: ({}).",
                    op, what, spatial, spatial, low, Dim::kMost, fmt::join(given, ", ")));
  }
  return given.size() == spatial ? given : Ints(spatial, given[0]);
}

enum class Padding { valid, same, causal };

Padding padding_of(const char* op, const std::string& given, bool causal) {
  const std::string name = support::lower(given);
  if (name == "valid") return Padding::valid;
  if (name == "same") return Padding::same;
  if (name == "causal" && causal) return Padding::causal;
  throw ValueError(fmt::format("ops::{}: padding must be {}. Received: \"{}\".{}", op,
                               causal ? "valid, same or causal" : "valid or same", given,
                               causal ? support::did_you_mean(name, {"valid", "same", "causal"})
                                      : support::did_you_mean(name, {"valid", "same"})));
}

// Adds the zeros around an axis of this size. An unknown size has none: its programs are traced again with numbers.
void add_padding(Padding padding, Dim size, std::int64_t extent, std::int64_t stride, Ints& before, Ints& after) {
  std::int64_t first = 0, total = 0;
  if (padding == Padding::causal) {
    first = total = extent - 1;
  } else if (padding == Padding::same && size.known()) {
    const std::int64_t rest = size.value() % stride;  // of the last window
    total = std::max<std::int64_t>(0, extent - (rest == 0 ? stride : rest));
    first = total / 2;
  }
  before.push_back(first);
  after.push_back(total - first);
}

bool any_above_one(const Ints& values) {
  return std::any_of(values.begin(), values.end(), [](std::int64_t v) { return v > 1; });
}

struct Steps {
  Ints strides, dilations;
};
Steps steps_of(const char* op, const ConvOptions& options, std::size_t spatial, bool both) {
  Steps steps{for_each_axis(op, "strides", options.strides, spatial),
              for_each_axis(op, "dilation_rate", options.dilation_rate, spatial)};
  if (!both && any_above_one(steps.strides) && any_above_one(steps.dilations)) {
    throw ValueError(
        fmt::format("ops::{}: strides above 1 do not go with a dilation_rate above 1. Received: strides=({}) "
                    "and dilation_rate=({}).",
                    op, fmt::join(steps.strides, ", "), fmt::join(steps.dilations, ", ")));
  }
  return steps;
}

std::int64_t extent(const Tensor& kernel, std::size_t axis, const Steps& steps) {
  return primitives::extent(kernel.shape()[axis].value(), steps.dilations[axis]);
}

void require_kernel(const Image& image, const Tensor& kernel, const char* axes) {
  if (kernel.ndim() == image.x.ndim() && kernel.shape().known()) return;
  throw ValueError(
      fmt::format("ops::{}: the kernel must have the rank {} of x, as {}, and known sizes. Received: kernel "
                  "of shape {}, x of shape {}.",
                  image.op, image.x.ndim(), axes, kernel.shape().str(), image.back(image.x).shape().str()));
}

[[noreturn]] void refuse_channels(const Image& image, const Tensor& kernel, const std::string& expected) {
  throw ValueError(fmt::format("ops::{}: {}. Received: x of shape {} with {} channels ({}), kernel of shape {}.",
                               image.op, expected, image.back(image.x).shape().str(), image.channels(),
                               image.channels_first ? "channels_first" : "channels_last", kernel.shape().str()));
}

// The kernel as the primitive has it: (window…, channels / groups, filters).
Tensor convolve(const Image& image, const Tensor& kernel, const Steps& steps, Padding padding, std::int64_t groups) {
  const DType dtype = promote({image.x, kernel});
  ConvAttrs attrs{steps.strides, steps.dilations, {}, {}, groups, {}};
  for (std::size_t d = 0; d < image.spatial(); ++d)
    add_padding(padding, image.size(d), extent(kernel, d, steps), steps.strides[d], attrs.before, attrs.after);
  return apply(primitives::def(Op::conv), std::move(attrs), {cast(image.x, dtype), cast(kernel, dtype)});
}

Tensor depthwise(const Image& image, const Tensor& kernel, const ConvOptions& options) {
  require_kernel(image, kernel, "(window…, channels, multiplier)");
  const Shape& shape = kernel.shape();
  const std::int64_t channels = shape[shape.size() - 2].value();
  if (image.channels() != channels)
    refuse_channels(image, kernel, fmt::format("x must have the {} channels of the kernel", channels));
  Shape grouped = shape.slice(0, -2);
  grouped.push_back(1);
  grouped.push_back(Dim(channels) * shape.back());
  return convolve(image, reshape(kernel, grouped), steps_of(image.op, options, image.spatial(), true),
                  padding_of(image.op, options.padding, false), std::max<std::int64_t>(channels, 1));
}
}  // namespace

Tensor conv(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  KERAS_RECORD_2(x, kernel, conv(x, kernel, options))
  const Image image("conv", x, options.data_format);
  require_kernel(image, kernel, "(window…, channels / groups, filters)");
  const Shape& shape = kernel.shape();
  const std::int64_t channels = image.channels(), own = shape[shape.size() - 2].value();
  if (own < 1 || channels % own != 0) {
    refuse_channels(image, kernel,
                    fmt::format("the channels of x must be the kernel's {}, or a multiple of it for groups", own));
  }
  const std::int64_t groups = std::max<std::int64_t>(channels / own, 1);
  if (shape.back().value() % groups != 0) {
    refuse_channels(image, kernel,
                    fmt::format("the {} groups, which the kernel's {} channels make, must divide its {} filters",
                                groups, own, shape.back().value()));
  }
  const Padding padding = padding_of("conv", options.padding, image.spatial() == 1);
  return image.back(convolve(image, kernel, steps_of("conv", options, image.spatial(), false), padding, groups));
}

Tensor depthwise_conv(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
  KERAS_RECORD_2(x, kernel, depthwise_conv(x, kernel, options))
  const Image image("depthwise_conv", x, options.data_format);
  return image.back(depthwise(image, kernel, options));
}

Tensor separable_conv(const Tensor& x, const Tensor& depthwise_kernel, const Tensor& pointwise_kernel,
                      const ConvOptions& options) {
  KERAS_RECORD_3(x, depthwise_kernel, pointwise_kernel, separable_conv(x, depthwise_kernel, pointwise_kernel, options))
  const Image image("separable_conv", x, options.data_format);
  require_kernel(image, pointwise_kernel, "(1…, channels * multiplier, filters)");
  const Tensor y = depthwise(image, depthwise_kernel, options);
  const Shape shape = pointwise_kernel.shape();
  const Shape window = shape.slice(0, -2);
  if (shape[shape.size() - 2] != y.shape().back() ||
      std::any_of(window.begin(), window.end(), [](Dim size) { return size != Dim(1); })) {
    throw ValueError(
        fmt::format("ops::separable_conv: the pointwise kernel must have a window of ones and {} channels, "
                    "which the depthwise kernel gives. Received: shape {} beside a depthwise kernel of {}.",
                    y.shape().back().value(), shape.str(), depthwise_kernel.shape().str()));
  }
  return image.back(conv(y, pointwise_kernel, {.data_format = "channels_last"}));
}

Tensor conv_transpose(const Tensor& x, const Tensor& kernel, const ConvOptions& options,
                      const std::vector<std::int64_t>& output_padding) {
  KERAS_RECORD_2(x, kernel, conv_transpose(x, kernel, options, output_padding))
  const Image image("conv_transpose", x, options.data_format);
  require_kernel(image, kernel, "(window…, filters, channels)");
  if (kernel.shape().back().value() != image.channels())
    refuse_channels(image, kernel,
                    fmt::format("x must have the {} channels of the kernel", kernel.shape().back().value()));
  const Padding padding = padding_of("conv_transpose", options.padding, false);
  const Steps steps = steps_of("conv_transpose", options, image.spatial(), false);
  Ints added;
  if (!output_padding.empty())
    added = for_each_axis("conv_transpose", "output_padding", output_padding, image.spatial(), 0);
  ConvAttrs attrs{steps.strides, steps.dilations, {}, {}, 1, {}};
  for (std::size_t d = 0; d < image.spatial(); ++d) {
    const std::int64_t covered = extent(kernel, d, steps), stride = steps.strides[d];
    // What the result has beyond the first elements of its windows.
    std::int64_t rest = padding == Padding::same ? stride : std::max(covered, stride);
    if (!added.empty()) {
      const std::int64_t base = padding == Padding::same ? covered % 2 : covered;
      rest = base + added[d];
      const std::int64_t low = padding == Padding::same ? 1 : covered, high = low + stride - 1;
      if (rest < low || rest > high) {
        throw ValueError(
            fmt::format("ops::conv_transpose: along spatial axis {}, output_padding must lie in [{}, {}] with padding "
                        "\"{}\", stride "
                        "{} and a window that covers {}. Received: {}.",
                        d, low - base, high - base, options.padding, stride, covered, added[d]));
      }
    }
    const Dim size = image.size(d);
    const std::int64_t result = size.known() ? (size * Dim(stride) + Dim(rest)).value() - stride : -1;
    attrs.sizes.push_back(result);
    add_padding(padding, size.known() ? Dim(result) : Dim(), covered, stride, attrs.before, attrs.after);
  }
  const DType dtype = promote({image.x, kernel});
  return image.back(
      apply(primitives::def(Op::conv_transpose), std::move(attrs), {cast(image.x, dtype), cast(kernel, dtype)}));
}

namespace {
Tensor pool(Op op, const char* name, const Tensor& x, const std::vector<std::int64_t>& pool_size,
            const PoolOptions& options) {
  const Image image(name, x, options.data_format);
  PoolAttrs attrs{for_each_axis(name, "pool_size", pool_size, image.spatial()), {}, {}, {}, {}};
  attrs.strides =
      options.strides.empty() ? attrs.window : for_each_axis(name, "strides", options.strides, image.spatial());
  const Padding padding = padding_of(name, options.padding, false);
  for (std::size_t d = 0; d < image.spatial(); ++d)
    add_padding(padding, image.size(d), attrs.window[d], attrs.strides[d], attrs.before, attrs.after);
  const bool whole = op == Op::max_pool && x.dtype() != DType::boolean;
  return image.back(apply(primitives::def(op), std::move(attrs),
                          {whole || x.dtype().is_floating() ? image.x : cast(image.x, config::floatx())}));
}
}  // namespace

Tensor max_pool(const Tensor& x, const std::vector<std::int64_t>& pool_size, const PoolOptions& options) {
  KERAS_RECORD(x, max_pool(x, pool_size, options))
  return pool(Op::max_pool, "max_pool", x, pool_size, options);
}

Tensor average_pool(const Tensor& x, const std::vector<std::int64_t>& pool_size, const PoolOptions& options) {
  KERAS_RECORD(x, average_pool(x, pool_size, options))
  return pool(Op::average_pool, "average_pool", x, pool_size, options);
}

}  // namespace keras::ops
