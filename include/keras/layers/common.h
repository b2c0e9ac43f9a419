// What the Args of layers have in common: the arguments of every layer, at their end, and what keeps numbers in braces
// from being taken for them.
#pragma once

#include <keras/layer.h>

namespace keras {

// The first member of Args that begin with numbers: no value turns into it, so {2, 2} is never Args. Without it
// `Conv2D(8, {3, 3}, {2, 2})` would compile and mean filters = 2.
struct ByName {
  constexpr explicit ByName() = default;
};

// Spelled out in each Args struct, because designated initializers cannot name a base's members. `weights`, of layers
// that have some, follows: initial weights in the order of get_weights(). It is no part of the configuration.
#define KERAS_LAYER_ARGS                \
  std::optional<std::string> name = {}; \
  bool trainable = true;                \
  std::optional<DType> dtype = {};      \
  std::optional<Shape> input_shape = {};
#define KERAS_LAYER_FIELDS(A)                                                   \
  f("name", &A::name, "Name of the layer.");                                    \
  f("trainable", &A::trainable, "Whether training moves the weights.");         \
  f("dtype", &A::dtype, "Of the weights and the computation; floatx if none."); \
  f("input_shape", &A::input_shape, "Shape of an input without the batch, for the first layer of a Sequential.");

}  // namespace keras
