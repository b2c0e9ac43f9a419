// LocallyConnected1D, LocallyConnected2D: at each place of the window a kernel of its own.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/local.h>
#include <keras/ops.h>

#include "layers/convolutional/conv_body.h"
#include "ops/local_conv.h"

namespace keras {
namespace {

template <int N>
class LocalBody : public layers::ConvBody<LocallyConnectedArgs<N>, N> {
  using Base = layers::ConvBody<LocallyConnectedArgs<N>, N>;
  using Base::args_;
  using Base::bias_;

 public:
  LocalBody(const char* what, LocallyConnectedArgs<N> args) : Base(what, std::move(args)) {
    if (args_.padding != "valid" || args_.implementation != 1) {
      throw NotImplementedError(
          fmt::format("{}: only padding=\"valid\" with implementation=1 is there. Received: padding=\"{}\", "
                      "implementation={}. Put ZeroPadding{}D in front for zeros around.",
                      what, args_.padding, args_.implementation, N));
    }
  }

  void build(const Shape& input) override {
    const bool last = channels_last();
    channels_ = this->channels(input);
    const Shape space = last ? input.slice(1, -1) : input.slice(2);
    if (!space.known()) {
      throw ValueError(
          fmt::format("{}: all sizes of the input but the batch must be known, because there is a kernel for each "
                      "place. Received: shape={}.",
                      layers::describe(*this), input.str()));
    }
    places_ = Shape();
    for (std::size_t axis = 0; axis < N; ++axis) {
      const std::int64_t room = space[axis].value() - args_.kernel_size[axis];
      if (room < 0) {
        throw ValueError(
            fmt::format("{}: the window does not fit into the input. Received: kernel_size={}, an input of shape {}.",
                        layers::describe(*this), layers::tuple<N>(args_.kernel_size), input.str()));
      }
      places_.push_back(room / args_.strides[axis] + 1);
    }
    Shape bias = places_;
    bias.push_back(args_.filters);
    Dim seen = channels_;
    for (const std::int64_t size : args_.kernel_size) seen = seen * Dim(size);
    kernel_ = this->add_weight("kernel", {places_.elements(), seen, args_.filters}, args_.kernel_initializer,
                               {.regularizer = args_.kernel_regularizer, .constraint = args_.kernel_constraint});
    if (args_.use_bias) {
      bias_ = this->add_weight("bias", bias, args_.bias_initializer,
                               {.regularizer = args_.bias_regularizer, .constraint = args_.bias_constraint});
    }
    space_ = space;
  }

  Tensor call(const Tensor& x) override {
    const bool last = channels_last();
    check_space(x);
    Tensor y = ops::local_conv(x, kernel_, {args_.kernel_size.begin(), args_.kernel_size.end()},
                               {args_.strides.begin(), args_.strides.end()}, places_, !last);
    // Keras takes the numbers of a bias (places…, filters) as one of (filters, places…), without turning its axes.
    if (args_.use_bias) y = y + (last ? Tensor(bias_) : ops::reshape(bias_, places_.with_front(args_.filters)));
    return args_.activation(y);
  }

 private:
  bool channels_last() const { return *args_.data_format == "channels_last"; }

  void check_space(const Tensor& x) const {
    const Shape space = channels_last() ? x.shape().slice(1, -1) : x.shape().slice(2);
    if (!space.known() || space == space_) return;
    throw ValueError(
        fmt::format("{}: its kernels were made for inputs of {} elements along the axes of space. Received: shape={}.",
                    layers::describe(*this), space_.str(), x.shape().str()));
  }

  std::int64_t channels_ = 0;
  Shape space_, places_;
  Variable kernel_;
};

}  // namespace

#define KERAS_LOCALLY_CONNECTED(N)                                                                                \
  namespace {                                                                                                     \
  struct LocallyConnected##N##DBody final : LocalBody<N> {                                                        \
    static constexpr auto class_name = "LocallyConnected" #N "D";                                                 \
    explicit LocallyConnected##N##DBody(LocallyConnectedArgs<N> args) : LocalBody(class_name, std::move(args)) {} \
  };                                                                                                              \
  }                                                                                                               \
  Layer layers::LocallyConnected##N##D(std::int64_t filters, Ints<N> kernel_size, LocallyConnectedArgs<N> args) { \
    return make_layer<LocallyConnected##N##DBody>(                                                                \
        with_filters<N>("LocallyConnected" #N "D", filters, kernel_size, std::move(args)));                       \
  }                                                                                                               \
  Maker layers::makers::LocallyConnected##N##D() { return custom<LocallyConnected##N##DBody>(); }
KERAS_LOCALLY_CONNECTED(1)
KERAS_LOCALLY_CONNECTED(2)
#undef KERAS_LOCALLY_CONNECTED

}  // namespace keras
