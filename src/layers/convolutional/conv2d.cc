// Conv2D: a window that moves over height and width and sees all channels, or those of its group.
#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>

#include "layers/convolutional/conv_body.h"

namespace keras {
namespace {

struct Conv2DBody final : layers::ConvBody<Conv2DArgs> {
  static constexpr auto class_name = "Conv2D";
  explicit Conv2DBody(Args args) : ConvBody(class_name, std::move(args)) {
    layers::refuse_strides_with_dilation(class_name, args_.strides, args_.dilation_rate);
    if (args_.filters % args_.groups != 0) {
      throw ValueError(fmt::format("Conv2D: filters must be a multiple of groups. Received: filters={}, groups={}.",
                                   args_.filters, args_.groups));
    }
  }

  void build(const Shape& input) override {
    const std::int64_t width = channels(input);
    if (width % args_.groups != 0) {
      throw ValueError(
          fmt::format("{}: the channels of the input must be a multiple of groups. Received: {} channels of shape={}, "
                      "groups={}.",
                      layers::describe(*this), width, input.str(), args_.groups));
    }
    kernel_ = add_weight("kernel", window(width / args_.groups, args_.filters), args_.kernel_initializer,
                         {.regularizer = args_.kernel_regularizer, .constraint = args_.kernel_constraint});
    add_bias(args_.filters);
  }

  Tensor call(const Tensor& x) override { return finish(ops::conv(x, kernel_, options())); }

 private:
  Variable kernel_;
};

}  // namespace

void layers::refuse_strides_with_dilation(const char* layer, const Ints<2>& strides, const Ints<2>& dilation_rate) {
  if (std::max(strides[0], strides[1]) == 1 || std::max(dilation_rate[0], dilation_rate[1]) == 1) return;
  throw ValueError(
      fmt::format("{}: strides above 1 do not go with a dilation_rate above 1. Received: strides=({}, {}), "
                  "dilation_rate=({}, {}).",
                  layer, strides[0], strides[1], dilation_rate[0], dilation_rate[1]));
}

Layer layers::Conv2D(std::int64_t filters, Ints<2> kernel_size, Conv2DArgs args) {
  if (args.filters != 0) refuse_twice("Conv2D", "filters");
  if (args.kernel_size != Ints<2>(0)) refuse_twice("Conv2D", "kernel_size");
  args.filters = filters;
  args.kernel_size = kernel_size;
  return make_layer<Conv2DBody>(std::move(args));
}

Maker layers::makers::Conv2D() { return custom<Conv2DBody>(); }

}  // namespace keras
