#include "ops/chains.h"

#include <keras/ops.h>

#include "ops/tensor_node.h"
#include "primitives/primitives.h"

namespace keras::ops {

std::vector<Tensor> chain(primitives::Op op, const std::vector<Tensor>& full, const std::vector<Tensor>& scalars) {
  std::vector<Tensor> operands = full;
  for (const Tensor& scalar : scalars) operands.push_back(cast(scalar, full[0].dtype()));
  return apply_all(primitives::def(op), {}, operands);
}

}  // namespace keras::ops
