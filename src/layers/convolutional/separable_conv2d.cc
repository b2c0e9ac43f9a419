// SeparableConv2D: each channel by itself, then all channels of a pixel.
#include "layers/convolutional/conv_body.h"

namespace keras {
namespace {

struct SeparableConv2DBody final : layers::ConvBody<SeparableConv2DArgs> {
  static constexpr auto class_name = "SeparableConv2D";
  explicit SeparableConv2DBody(Args args) : ConvBody(class_name, std::move(args)) {}

  void build(const Shape& input) override {
    const std::int64_t width = channels(input), multiplier = args_.depth_multiplier;
    depthwise_ = add_weight("depthwise_kernel", window(width, multiplier), args_.depthwise_initializer,
                            {.regularizer = args_.depthwise_regularizer, .constraint = args_.depthwise_constraint});
    pointwise_ = add_weight("pointwise_kernel", {1, 1, width * multiplier, args_.filters}, args_.pointwise_initializer,
                            {.regularizer = args_.pointwise_regularizer, .constraint = args_.pointwise_constraint});
    add_bias(args_.filters);
  }

  Tensor call(const Tensor& x) override { return finish(ops::separable_conv(x, depthwise_, pointwise_, options())); }

  Config get_config() const override {
    Config config = ConvBody::get_config();
    layers::move_before(config, "depth_multiplier", "filters");
    return config;
  }

 private:
  Variable depthwise_, pointwise_;
};

}  // namespace

Layer layers::SeparableConv2D(std::int64_t filters, Ints<2> kernel_size, SeparableConv2DArgs args) {
  if (args.filters != 0) refuse_twice("SeparableConv2D", "filters");
  if (args.kernel_size != Ints<2>(0)) refuse_twice("SeparableConv2D", "kernel_size");
  args.filters = filters;
  args.kernel_size = kernel_size;
  return make_layer<SeparableConv2DBody>(std::move(args));
}

Maker layers::makers::SeparableConv2D() { return custom<SeparableConv2DBody>(); }

}  // namespace keras
