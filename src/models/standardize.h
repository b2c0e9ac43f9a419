// What a model makes of the tensors it is called on before its layers see them.
#pragma once

#include <keras/layer.h>

#include "ir/graph.h"

namespace keras {

// Whether `shape` is one of those that `expected`, which may have None, stands for; the batch does not count.
bool fits(const Shape& expected, const Shape& shape);

// The input in the model's dtype, with an axis of 1 at its end where there is one too many or too few, as Keras does.
// ValueError when it does not fit; `which` names the input where there are several.
Tensor standardize(const LayerBody& model, const ir::Type& expected, const Tensor& given,
                   const std::string& which = "");

}  // namespace keras
