// Conv2DTranspose: what flows back through a Conv2D, as a layer of its own.
#include <fmt/format.h>
#include <keras/error.h>

#include "layers/convolutional/conv_body.h"

namespace keras {
namespace {

struct Conv2DTransposeBody final : layers::ConvBody<Conv2DTransposeArgs> {
  static constexpr auto class_name = "Conv2DTranspose";
  explicit Conv2DTransposeBody(Args args) : ConvBody(class_name, std::move(args)) {
    layers::refuse_strides_with_dilation(class_name, args_.strides, args_.dilation_rate);
    if (!args_.output_padding) return;
    const Ints<2>&added = *args_.output_padding, &strides = args_.strides;
    if (added[0] < strides[0] && added[1] < strides[1]) return;
    throw ValueError(
        fmt::format("Conv2DTranspose: output_padding must be smaller than strides. Received: output_padding=({}, {}), "
                    "strides=({}, {}).",
                    added[0], added[1], strides[0], strides[1]));
  }

  void build(const Shape& input) override {
    kernel_ = add_weight("kernel", window(args_.filters, channels(input)), args_.kernel_initializer,
                         {.regularizer = args_.kernel_regularizer, .constraint = args_.kernel_constraint});
    add_bias(args_.filters);
  }

  Tensor call(const Tensor& x) override {
    std::vector<std::int64_t> added;
    if (args_.output_padding) added = layers::sizes(*args_.output_padding);
    return finish(ops::conv_transpose(x, kernel_, options(), added));
  }

 private:
  Variable kernel_;
};

}  // namespace

Layer layers::Conv2DTranspose(std::int64_t filters, Ints<2> kernel_size, Conv2DTransposeArgs args) {
  if (args.filters != 0) refuse_twice("Conv2DTranspose", "filters");
  if (args.kernel_size != Ints<2>(0)) refuse_twice("Conv2DTranspose", "kernel_size");
  args.filters = filters;
  args.kernel_size = kernel_size;
  return make_layer<Conv2DTransposeBody>(std::move(args));
}

Maker layers::makers::Conv2DTranspose() { return custom<Conv2DTransposeBody>(); }

}  // namespace keras
