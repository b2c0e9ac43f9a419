// DepthwiseConv2D: each channel is convolved by itself.
#include "layers/convolutional/conv_body.h"

namespace keras {
namespace {

struct DepthwiseConv2DBody final : layers::ConvBody<DepthwiseConv2DArgs> {
  static constexpr auto class_name = "DepthwiseConv2D";
  explicit DepthwiseConv2DBody(Args args) : ConvBody(class_name, std::move(args)) {}

  void build(const Shape& input) override {
    const std::int64_t width = channels(input);
    kernel_ = add_weight("kernel", window(width, args_.depth_multiplier), args_.depthwise_initializer,
                         {.regularizer = args_.depthwise_regularizer, .constraint = args_.depthwise_constraint});
    add_bias(width * args_.depth_multiplier);
  }

  Tensor call(const Tensor& x) override { return finish(ops::depthwise_conv(x, kernel_, options())); }

  Config get_config() const override {
    Config config = ConvBody::get_config();
    layers::move_before(config, "depth_multiplier", "kernel_size");
    return config;
  }

 private:
  Variable kernel_;
};

}  // namespace

Layer layers::DepthwiseConv2D(Ints<2> kernel_size, DepthwiseConv2DArgs args) {
  if (args.kernel_size != Ints<2>(0)) refuse_twice("DepthwiseConv2D", "kernel_size");
  args.kernel_size = kernel_size;
  return make_layer<DepthwiseConv2DBody>(std::move(args));
}

Maker layers::makers::DepthwiseConv2D() { return custom<DepthwiseConv2DBody>(); }

}  // namespace keras
