// ir::Value as a reading of the rows: every name adds the node of the same meaning.
#include "primitives/value.h"

#include "primitives/build.h"

namespace keras::ir {

using primitives::node;
using primitives::Op;

Value like(Value x, double k) {
  const Type type = x.type();  // a copy: adding a node moves the values
  return primitives::splat(*x.graph, k, type.dtype, type.shape);
}

#define KERAS_OPERATOR(op, name) \
  Value operator op(Value a, Value b) { return node(Op::name, {a, b}); }
KERAS_OPERATOR(+, add)
KERAS_OPERATOR(-, subtract)
KERAS_OPERATOR(*, multiply)
KERAS_OPERATOR(/, divide)
KERAS_OPERATOR(>, greater)
KERAS_OPERATOR(<, less)
KERAS_OPERATOR(>=, greater_equal)
KERAS_OPERATOR(<=, less_equal)
KERAS_OPERATOR(==, equal)
KERAS_OPERATOR(!=, not_equal)
#undef KERAS_OPERATOR
Value operator-(Value x) { return node(Op::negative, {x}); }

#define KERAS_FUNCTION(name, op) \
  Value name(Value x) { return node(Op::op, {x}); }
KERAS_FUNCTION(abs, abs)
KERAS_FUNCTION(acos, arccos)
KERAS_FUNCTION(acosh, arccosh)
KERAS_FUNCTION(asin, arcsin)
KERAS_FUNCTION(asinh, arcsinh)
KERAS_FUNCTION(atan, arctan)
KERAS_FUNCTION(atanh, arctanh)
KERAS_FUNCTION(ceil, ceil)
KERAS_FUNCTION(cos, cos)
KERAS_FUNCTION(cosh, cosh)
KERAS_FUNCTION(erf, erf)
KERAS_FUNCTION(exp, exp)
KERAS_FUNCTION(expm1, expm1)
KERAS_FUNCTION(floor, floor)
KERAS_FUNCTION(log, log)
KERAS_FUNCTION(log1p, log1p)
KERAS_FUNCTION(round, round)
KERAS_FUNCTION(rsqrt, rsqrt)
KERAS_FUNCTION(sign, sign)
KERAS_FUNCTION(sin, sin)
KERAS_FUNCTION(sinh, sinh)
KERAS_FUNCTION(sqrt, sqrt)
KERAS_FUNCTION(tan, tan)
KERAS_FUNCTION(tanh, tanh)
#undef KERAS_FUNCTION
Value atan2(Value a, Value b) { return node(Op::arctan2, {a, b}); }
Value floor_divide(Value a, Value b) { return node(Op::floor_divide, {a, b}); }
Value max(Value a, Value b) { return node(Op::maximum, {a, b}); }
Value min(Value a, Value b) { return node(Op::minimum, {a, b}); }
Value mod(Value a, Value b) { return node(Op::mod, {a, b}); }
Value pow(Value a, Value b) { return node(Op::power, {a, b}); }
Value select(Value m, Value a, Value b) { return node(Op::where, {m, a, b}); }

}  // namespace keras::ir
