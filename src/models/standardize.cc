#include "models/standardize.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "layers/layer_state.h"

namespace keras {

bool fits(const Shape& expected, const Shape& shape) {
  bool same = expected.rank() == shape.rank();
  for (std::size_t i = 1; same && i < expected.size(); ++i) {
    same = !expected[i].known() || !shape[i].known() || expected[i] == shape[i];
  }
  return same;
}

Tensor standardize(const LayerBody& model, const ir::Type& expected, const Tensor& given, const std::string& which) {
  const Shape& shape = given.shape();
  Tensor x = given;
  if (shape.rank() == expected.shape.rank() + 1 && shape.back() == Dim(1)) {
    x = ops::squeeze(x, {-1});
  } else if (shape.rank() + 1 == expected.shape.rank() && expected.shape.back() == Dim(1)) {
    x = ops::expand_dims(x, -1);
  }
  if (!fits(expected.shape, x.shape())) {
    throw ValueError(fmt::format(
        "{}: expected {} of shape {}. Received: shape={}. Reshape the data, or say in the {} what they are.",
        layers::describe(model), which.empty() ? "an input" : fmt::format("the input «{}»", which),
        expected.shape.str(), shape.str(), which.empty() ? "first layer" : "Input"));
  }
  return ops::cast(x, expected.dtype);
}

}  // namespace keras
