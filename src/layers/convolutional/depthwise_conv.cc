// DepthwiseConv1D, DepthwiseConv2D: each channel is convolved by itself.
#include "layers/convolutional/conv_body.h"

namespace keras {
namespace {

template <int N>
class DepthwiseBody : public layers::ConvBody<DepthwiseConvArgs<N>, N> {
  using Base = layers::ConvBody<DepthwiseConvArgs<N>, N>;
  using Base::args_;

 public:
  DepthwiseBody(const char* what, DepthwiseConvArgs<N> args) : Base(what, std::move(args)) {}

  void build(const Shape& input) override {
    const std::int64_t width = this->channels(input);
    kernel_ = this->add_weight("kernel", this->window(width, args_.depth_multiplier), args_.depthwise_initializer,
                               {.regularizer = args_.depthwise_regularizer, .constraint = args_.depthwise_constraint});
    this->add_bias(width * args_.depth_multiplier);
  }

  Tensor call(const Tensor& x) override { return this->finish(ops::depthwise_conv(x, kernel_, this->options())); }

  Config get_config() const override {
    Config config = Base::get_config();
    layers::move_before(config, "depth_multiplier", "kernel_size");
    return config;
  }

 private:
  Variable kernel_;
};

}  // namespace

#define KERAS_DEPTHWISE_CONV(N)                                                                                       \
  namespace {                                                                                                         \
  struct DepthwiseConv##N##DBody final : DepthwiseBody<N> {                                                           \
    static constexpr auto class_name = "DepthwiseConv" #N "D";                                                        \
    explicit DepthwiseConv##N##DBody(DepthwiseConvArgs<N> args) : DepthwiseBody(class_name, std::move(args)) {}       \
  };                                                                                                                  \
  }                                                                                                                   \
  Layer layers::DepthwiseConv##N##D(Ints<N> kernel_size, DepthwiseConvArgs<N> args) {                                 \
    return make_layer<DepthwiseConv##N##DBody>(with_kernel<N>("DepthwiseConv" #N "D", kernel_size, std::move(args))); \
  }                                                                                                                   \
  Maker layers::makers::DepthwiseConv##N##D() { return custom<DepthwiseConv##N##DBody>(); }
KERAS_DEPTHWISE_CONV(1)
KERAS_DEPTHWISE_CONV(2)
#undef KERAS_DEPTHWISE_CONV

}  // namespace keras
