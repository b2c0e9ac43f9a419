// keras::layers: Add, Concatenate: layers of several inputs, called as layer({a, b}).
#pragma once

#include <keras/layers/common.h>

namespace keras {

struct AddArgs {
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("name", &AddArgs::name, "Name of the layer.");
    f("trainable", &AddArgs::trainable, "Whether training moves the weights.");
    f("dtype", &AddArgs::dtype, "Of the computation; floatx if none.");
  }
};

struct ConcatenateArgs {
  ByName by_name = ByName();
  int axis = -1;
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("axis", &ConcatenateArgs::axis, "Along which the inputs are joined.", was("concat_axis"));
    f("name", &ConcatenateArgs::name, "Name of the layer.");
    f("trainable", &ConcatenateArgs::trainable, "Whether training moves the weights.");
    f("dtype", &ConcatenateArgs::dtype, "Of the computation; floatx if none.");
  }
};

namespace layers {
// The sum of the inputs, whose shapes broadcast; one of lower rank gets axes of size 1 after the batch. ValueError with
// the shapes when they do not fit.
KERAS_API Layer Add(AddArgs args = {});
// The inputs one after another along the axis; all other sizes are the same, or it is a ValueError with the shapes.
KERAS_API Layer Concatenate(int axis, ConcatenateArgs args = {});
KERAS_API Layer Concatenate(ConcatenateArgs args = {});
}  // namespace layers

}  // namespace keras
