// The front functions of the chains (primitives/chains.def): the optimizers' updates, one node each.
#pragma once

#include <keras/tensor.h>

#include <vector>

#include "primitives/op.h"

namespace keras::ops {

// The results of a chain over `full` tensors, all of one shape and dtype, and `scalars`, numbers or tensors of shape
// (), which are cast to that dtype. Inside a trace or outside.
std::vector<Tensor> chain(primitives::Op op, const std::vector<Tensor>& full, const std::vector<Tensor>& scalars);

}  // namespace keras::ops
