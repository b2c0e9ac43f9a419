// Random ops: inside a trace the stream is named by the layer; outside each Tensor takes the next stream of
// random::seed.
#include <keras/ops.h>

#include "ops/tensor_node.h"
#include "ops/trace.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "tensor/random_stream.h"

namespace keras::ops {

namespace {
using primitives::Op;

Tensor draw(Op op, double a, double b, DType dtype, const Shape& shape) {
  Trace* trace = Trace::current();
  const auto stream = trace ? trace->next_stream() : static_cast<std::int64_t>(keras::next_stream());
  const Tensor step = trace && !trace->step().empty() ? trace->step() : Tensor(Array::scalar_int(0, DType::int64));
  return apply(primitives::def(op), primitives::RandomAttrs{a, b, dtype, shape},
               {Tensor(Array::scalar_int(stream, DType::int64)), step});
}
}  // namespace

Tensor random_uniform(const Shape& shape, double minval, double maxval, DType dtype) {
  return draw(Op::random_uniform, minval, maxval, dtype, shape);
}
Tensor random_normal(const Shape& shape, double mean, double stddev, DType dtype) {
  return draw(Op::random_normal, mean, stddev, dtype, shape);
}
Tensor random_truncated_normal(const Shape& shape, double mean, double stddev, DType dtype) {
  return draw(Op::random_truncated_normal, mean, stddev, dtype, shape);
}

}  // namespace keras::ops
