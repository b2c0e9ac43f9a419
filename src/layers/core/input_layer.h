// The layer that every Input has, as Keras gives it one.
#pragma once

#include <keras/layer.h>

namespace keras {

struct InputLayerArgs {
  Shape batch_shape = {};
  std::optional<DType> dtype = {};
  bool sparse = false;
  bool ragged = false;
  std::optional<std::string> name = {};
  bool optional = false;
  static void fields(auto&& f) {
    f("batch_shape", &InputLayerArgs::batch_shape, "Shape of the input, the batch included.", was("batch_input_shape"));
    f("dtype", &InputLayerArgs::dtype, "Of the input.");
    f("sparse", &InputLayerArgs::sparse, "Not supported: false.");
    f("ragged", &InputLayerArgs::ragged, "Not supported: false.");
    f("name", &InputLayerArgs::name, "Name of the input.");
    f("optional", &InputLayerArgs::optional, "Not supported: false.");
  }
};

namespace layers {
// The tensor of a new InputLayer.
Tensor input_tensor(const Shape& batch_shape, DType dtype, std::optional<std::string> name = {});
}  // namespace layers

}  // namespace keras
