// Activation: an activation function as a layer, and a layer as an activation function.
#include <keras/layers/core.h>

#include "layers/layer_state.h"
#include "layers/table.h"

namespace keras {
namespace {

struct ActivationBody final : LayerBody {
  static constexpr auto class_name = "Activation";
  using Args = ActivationArgs;
  explicit ActivationBody(Args args) : args_(std::move(args)) {
    set_supports_masking();
    if (args_.activation.layer()) child("activation", *args_.activation.layer());
  }
  Tensor call(const Tensor& x) override { return args_.activation(x); }

 private:
  Args args_;
};

}  // namespace

keras::Activation::Activation(const Layer& layer)
    : function_([layer](const Tensor& x) { return layer(x); }),
      name_(layer.name()),
      layer_(std::make_shared<const Layer>(layer)),
      layer_config_(layers::shelf().write(layer.body().get())) {}

keras::Activation keras::Activation::from_layer(const Config& config) { return layers::from_config(config); }

Layer layers::Activation(const keras::Activation& activation, ActivationArgs args) {
  if (args.activation) refuse_twice("Activation", "activation");
  args.activation = activation;
  return make_layer<ActivationBody>(std::move(args));
}

Maker layers::makers::Activation() { return custom<ActivationBody>(); }

}  // namespace keras
