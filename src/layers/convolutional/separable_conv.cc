// SeparableConv1D, SeparableConv2D: each channel by itself, then all channels of a pixel.
#include "layers/convolutional/conv_body.h"

namespace keras {
namespace {

template <int N>
class SeparableBody : public layers::ConvBody<SeparableConvArgs<N>, N> {
  using Base = layers::ConvBody<SeparableConvArgs<N>, N>;
  using Base::args_;

 public:
  SeparableBody(const char* what, SeparableConvArgs<N> args) : Base(what, std::move(args), N == 1) {}

  void build(const Shape& input) override {
    const std::int64_t width = this->channels(input), multiplier = args_.depth_multiplier;
    depthwise_ =
        this->add_weight("depthwise_kernel", this->window(width, multiplier), args_.depthwise_initializer,
                         {.regularizer = args_.depthwise_regularizer, .constraint = args_.depthwise_constraint});
    Shape point;
    for (int axis = 0; axis < N; ++axis) point.push_back(1);
    point.push_back(Dim(width) * Dim(multiplier));
    point.push_back(args_.filters);
    pointwise_ =
        this->add_weight("pointwise_kernel", point, args_.pointwise_initializer,
                         {.regularizer = args_.pointwise_regularizer, .constraint = args_.pointwise_constraint});
    this->add_bias(args_.filters);
  }

  Tensor call(const Tensor& x) override {
    if (args_.padding != "causal") return this->finish(ops::separable_conv(x, depthwise_, pointwise_, this->options()));
    ops::ConvOptions options = this->options();  // zeros in front, then no padding
    options.padding = "valid";
    const std::int64_t before = (Dim(args_.kernel_size[0] - 1) * Dim(args_.dilation_rate[0])).value();
    const bool first = *args_.data_format == "channels_first";
    const Tensor padded = ops::pad(x, {{0, 0}, {first ? 0 : before, 0}, {first ? before : 0, 0}});
    return this->finish(ops::separable_conv(padded, depthwise_, pointwise_, options));
  }

  Config get_config() const override {
    Config config = Base::get_config();
    layers::move_before(config, "depth_multiplier", "filters");
    return config;
  }

 private:
  Variable depthwise_, pointwise_;
};

}  // namespace

#define KERAS_SEPARABLE_CONV(N)                                                                                 \
  namespace {                                                                                                   \
  struct SeparableConv##N##DBody final : SeparableBody<N> {                                                     \
    static constexpr auto class_name = "SeparableConv" #N "D";                                                  \
    explicit SeparableConv##N##DBody(SeparableConvArgs<N> args) : SeparableBody(class_name, std::move(args)) {} \
  };                                                                                                            \
  }                                                                                                             \
  Layer layers::SeparableConv##N##D(std::int64_t filters, Ints<N> kernel_size, SeparableConvArgs<N> args) {     \
    return make_layer<SeparableConv##N##DBody>(                                                                 \
        with_filters<N>("SeparableConv" #N "D", filters, kernel_size, std::move(args)));                        \
  }                                                                                                             \
  Maker layers::makers::SeparableConv##N##D() { return custom<SeparableConv##N##DBody>(); }
KERAS_SEPARABLE_CONV(1)
KERAS_SEPARABLE_CONV(2)
#undef KERAS_SEPARABLE_CONV

}  // namespace keras
