// Dropout, SpatialDropout1D/2D/3D, AlphaDropout: in training a random part of the elements is dropped, and the others
// change so that the sum, or mean and variance, stay as they were.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/regularization.h>
#include <keras/ops.h>

#include <cmath>

#include "layers/layer_state.h"
#include "layers/regularization/draws.h"
#include "layers/spatial.h"
#include "layers/table.h"
#include "ops/noise.h"

namespace keras {
namespace {

// What is left of `x`, in training.
Tensor drop(const Tensor& x, double rate, layers::Draws& draws, const Shape& noise) {
  return ops::dropped(x, rate, [&] { return draws.uniform(noise); });
}

Shape noise_shape(const LayerBody& layer, const std::optional<Shape>& given, const Shape& input) {
  return ops::noise_shape(layers::describe(layer), given, input);
}

struct DropoutBody final : LayerBody {
  static constexpr auto class_name = "Dropout";
  using Args = DropoutArgs;
  explicit DropoutBody(Args args) : args_(std::move(args)), draws_(*this, args_.seed) { set_supports_masking(); }

  std::vector<Tensor> call_all(const Call& call) override {
    const Tensor& x = call.inputs[0];
    if (!call.training || args_.rate == 0) return {x};
    return {drop(x, args_.rate, draws_, noise_shape(*this, args_.noise_shape, x.shape()))};
  }

  Config get_config() const override {
    Config config = LayerBody::get_config();
    layers::move_before(config, "seed", "noise_shape");
    return config;
  }

 private:
  Args args_;
  layers::Draws draws_;
};

// Channels as a whole.
template <class B, class A>
class SpatialDropoutBody : public LayerBody {
 public:
  using Args = A;
  SpatialDropoutBody(A args, int axes) : args_(std::move(args)), draws_(*this, args_.seed) {
    set_supports_masking();
    state().input_spec.rank = axes + 2;
    if constexpr (requires { args_.data_format; })
      args_.data_format = layers::data_format_of(B::class_name, args_.data_format);
  }

  std::vector<Tensor> call_all(const Call& call) override {
    const Tensor& x = call.inputs[0];
    if (!call.training || args_.rate == 0) return {x};
    Shape noise = x.shape();
    bool first = false;
    if constexpr (requires { args_.data_format; }) first = *args_.data_format == "channels_first";
    const std::size_t begin = first ? 2 : 1;
    for (std::size_t axis = begin; axis < begin + noise.size() - 2; ++axis) noise[axis] = 1;
    return {drop(x, args_.rate, draws_, noise)};
  }

  // With the data format that holds, as Keras writes it.
  Config get_config() const override {
    Config config = LayerBody::get_config();
    if constexpr (requires { args_.data_format; }) config.set("data_format", *args_.data_format);
    return config;
  }

 private:
  A args_;
  layers::Draws draws_;
};

struct SpatialDropout1DBody final : SpatialDropoutBody<SpatialDropout1DBody, SpatialDropout1DArgs> {
  static constexpr auto class_name = "SpatialDropout1D";
  explicit SpatialDropout1DBody(SpatialDropout1DArgs args) : SpatialDropoutBody(std::move(args), 1) {}
};
struct SpatialDropout2DBody final : SpatialDropoutBody<SpatialDropout2DBody, SpatialDropoutArgs> {
  static constexpr auto class_name = "SpatialDropout2D";
  explicit SpatialDropout2DBody(SpatialDropoutArgs args) : SpatialDropoutBody(std::move(args), 2) {}
};
struct SpatialDropout3DBody final : SpatialDropoutBody<SpatialDropout3DBody, SpatialDropoutArgs> {
  static constexpr auto class_name = "SpatialDropout3D";
  explicit SpatialDropout3DBody(SpatialDropoutArgs args) : SpatialDropoutBody(std::move(args), 3) {}
};

struct AlphaDropoutBody final : LayerBody {
  static constexpr auto class_name = "AlphaDropout";
  using Args = AlphaDropoutArgs;
  explicit AlphaDropoutBody(Args args) : args_(std::move(args)), draws_(*this, args_.seed) { set_supports_masking(); }

  std::vector<Tensor> call_all(const Call& call) override {
    const Tensor& x = call.inputs[0];
    const double rate = args_.rate;
    if (!call.training || rate == 0) return {x};
    constexpr double kLimit = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717;  // of selu
    const Tensor kept = draws_.uniform(noise_shape(*this, args_.noise_shape, x.shape())) >= rate;
    const double a = 1 / std::sqrt((1 - rate) * (1 + rate * kLimit * kLimit)), b = -a * kLimit * rate;
    return {ops::where(kept, x, kLimit) * a + b};
  }

  Config get_config() const override {
    Config config = LayerBody::get_config();
    layers::move_before(config, "seed", "noise_shape");
    return config;
  }

 private:
  Args args_;
  layers::Draws draws_;
};

template <class A>
A with_rate(double rate, A args, const char* layer) {
  if (args.rate != 0) layers::refuse_twice(layer, "rate");
  args.rate = rate;
  return args;
}

}  // namespace

#define KERAS_DROPOUT(Class)                                                  \
  Layer layers::Class(double rate, Class##Args args) {                        \
    return make_layer<Class##Body>(with_rate(rate, std::move(args), #Class)); \
  }                                                                           \
  Maker layers::makers::Class() { return custom<Class##Body>(); }
KERAS_DROPOUT(Dropout)
KERAS_DROPOUT(SpatialDropout1D)
KERAS_DROPOUT(SpatialDropout2D)
KERAS_DROPOUT(SpatialDropout3D)
KERAS_DROPOUT(AlphaDropout)
#undef KERAS_DROPOUT

}  // namespace keras
