// The front functions of the elementwise rows: promotion, broadcasting, one node.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "ops/record.h"
#include "ops/shapes.h"
#include "ops/tensor_node.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::ops {

namespace {
using primitives::Op;

Tensor elementwise(Op op, std::vector<Tensor> operands) {
  const ir::OpDef& def = primitives::def(op);
  const primitives::Kind kind = primitives::elementwise(def)->kind;
  const char* name = def.name.data();
  std::vector<Tensor> condition;
  if (kind == primitives::Kind::choose) {
    condition = {operands[0]};
    operands.erase(operands.begin());
  }
  DType dtype = promote(operands);
  if (kind == primitives::Kind::real && !dtype.is_floating()) dtype = config::floatx();
  if (kind == primitives::Kind::logic) dtype = DType::boolean;
  if (kind == primitives::Kind::same && dtype == DType::boolean) dtype = DType::int32;  // True + True is 2
  if (condition.empty()) return apply(def, {}, align(operands, dtype, name));
  Shape shape = broadcast_shapes(operands[0].shape(), operands[1].shape(), name);
  shape = broadcast_shapes(shape, condition[0].shape(), name);
  return apply(def, {},
               {broadcast_to(cast(condition[0], DType::boolean), shape), broadcast_to(cast(operands[0], dtype), shape),
                broadcast_to(cast(operands[1], dtype), shape)});
}
}  // namespace

#define KERAS_UNARY(name, ...)               \
  Tensor name(const Tensor& x) {             \
    KERAS_RECORD_AS(arguments(), x, name(x)) \
    return elementwise(Op::name, {x});       \
  }
#define KERAS_BINARY(name, ...)                      \
  Tensor name(const Tensor& a, const Tensor& b) {    \
    KERAS_RECORD_2_AS(arguments(), a, b, name(a, b)) \
    return elementwise(Op::name, {a, b});            \
  }
#define KERAS_TERNARY(name, ...)                                   \
  Tensor name(const Tensor& m, const Tensor& a, const Tensor& b) { \
    KERAS_RECORD_3_AS(arguments(), m, a, b, name(m, a, b))         \
    return elementwise(Op::name, {m, a, b});                       \
  }
#include <keras/elementwise.def>

namespace {
// Keras's Clip has numbers for its limits.
Config clip_arguments(const Tensor& low, const Tensor& high) {
  const auto number = [](const Tensor& limit) -> Config {
    const NodePtr& node = node_of(limit);
    if (node->kind == TensorNode::Kind::integer) return static_cast<std::int64_t>(node->number);
    if (node->kind == TensorNode::Kind::real) return node->number;
    return {};
  };
  const Config least = number(low), most = number(high);
  if (least.is_null() || most.is_null()) return {};
  return arguments("x_min", least, "x_max", most, "__args__", Config::list({slot(0)}));
}
}  // namespace

Tensor clip(const Tensor& x, const Tensor& low, const Tensor& high) {
  KERAS_RECORD_3_AS(clip_arguments(low, high), x, low, high, clip(x, low, high))
  return minimum(maximum(x, low), high);
}

Tensor logaddexp(const Tensor& a, const Tensor& b) {
  KERAS_RECORD_2_AS(arguments(), a, b, logaddexp(a, b))
  const Tensor larger = maximum(a, b);
  const Tensor difference = a - b;
  // Equal infinities have the difference NaN; their sum is themselves.
  return where(isnan(difference), a + b, larger + log1p(exp(-abs(difference))));
}

Tensor cast(const Tensor& x, DType dtype) {
  KERAS_RECORD_AS(arguments("dtype", dtype), x, cast(x, dtype))
  const Tensor value = materialize(x, dtype);
  if (value.dtype() == dtype) return value;
  return apply(primitives::def(Op::cast), primitives::CastAttrs{dtype}, {value});
}

Tensor stop_gradient(const Tensor& x) {
  KERAS_RECORD_AS(arguments(), x, stop_gradient(x))
  return apply(primitives::def(Op::stop_gradient), {}, {materialize(x, x.dtype())});
}

Tensor print(const Tensor& x, const std::string& message) {
  KERAS_RECORD(x, ops::print(x, message))
  return apply(primitives::def(Op::print), primitives::PrintAttrs{message}, {materialize(x, x.dtype())});
}

}  // namespace keras::ops
