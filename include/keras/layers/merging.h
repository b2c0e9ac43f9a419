// keras::layers: Add, Subtract, Multiply, Average, Maximum, Minimum, Concatenate, Dot: layers of several inputs, called
// as layer({a, b}); and the same as functions of tensors.
#pragma once

#include <keras/layers/common.h>

namespace keras {

struct MergeArgs {
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("name", &MergeArgs::name, "Name of the layer.");
    f("trainable", &MergeArgs::trainable, "Whether training moves the weights.");
    f("dtype", &MergeArgs::dtype, "Of the computation; floatx if none.");
  }
};

using AddArgs = MergeArgs;
using SubtractArgs = MergeArgs;
using MultiplyArgs = MergeArgs;
using AverageArgs = MergeArgs;
using MaximumArgs = MergeArgs;
using MinimumArgs = MergeArgs;

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

struct DotArgs {
  ByName by_name = ByName();
  Ints<2> axes = 0;
  bool normalize = false;
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("axes", &DotArgs::axes, "The axis of each input along which the products are summed; not the batch.",
      was("dot_axes"));
    f("normalize", &DotArgs::normalize, "Whether the inputs are scaled to length 1 along it: cosine proximity.");
    f("name", &DotArgs::name, "Name of the layer.");
    f("trainable", &DotArgs::trainable, "Whether training moves the weights.");
    f("dtype", &DotArgs::dtype, "Of the computation; floatx if none.");
  }
};

namespace layers {
// Element by element. The shapes of the inputs broadcast; one of lower rank gets axes of size 1 after the batch.
// ValueError with the shapes when they do not fit. Subtract takes two inputs, the others any number.
KERAS_API Layer Add(AddArgs args = {});
KERAS_API Layer Subtract(SubtractArgs args = {});
KERAS_API Layer Multiply(MultiplyArgs args = {});
KERAS_API Layer Average(AverageArgs args = {});
KERAS_API Layer Maximum(MaximumArgs args = {});
KERAS_API Layer Minimum(MinimumArgs args = {});
// The inputs one after another along the axis; all other sizes are the same, or it is a ValueError with the shapes.
KERAS_API Layer Concatenate(int axis, ConcatenateArgs args = {});
KERAS_API Layer Concatenate(ConcatenateArgs args = {});
// For each sample, the sums of products of two inputs along an axis of each: (batch, i, k) and (batch, k, j) with axes
// {2, 1} give (batch, i, j). Two vectors give (batch, 1). ValueError when the sizes differ.
KERAS_API Layer Dot(Ints<2> axes, DotArgs args = {});

// The same for tensors, by a new layer each.
KERAS_API Tensor add(const std::vector<Tensor>& inputs, AddArgs args = {});
KERAS_API Tensor subtract(const std::vector<Tensor>& inputs, SubtractArgs args = {});
KERAS_API Tensor multiply(const std::vector<Tensor>& inputs, MultiplyArgs args = {});
KERAS_API Tensor average(const std::vector<Tensor>& inputs, AverageArgs args = {});
KERAS_API Tensor maximum(const std::vector<Tensor>& inputs, MaximumArgs args = {});
KERAS_API Tensor minimum(const std::vector<Tensor>& inputs, MinimumArgs args = {});
KERAS_API Tensor concatenate(const std::vector<Tensor>& inputs, int axis = -1, ConcatenateArgs args = {});
KERAS_API Tensor dot(const std::vector<Tensor>& inputs, Ints<2> axes, DotArgs args = {});
}  // namespace layers

}  // namespace keras
