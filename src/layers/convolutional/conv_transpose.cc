// Conv2DTranspose, Conv3DTranspose: what flows back through a convolution, as a layer of its own.
#include "layers/convolutional/conv_body.h"

namespace keras {
namespace {

template <int N>
class TransposeBody : public layers::ConvBody<ConvTransposeArgs<N>, N> {
  using Base = layers::ConvBody<ConvTransposeArgs<N>, N>;
  using Base::args_;

 public:
  TransposeBody(const char* what, ConvTransposeArgs<N> args) : Base(what, std::move(args)) {
    layers::refuse_strides_with_dilation<N>(what, args_.strides, args_.dilation_rate);
    if (!args_.output_padding) return;
    for (std::size_t axis = 0; axis < N; ++axis) {
      if ((*args_.output_padding)[axis] < args_.strides[axis]) continue;
      throw ValueError(
          fmt::format("{}: output_padding must be smaller than strides. Received: output_padding={}, strides={}.", what,
                      layers::tuple<N>(*args_.output_padding), layers::tuple<N>(args_.strides)));
    }
  }

  void build(const Shape& input) override {
    kernel_ = this->add_weight("kernel", this->window(args_.filters, this->channels(input)), args_.kernel_initializer,
                               {.regularizer = args_.kernel_regularizer, .constraint = args_.kernel_constraint});
    this->add_bias(args_.filters);
  }

  Tensor call(const Tensor& x) override {
    std::vector<std::int64_t> added;
    if (args_.output_padding) added = layers::sizes<N>(*args_.output_padding);
    return this->finish(ops::conv_transpose(x, kernel_, this->options(), added));
  }

 private:
  Variable kernel_;
};

}  // namespace

#define KERAS_CONV_TRANSPOSE(N)                                                                                 \
  namespace {                                                                                                   \
  struct Conv##N##DTransposeBody final : TransposeBody<N> {                                                     \
    static constexpr auto class_name = "Conv" #N "DTranspose";                                                  \
    explicit Conv##N##DTransposeBody(ConvTransposeArgs<N> args) : TransposeBody(class_name, std::move(args)) {} \
  };                                                                                                            \
  }                                                                                                             \
  Layer layers::Conv##N##DTranspose(std::int64_t filters, Ints<N> kernel_size, ConvTransposeArgs<N> args) {     \
    return make_layer<Conv##N##DTransposeBody>(                                                                 \
        with_filters<N>("Conv" #N "DTranspose", filters, kernel_size, std::move(args)));                        \
  }                                                                                                             \
  Maker layers::makers::Conv##N##DTranspose() { return custom<Conv##N##DTransposeBody>(); }
KERAS_CONV_TRANSPOSE(2)
KERAS_CONV_TRANSPOSE(3)
#undef KERAS_CONV_TRANSPOSE

}  // namespace keras
