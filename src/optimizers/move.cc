#include "optimizers/move.h"

#include <keras/ops.h>

#include "ops/chains.h"

namespace keras::optimizers {

void move(primitives::Op chain, const std::vector<Variable>& states, const Tensor& gradient,
          const std::vector<Tensor>& scalars) {
  std::vector<Tensor> full(states.begin(), states.end());
  full.push_back(gradient);
  const std::vector<Tensor> moved = ops::chain(chain, full, scalars);
  for (std::size_t i = 0; i < states.size(); ++i) Variable(states[i]).assign(moved[i]);
}

Tensor number(double value, DType dtype) { return ops::full({}, value, dtype); }

Tensor rest_of_power(double base, const Tensor& step) { return 1 - ops::power(number(base, step.dtype()), step); }

}  // namespace keras::optimizers
