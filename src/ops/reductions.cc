// Reductions and products.
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

Tensor reduce(Op op, const char* name, const Tensor& operand, const Axes& axes, bool keepdims) {
  const Tensor x = materialize(operand, operand.dtype());
  ir::Ints along = normalize_axes(axes, x.ndim(), name);
  if (along.empty()) return op == Op::any || op == Op::all ? cast(x, DType::boolean) : x;  // a scalar
  return apply(primitives::def(op), primitives::ReduceAttrs{std::move(along), keepdims}, {x});
}

Tensor real(const Tensor& x) { return x.dtype().is_floating() ? x : cast(x, config::floatx()); }

// Keras sums booleans and small integers in 32 bits.
Tensor wide(const Tensor& x) {
  switch (x.dtype().kind()) {
    case DType::boolean:
    case DType::int8:
    case DType::int16:
      return cast(x, DType::int32);
    case DType::uint8:
    case DType::uint16:
      return cast(x, DType::uint32);
    default:
      return x;
  }
}
}  // namespace

Tensor sum(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, sum(x, axes, keepdims))
  return reduce(Op::sum, "sum", wide(x), axes, keepdims);
}
Tensor mean(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, mean(x, axes, keepdims))
  return reduce(Op::mean, "mean", real(x), axes, keepdims);
}
Tensor prod(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, prod(x, axes, keepdims))
  return reduce(Op::prod, "prod", wide(x), axes, keepdims);
}
Tensor max(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, ops::max(x, axes, keepdims))
  return x.dtype() == DType::boolean ? any(x, axes, keepdims) : reduce(Op::reduce_max, "max", x, axes, keepdims);
}
Tensor min(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, ops::min(x, axes, keepdims))
  return x.dtype() == DType::boolean ? all(x, axes, keepdims) : reduce(Op::reduce_min, "min", x, axes, keepdims);
}
Tensor any(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, any(x, axes, keepdims))
  return reduce(Op::any, "any", cast(x, DType::boolean), axes, keepdims);
}
Tensor all(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, all(x, axes, keepdims))
  return reduce(Op::all, "all", cast(x, DType::boolean), axes, keepdims);
}

Tensor var(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, var(x, axes, keepdims))
  const Tensor value = real(x);
  return mean(square(value - mean(value, axes, true)), axes, keepdims);
}
Tensor std(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, std(x, axes, keepdims))
  return sqrt(var(x, axes, keepdims));
}
Tensor norm(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, norm(x, axes, keepdims))
  return sqrt(sum(square(real(x)), axes, keepdims));
}

Tensor logsumexp(const Tensor& x, const Axes& axes, bool keepdims) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes), "keepdims", keepdims), x, logsumexp(x, axes, keepdims))
  const Tensor value = real(x);
  const Tensor largest = stop_gradient(max(value, axes, true));
  const Tensor shift = where(isfinite(largest), largest, 0.0);  // inf - inf would be NaN
  const Tensor total = log(sum(exp(value - shift), axes, true)) + shift;
  if (keepdims) return total;
  const ir::Ints along = normalize_axes(axes, x.ndim(), "logsumexp");
  return squeeze(total, Axes(along.begin(), along.end()));
}

namespace {
Tensor arg(Op op, const char* name, const Tensor& x, int axis) {
  return apply(primitives::def(op), primitives::AxisAttrs{normalize_axis(axis, x.ndim(), name)}, {x});
}
}  // namespace

Tensor argmax(const Tensor& x, int axis) {
  KERAS_RECORD_AS(arguments("axis", axis, "keepdims", false), x, argmax(x, axis))
  return arg(Op::argmax, "argmax", x, axis);
}
Tensor argmin(const Tensor& x, int axis) {
  KERAS_RECORD_AS(arguments("axis", axis, "keepdims", false), x, argmin(x, axis))
  return arg(Op::argmin, "argmin", x, axis);
}
Tensor cumsum(const Tensor& x, int axis) {
  KERAS_RECORD_AS(arguments("axis", axis), x, cumsum(x, axis))
  return apply(primitives::def(Op::cumsum), primitives::CumsumAttrs{normalize_axis(axis, x.ndim(), "cumsum"), false},
               {x.dtype() == DType::boolean ? cast(x, DType::int32) : materialize(x, x.dtype())});
}

// By doubling: after step k each element is the product of up to 2^k before it. Products alone keep gradients right
// where elements are 0.
Tensor cumprod(const Tensor& x, int axis) {
  KERAS_RECORD_AS(arguments("axis", axis), x, cumprod(x, axis))
  const auto along = static_cast<std::size_t>(normalize_axis(axis, x.ndim(), "cumprod"));
  Tensor y = x.dtype() == DType::boolean ? cast(x, DType::int32) : materialize(x, x.dtype());
  const Dim size = x.shape()[along];
  if (!size.known()) return y;  // of the same type
  std::vector<std::pair<std::int64_t, std::int64_t>> widths(x.shape().size());
  ir::Ints start(x.shape().size(), 0), sizes(x.shape().size(), -1);
  for (std::int64_t distance = 1; distance < size.value(); distance *= 2) {
    widths[along] = {distance, 0};
    sizes[along] = size.value() - distance;
    y = y * pad(slice(y, start, sizes), widths, 1);
  }
  return y;
}

namespace {
[[noreturn]] void refuse_product(const char* op, const Tensor& a, const Tensor& b) {
  throw ValueError(
      fmt::format("ops::{}: shapes {} and {} do not fit: the last axis of the first must equal the last but one "
                  "of the second.",
                  op, a.shape().str(), b.shape().str()));
}
bool equal_or_unknown(Dim a, Dim b) { return !a.known() || !b.known() || a == b; }

// Rank 2 or more on both sides.
Tensor product(const Tensor& a, const Tensor& b) {
  const Shape sa = a.shape(), sb = b.shape();
  if (!equal_or_unknown(sa.back(), sb[sb.size() - 2])) refuse_product("matmul", a, b);
  const ir::OpDef& def = primitives::def(Op::matmul);
  if (sb.rank() == 2) {  // the leading axes of a are rows
    if (sa.rank() == 2) return apply(def, primitives::MatmulAttrs{}, {a, b});
    const Tensor rows = reshape(a, {Dim(), sa.back()});
    Shape shape = sa.slice(0, -1);
    shape.push_back(sb.back());
    return reshape(apply(def, primitives::MatmulAttrs{}, {rows, b}), shape);
  }
  const Shape batch = broadcast_shapes(sa.slice(0, -2), sb.slice(0, -2), "matmul");
  Shape wide_a = batch, wide_b = batch;
  for (int i : {2, 1}) {
    wide_a.push_back(sa[sa.size() - static_cast<std::size_t>(i)]);
    wide_b.push_back(sb[sb.size() - static_cast<std::size_t>(i)]);
  }
  return apply(def, primitives::MatmulAttrs{}, {broadcast_to(a, wide_a), broadcast_to(b, wide_b)});
}
}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  KERAS_RECORD_2_AS(arguments(), a, b, matmul(a, b))
  if (a.ndim() == 0 || b.ndim() == 0) {
    throw ValueError(fmt::format("ops::matmul: operands must have rank 1 or more. Received: shapes {} and {}.",
                                 a.shape().str(), b.shape().str()));
  }
  DType dtype = promote({a, b});
  if (a.dtype() == DType::int8 && b.dtype() == DType::int8) dtype = DType::int32;  // as Keras: a byte would overflow
  if (dtype == DType::boolean) return cast(matmul(cast(a, DType::int32), cast(b, DType::int32)), dtype);
  Tensor x = cast(a, dtype), y = cast(b, dtype);
  if (x.ndim() == 1) x = expand_dims(x, 0);
  if (y.ndim() == 1) y = expand_dims(y, 1);
  Tensor result = product(x, y);
  if (b.ndim() == 1) result = squeeze(result, {-1});
  if (a.ndim() == 1) result = squeeze(result, {b.ndim() == 1 ? -1 : -2});
  return result;
}

Tensor dot(const Tensor& a, const Tensor& b) {
  KERAS_RECORD_2_AS(arguments(), a, b, dot(a, b))
  if (a.ndim() == 0 || b.ndim() == 0) return a * b;
  if (b.ndim() <= 2) return matmul(a, b);
  // Rows of a with columns of every matrix of b.
  const int rank = b.ndim();
  Axes order;
  order.push_back(rank - 2);
  for (int i = 0; i < rank; ++i) {
    if (i != rank - 2) order.push_back(i);
  }
  const Tensor columns = transpose(b, order);
  const Shape inner = columns.shape().slice(1);
  const Tensor flat = matmul(a, reshape(columns, {columns.shape(0), Dim()}));
  Shape shape = a.shape().slice(0, -1);
  for (Dim dim : inner) shape.push_back(dim);
  return reshape(flat, shape);
}

namespace {
// (batch, rows, size of the axis): the other axes joined.
Tensor rows_along(const Tensor& x, int axis) {
  Axes order;
  for (int i = 0; i < x.ndim(); ++i) {
    if (i != axis) order.push_back(i);
  }
  order.push_back(axis);
  const Tensor moved = transpose(x, order);
  if (moved.ndim() == 3) return moved;
  Dim rows = 1;
  for (const Dim size : moved.shape().slice(1, -1)) rows = rows * size;
  return reshape(moved, {moved.shape(0), rows, moved.shape(-1)});
}
int batch_dot_axis(const Tensor& x, int axis) {
  const int along = normalize_axis(axis, x.ndim(), "batch_dot");
  if (along != 0) return along;
  throw ValueError(fmt::format(
      "ops::batch_dot: the axis of the sum cannot be the batch. Received: axis={} for shape {}. Add a batch with "
      "expand_dims(x, 0) if there is none.",
      axis, x.shape().str()));
}
}  // namespace

Tensor batch_dot(const Tensor& a, const Tensor& b, int axis_a, int axis_b) {
  KERAS_RECORD_2(a, b, batch_dot(a, b, axis_a, axis_b))
  if (a.ndim() < 2 || b.ndim() < 2) {
    throw ValueError(
        fmt::format("ops::batch_dot: operands must have rank 2 or more, the batch included. Received: "
                    "shapes {} and {}.",
                    a.shape().str(), b.shape().str()));
  }
  const int along_a = batch_dot_axis(a, axis_a), along_b = batch_dot_axis(b, axis_b);
  if (!equal_or_unknown(a.shape(along_a), b.shape(along_b)) || !equal_or_unknown(a.shape(0), b.shape(0))) {
    throw ValueError(fmt::format(
        "ops::batch_dot: the operands must have one batch, and one size along the axes of the sum. Received: "
        "shapes {} and {}, axes {} and {}.",
        a.shape().str(), b.shape().str(), axis_a, axis_b));
  }
  Shape shape{a.shape(0).known() ? a.shape(0) : b.shape(0)};
  for (int i = 1; i < a.ndim(); ++i) {
    if (i != along_a) shape.push_back(a.shape(i));
  }
  for (int i = 1; i < b.ndim(); ++i) {
    if (i != along_b) shape.push_back(b.shape(i));
  }
  if (shape.rank() == 1) shape.push_back(1);
  return reshape(matmul(rows_along(a, along_a), transpose(rows_along(b, along_b), {0, 2, 1})), shape);
}

}  // namespace keras::ops
