// What the convolution layers share, whatever their kernels: the window, the bias, the activation.
#pragma once

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/convolutional.h>
#include <keras/ops.h>

#include <algorithm>
#include <utility>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"
#include "layers/upgrades.h"

namespace keras::layers {

template <class A, int N>
class ConvBody : public LayerBody {
 public:
  using Args = A;
  static void upgrade(const char* class_name, Config& config) { upgrades::convolution(class_name, config); }
  ConvBody(const char* what, A args, bool causal = false) : args_(std::move(args)) {
    args_.padding =
        causal ? choice(what, "padding", args_.padding, {"valid", "same", "causal"}) : padding_of(what, args_.padding);
    args_.data_format = data_format_of(what, args_.data_format);
    state().input_spec.rank = N + 2;
    state().activity_regularizer = args_.activity_regularizer;
    set_initial_weights(std::move(args_.weights));
    if (args_.activation.layer()) child("activation", *args_.activation.layer());
  }

  Config get_config() const override {
    return LayerBody::get_config().set("padding", args_.padding).set("data_format", *args_.data_format);
  }

 protected:
  std::int64_t channels(const Shape& input) {
    return fixed_axis(*this, input, channel_axis(*args_.data_format), "the kernel");
  }
  Shape window(std::int64_t in, std::int64_t out) const {
    Shape shape;
    for (const std::int64_t size : args_.kernel_size) shape.push_back(size);
    shape.push_back(in);
    shape.push_back(out);
    return shape;
  }
  void add_bias(std::int64_t size) {
    if (!args_.use_bias) return;
    bias_ = add_weight("bias", {size}, args_.bias_initializer,
                       {.regularizer = args_.bias_regularizer, .constraint = args_.bias_constraint});
  }
  ops::ConvOptions options() const {
    return {.strides = sizes(args_.strides),
            .padding = args_.padding,
            .data_format = args_.data_format,
            .dilation_rate = sizes(args_.dilation_rate)};
  }
  // The bias and the activation, after the products.
  Tensor finish(Tensor y) const {
    if (args_.use_bias) {
      Shape spread{bias_.shape()[0]};
      for (int axis = 0; axis < N; ++axis) spread.push_back(1);
      const bool last = channel_axis(*args_.data_format) == -1;
      y = y + (last ? Tensor(bias_) : ops::reshape(bias_, spread));
    }
    return args_.activation(y);
  }

  A args_;
  Variable bias_;
};

template <int N>
std::string tuple(const Ints<N>& values) {
  return fmt::format("({})", fmt::join(values.begin(), values.end(), ", "));
}
// ValueError: both cannot be above 1.
template <int N>
void refuse_strides_with_dilation(const char* layer, const Ints<N>& strides, const Ints<N>& dilation_rate) {
  const auto above = [](const Ints<N>& values) {
    return std::any_of(values.begin(), values.end(), [](std::int64_t v) { return v > 1; });
  };
  if (!above(strides) || !above(dilation_rate)) return;
  throw ValueError(
      fmt::format("{}: strides above 1 do not go with a dilation_rate above 1. Received: strides={}, dilation_rate={}.",
                  layer, tuple(strides), tuple(dilation_rate)));
}

// The arguments that Keras takes first, put among the others.
template <int N, class A>
A with_kernel(const char* layer, Ints<N> kernel_size, A args) {
  if (args.kernel_size != Ints<N>(0)) refuse_twice(layer, "kernel_size");
  args.kernel_size = kernel_size;
  return args;
}
template <int N, class A>
A with_filters(const char* layer, std::int64_t filters, Ints<N> kernel_size, A args) {
  if (args.filters != 0) refuse_twice(layer, "filters");
  args.filters = filters;
  return with_kernel<N>(layer, kernel_size, std::move(args));
}

}  // namespace keras::layers
