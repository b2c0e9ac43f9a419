// Conv1D, Conv2D, Conv3D: a window that moves over the axes of space and sees all channels, or those of its group.
#include "layers/convolutional/conv_body.h"

namespace keras {
namespace {

template <int N>
class ConvolutionBody : public layers::ConvBody<ConvArgs<N>, N> {
  using Base = layers::ConvBody<ConvArgs<N>, N>;
  using Base::args_;

 public:
  ConvolutionBody(const char* what, ConvArgs<N> args) : Base(what, std::move(args), N == 1) {
    layers::refuse_strides_with_dilation<N>(what, args_.strides, args_.dilation_rate);
    if (args_.filters % args_.groups != 0) {
      throw ValueError(fmt::format("{}: filters must be a multiple of groups. Received: filters={}, groups={}.", what,
                                   args_.filters, args_.groups));
    }
  }

  void build(const Shape& input) override {
    const std::int64_t width = this->channels(input);
    if (width % args_.groups != 0) {
      throw ValueError(
          fmt::format("{}: the channels of the input must be a multiple of groups. Received: {} channels of shape={}, "
                      "groups={}.",
                      layers::describe(*this), width, input.str(), args_.groups));
    }
    kernel_ = this->add_weight("kernel", this->window(width / args_.groups, args_.filters), args_.kernel_initializer,
                               {.regularizer = args_.kernel_regularizer, .constraint = args_.kernel_constraint});
    this->add_bias(args_.filters);
  }

  Tensor call(const Tensor& x) override { return this->finish(ops::conv(x, kernel_, this->options())); }

 private:
  Variable kernel_;
};

}  // namespace

#define KERAS_CONV(N)                                                                                         \
  namespace {                                                                                                 \
  struct Conv##N##DBody final : ConvolutionBody<N> {                                                          \
    static constexpr auto class_name = "Conv" #N "D";                                                         \
    explicit Conv##N##DBody(ConvArgs<N> args) : ConvolutionBody(class_name, std::move(args)) {}               \
  };                                                                                                          \
  }                                                                                                           \
  Layer layers::Conv##N##D(std::int64_t filters, Ints<N> kernel_size, ConvArgs<N> args) {                     \
    return make_layer<Conv##N##DBody>(with_filters<N>("Conv" #N "D", filters, kernel_size, std::move(args))); \
  }                                                                                                           \
  Maker layers::makers::Conv##N##D() { return custom<Conv##N##DBody>(); }
KERAS_CONV(1)
KERAS_CONV(2)
KERAS_CONV(3)
#undef KERAS_CONV

}  // namespace keras
