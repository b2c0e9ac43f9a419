// The names of scalar.h for ir::Value: each adds a node. Gradients of rows, vjp functions and passes are written with
// them. Operands must have equal types. Masks are bool values; `!`, `&&` and `||` keep their meaning of C++ (is there a
// value?).
#pragma once

#include "ir/graph.h"
#include "primitives/scalar.h"

namespace keras::ir {

KERAS_SCALAR_LITERALS

Value like(Value x, double k);  // a splat of x's type
#define KERAS_OPERATOR(op) Value operator op(Value a, Value b);
KERAS_OPERATOR(+)
KERAS_OPERATOR(-)
KERAS_OPERATOR(*)
KERAS_OPERATOR(/)
KERAS_OPERATOR(>)
KERAS_OPERATOR(<)
KERAS_OPERATOR(>=)
KERAS_OPERATOR(<=)
KERAS_OPERATOR(==)
KERAS_OPERATOR(!=)
#undef KERAS_OPERATOR
Value operator-(Value x);
#define KERAS_FUNCTION(name) Value name(Value x);
KERAS_SCALAR_UNARY(KERAS_FUNCTION)
#undef KERAS_FUNCTION
#define KERAS_FUNCTION(name) Value name(Value a, Value b);
KERAS_SCALAR_BINARY(KERAS_FUNCTION)
#undef KERAS_FUNCTION
Value select(Value m, Value a, Value b);

}  // namespace keras::ir
