// InputLayer: where a functional model begins. It is never called: its tensor is given.
#include "layers/core/input_layer.h"

#include <keras/error.h>

#include "layers/layer_call.h"
#include "layers/layer_state.h"
#include "layers/table.h"

namespace keras {
namespace {

struct InputLayerBody final : LayerBody {
  static constexpr auto class_name = "InputLayer";
  using Args = InputLayerArgs;
  explicit InputLayerBody(Args) { state().built = true; }
  Tensor call(const Tensor& x) override { return x; }

  Config get_config() const override {
    Config config = LayerBody::get_config();
    return Config::map({{"batch_shape", config.at("batch_shape")},
                        {"dtype", dtype().name()},
                        {"sparse", false},
                        {"ragged", false},
                        {"name", name()},
                        {"optional", false}});
  }
};

}  // namespace

Tensor layers::input_tensor(const Shape& batch_shape, DType dtype, std::optional<std::string> name) {
  if (name && name->empty()) name.reset();
  const Layer layer = make_layer<InputLayerBody>({.batch_shape = batch_shape, .dtype = dtype, .name = std::move(name)});
  layer.body()->state().output_shape = batch_shape;
  const auto record = std::make_shared<LayerCall>(layer, Call{}, std::nullopt);
  layer.body()->state().calls.push_back(record);
  return ops::begin_with(record, {dtype, batch_shape});
}

Maker layers::makers::InputLayer() { return custom<InputLayerBody>(); }

}  // namespace keras
