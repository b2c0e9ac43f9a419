// The node builders.
#include "primitives/build.h"

#include <algorithm>
#include <numeric>

#include "primitives/value.h"

namespace keras::primitives {

Value node(Op op, std::span<const Value> inputs, ir::Attrs attrs) {
  ir::Graph& graph = *inputs.front().graph;
  std::vector<ir::ValueId> ids(inputs.size());
  std::ranges::transform(inputs, ids.begin(), &Value::id);
  return graph.at(graph.add(def(op), std::move(attrs), std::move(ids)));
}

Value node(Op op, std::initializer_list<Value> inputs, ir::Attrs attrs) {
  return node(op, std::span(inputs.begin(), inputs.size()), std::move(attrs));
}

Value splat(ir::Graph& graph, double value, DType dtype, Shape shape) {
  return graph.at(graph.add(def(Op::splat), SplatAttrs{value, dtype, std::move(shape)}, {}));
}

Value constant(ir::Graph& graph, const Array& value) {
  return graph.at(graph.add(def(Op::constant), ConstantAttrs{value}, {}));
}

Value zeros_like(Value x) {
  const ir::Type type = x.type();
  return splat(*x.graph, 0, type.dtype, type.shape);
}

Value iota(ir::Graph& graph, IotaAttrs attrs) { return graph.at(graph.add(def(Op::iota), std::move(attrs), {})); }

Value sum(Value x, Ints axes, bool keepdims) {
  if (axes.empty()) return x;
  return node(Op::sum, {x}, ReduceAttrs{std::move(axes), keepdims});
}

Value reshape(Value x, Shape shape) {
  if (x.type().shape == shape) return x;
  return node(Op::reshape, {x}, ShapeAttrs{std::move(shape)});
}

Value transpose(Value x, Ints permutation) { return node(Op::transpose, {x}, TransposeAttrs{std::move(permutation)}); }

Value swap_last_axes(Value x) {
  Ints permutation(x.type().shape.size());
  std::iota(permutation.begin(), permutation.end(), 0);
  std::swap(permutation.end()[-1], permutation.end()[-2]);
  return transpose(x, std::move(permutation));
}

Value broadcast(Value x, Shape shape) {
  if (x.type().shape == shape) return x;
  return node(Op::broadcast, {x}, ShapeAttrs{std::move(shape)});
}

Value cast(Value x, DType dtype) { return x.type().dtype == dtype ? x : node(Op::cast, {x}, CastAttrs{dtype}); }

Value matmul(Value a, Value b, MatmulAttrs attrs) { return node(Op::matmul, {a, b}, attrs); }

Value slice(Value x, Ints start, Ints size) {
  return node(Op::slice, {x}, SliceAttrs{std::move(start), std::move(size)});
}

Value pad(Value x, Ints before, Ints after, double value) {
  return node(Op::pad, {x}, PadAttrs{std::move(before), std::move(after), value});
}

Value reduce_to(Value x, Shape shape) {
  const Shape from = x.type().shape;
  if (from == shape) return x;
  Ints axes;
  const int extra = from.rank() - shape.rank();
  for (int d = 0; d < from.rank(); ++d) {
    const bool repeated = d < extra || (shape[static_cast<std::size_t>(d - extra)] == Dim(1) &&
                                        from[static_cast<std::size_t>(d)] != Dim(1));
    if (repeated) axes.push_back(d);
  }
  return reshape(sum(x, std::move(axes), false), shape);
}

Value scatter_along_axis(Value x, Value indices, std::int64_t axis, Shape shape) {
  ir::Graph& graph = *x.graph;
  const Shape at = indices.type().shape;
  const auto n = shape[static_cast<std::size_t>(axis)].value();
  // The place of each element in the flat result; one past the end, which scatter_add drops, where the index is
  // outside.
  Value i = cast(indices, DType::int64);
  i = select(i < 0, i + static_cast<double>(n), i);
  const Value outside = node(Op::logical_or, {i < 0, i >= static_cast<double>(n)});
  std::int64_t stride = 1;
  Value flat;
  for (int d = shape.rank() - 1; d >= 0; --d) {
    const auto step = static_cast<double>(stride);
    const Value part = d == axis ? i * step : iota(graph, {0, step, d, DType::int64, at});
    flat = flat ? flat + part : part;
    stride *= shape[static_cast<std::size_t>(d)].value();
  }
  flat = select(outside, static_cast<double>(stride), flat);
  const Value zeros = splat(graph, 0, x.type().dtype, {stride});
  const std::int64_t count = at.elements();
  return reshape(node(Op::scatter_add, {zeros, reshape(flat, {count}), reshape(x, {count})}), shape);
}

}  // namespace keras::primitives
