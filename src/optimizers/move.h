// What the updates of most optimizers are made of.
#pragma once

#include <keras/optimizer.h>

#include <vector>

#include "primitives/op.h"

namespace keras::optimizers {

// Gives the states, the weight mostly first, what a chain (primitives/chains.def) makes of them and of the gradient,
// which is its last operand.
void move(primitives::Op chain, const std::vector<Variable>& states, const Tensor& gradient,
          const std::vector<Tensor>& scalars);

Tensor number(double value, DType dtype);               // as a scalar of this dtype: rounded to it before it is used
Tensor rest_of_power(double base, const Tensor& step);  // 1 - base ^ step, of step's dtype

}  // namespace keras::optimizers
