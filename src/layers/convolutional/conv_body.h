// What the convolution layers share, whatever their kernels: the window, the bias, the activation.
#pragma once

#include <keras/layers/convolutional.h>
#include <keras/ops.h>

#include <utility>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"

namespace keras::layers {

template <class A>
class ConvBody : public LayerBody {
 public:
  using Args = A;
  ConvBody(const char* what, A args) : args_(std::move(args)) {
    args_.padding = padding_of(what, args_.padding);
    args_.data_format = data_format_of(what, args_.data_format);
    state().input_spec.rank = 4;
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
    return {args_.kernel_size[0], args_.kernel_size[1], in, out};
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
      const bool last = channel_axis(*args_.data_format) == -1;
      y = y + (last ? Tensor(bias_) : ops::reshape(bias_, {bias_.shape()[0], 1, 1}));
    }
    return args_.activation(y);
  }

  A args_;
  Variable bias_;
};

// ValueError: both cannot be above 1.
void refuse_strides_with_dilation(const char* layer, const Ints<2>& strides, const Ints<2>& dilation_rate);

}  // namespace keras::layers
