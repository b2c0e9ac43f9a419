// LeakyReLU, ELU, ThresholdedReLU, Softmax, ReLU: activation functions with arguments, as layers.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/activation.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/table.h"

namespace keras {
namespace {

// B::activate(args, x) is what the layer computes.
template <class B, class A>
class ActivationLayerBody : public LayerBody {
 public:
  using Args = A;
  explicit ActivationLayerBody(A args) : args_(std::move(args)) { set_supports_masking(); }
  Tensor call(const Tensor& x) override { return B::activate(args_, x); }

 private:
  A args_;
};

struct LeakyReLUBody final : ActivationLayerBody<LeakyReLUBody, LeakyReLUArgs> {
  static constexpr auto class_name = "LeakyReLU";
  using ActivationLayerBody::ActivationLayerBody;
  static Tensor activate(const LeakyReLUArgs& args, const Tensor& x) {
    return activations::leaky_relu(x, args.negative_slope);
  }
};
struct ELUBody final : ActivationLayerBody<ELUBody, ELUArgs> {
  static constexpr auto class_name = "ELU";
  using ActivationLayerBody::ActivationLayerBody;
  static Tensor activate(const ELUArgs& args, const Tensor& x) { return activations::elu(x, args.alpha); }
};
struct ThresholdedReLUBody final : ActivationLayerBody<ThresholdedReLUBody, ThresholdedReLUArgs> {
  static constexpr auto class_name = "ThresholdedReLU";
  using ActivationLayerBody::ActivationLayerBody;
  static Tensor activate(const ThresholdedReLUArgs& args, const Tensor& x) { return ops::where(x > args.theta, x, 0); }
};
struct ReLUBody final : ActivationLayerBody<ReLUBody, ReLUArgs> {
  static constexpr auto class_name = "ReLU";
  using ActivationLayerBody::ActivationLayerBody;
  static Tensor activate(const ReLUArgs& args, const Tensor& x) {
    return activations::relu(
        x, {.negative_slope = args.negative_slope, .max_value = args.max_value, .threshold = args.threshold});
  }
};

// Masked elements have no part in the sum.
struct SoftmaxBody final : LayerBody {
  static constexpr auto class_name = "Softmax";
  using Args = SoftmaxArgs;
  explicit SoftmaxBody(Args args) : args_(std::move(args)) { set_supports_masking(); }

  std::vector<Tensor> call_all(const Call& call) override {
    const Tensor& x = call.inputs[0];
    if (call.masks.empty() || call.masks[0].empty()) return {activations::softmax(x, args_.axis)};
    const Tensor& mask = call.masks[0];
    if (mask.ndim() > x.ndim()) {
      throw ValueError(
          fmt::format("{}: a mask must broadcast to the input. Received: a mask of shape {} for an input of "
                      "shape {}.",
                      layers::describe(*this), mask.shape().str(), x.shape().str()));
    }
    const double far = x.dtype() == DType::float16 ? -3e4 : -1e9;
    const Tensor kept = activations::softmax(ops::where(mask, x, far), args_.axis);
    return {ops::where(mask, kept, 0)};  // also where everything is masked
  }

 private:
  Args args_;
};

template <class T, class A>
A with(T A::*field, const T& value, A args, const char* layer, const char* name) {
  if (args.*field != A().*field) layers::refuse_twice(layer, name);
  args.*field = value;
  return args;
}

}  // namespace

#define KERAS_ACTIVATION_LAYER(Class)                                                        \
  Layer layers::Class(Class##Args args) { return make_layer<Class##Body>(std::move(args)); } \
  Maker layers::makers::Class() { return custom<Class##Body>(); }
KERAS_ACTIVATION_LAYER(LeakyReLU)
KERAS_ACTIVATION_LAYER(ELU)
KERAS_ACTIVATION_LAYER(ThresholdedReLU)
KERAS_ACTIVATION_LAYER(Softmax)
KERAS_ACTIVATION_LAYER(ReLU)
#undef KERAS_ACTIVATION_LAYER

Layer layers::LeakyReLU(double negative_slope, LeakyReLUArgs args) {
  return LeakyReLU(
      with(&LeakyReLUArgs::negative_slope, negative_slope, std::move(args), "LeakyReLU", "negative_slope"));
}
Layer layers::ELU(double alpha, ELUArgs args) {
  return ELU(with(&ELUArgs::alpha, alpha, std::move(args), "ELU", "alpha"));
}
Layer layers::ThresholdedReLU(double theta, ThresholdedReLUArgs args) {
  return ThresholdedReLU(with(&ThresholdedReLUArgs::theta, theta, std::move(args), "ThresholdedReLU", "theta"));
}
Layer layers::Softmax(int axis, SoftmaxArgs args) {
  return Softmax(with(&SoftmaxArgs::axis, axis, std::move(args), "Softmax", "axis"));
}

}  // namespace keras
