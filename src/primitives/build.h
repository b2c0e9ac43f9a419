// Nodes by name: what vjp functions and passes write graphs with. Operands must already have equal shapes and dtypes,
// as primitives never broadcast and never promote. Elementwise ops have names and operators in primitives/value.h.
#pragma once

#include <initializer_list>
#include <span>

#include "ir/graph.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::primitives {

using ir::Value;

Value node(Op op, std::initializer_list<Value> inputs, ir::Attrs attrs = {});
Value node(Op op, std::span<const Value> inputs, ir::Attrs attrs = {});
Value splat(ir::Graph& graph, double value, DType dtype, Shape shape);
Value constant(ir::Graph& graph, const Array& value);
Value zeros_like(Value x);
Value iota(ir::Graph& graph, IotaAttrs attrs);
Value sum(Value x, Ints axes, bool keepdims);
Value reshape(Value x, Shape shape);  // x itself when it has the shape
Value transpose(Value x, Ints permutation);
Value swap_last_axes(Value x);
Value broadcast(Value x, Shape shape);  // x itself when it has the shape
Value cast(Value x, DType dtype);       // x itself when it has the dtype
Value matmul(Value a, Value b, MatmulAttrs attrs = {});
Value slice(Value x, Ints start, Ints size);
Value pad(Value x, Ints before, Ints after, double value = 0);
Value reduce_to(Value x, Shape shape);  // the transpose of broadcast: sums what broadcasting to x's shape repeated

// The reverse of taking elements along an axis: an array of zeros to whose elements indices[…] along `axis` x is added.
Value scatter_along_axis(Value x, Value indices, std::int64_t axis, Shape shape);

}  // namespace keras::primitives
