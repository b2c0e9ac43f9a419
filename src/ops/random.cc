// Random ops: inside a trace the stream is named by the layer; outside each Tensor takes the next stream of
// random::seed.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "ops/noise.h"
#include "ops/record.h"
#include "ops/tensor_node.h"
#include "ops/trace.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "tensor/random_stream.h"

namespace keras::ops {

namespace {
using primitives::Op;

std::int64_t stream_of(Seed seed) {
  if (seed) return Trace(static_cast<std::uint64_t>(*seed)).next_stream();
  Trace* trace = Trace::current();
  return trace ? trace->next_stream() : static_cast<std::int64_t>(keras::next_stream());
}

Tensor draw(Op op, double a, double b, DType dtype, const Shape& shape, Seed seed) {
  const Trace* trace = Trace::current();
  const Tensor step = trace && !trace->step().empty() ? trace->step() : Tensor(Array::scalar_int(0, DType::int64));
  return apply(primitives::def(op), primitives::RandomAttrs{a, b, dtype, shape},
               {Tensor(Array::scalar_int(stream_of(seed), DType::int64)), step});
}

double probability(const char* op, const char* what, double value) {
  if (value >= 0 && value <= 1) return value;
  throw ValueError(fmt::format("ops::{}: {} must lie in [0, 1]. Received: {}.", op, what, value));
}
}  // namespace

Tensor random_uniform(const Shape& shape, double minval, double maxval, DType dtype, Seed seed) {
  return draw(Op::random_uniform, minval, maxval, dtype, shape, seed);
}
Tensor random_normal(const Shape& shape, double mean, double stddev, DType dtype, Seed seed) {
  return draw(Op::random_normal, mean, stddev, dtype, shape, seed);
}
Tensor random_truncated_normal(const Shape& shape, double mean, double stddev, DType dtype, Seed seed) {
  return draw(Op::random_truncated_normal, mean, stddev, dtype, shape, seed);
}

Tensor random_binomial(const Shape& shape, std::int64_t counts, double p, DType dtype, Seed seed) {
  if (counts < 0)
    throw ValueError(fmt::format("ops::random_binomial: counts must not be negative. Received: {}.", counts));
  const Tensor tries = random_uniform(shape.with_front(counts), 0, 1, DType::float32, seed);
  return cast(sum(cast(tries < probability("random_binomial", "probability", p), DType::int32), {0}), dtype);
}

Tensor dropout(const Tensor& x, double rate, const std::optional<Shape>& noise_shape, Seed seed) {
  KERAS_RECORD(x, dropout(x, rate, noise_shape, seed))
  probability("dropout", "rate", rate);
  const Shape noise = ops::noise_shape("ops::dropout", noise_shape, x.shape());
  if (rate == 0) return x;
  return dropped(x, rate, [&] { return random_uniform(noise, 0, 1, DType::float32, seed); });
}

Shape noise_shape(const std::string& who, const std::optional<Shape>& given, const Shape& input) {
  if (!given) return input;
  Shape shape = *given;
  bool fits = shape.rank() == input.rank();
  for (std::size_t axis = 0; fits && axis < shape.size(); ++axis) {
    if (!shape[axis].known()) shape[axis] = input[axis];
    fits = shape[axis] == input[axis] || shape[axis] == Dim(1);
  }
  if (fits) return shape;
  throw ValueError(
      fmt::format("{}: noise_shape must have a 1, a None or the input's own size for each axis of the input. Received: "
                  "noise_shape={} for an input of shape {}.",
                  who, given->str(), input.str()));
}

}  // namespace keras::ops
