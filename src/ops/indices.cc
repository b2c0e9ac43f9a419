// Operations with indices, sorting, and softmax.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <numeric>

#include "ops/record.h"
#include "ops/shapes.h"
#include "ops/tensor_node.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::ops {

namespace {
using primitives::Op;

Tensor value(const Tensor& x) { return materialize(x, x.dtype()); }

Tensor indices_of(const Tensor& x, const char* op) {
  if (!x.dtype().is_integer()) {
    throw ValueError(fmt::format("ops::{}: indices must be integers. Received: dtype={}.", op, x.dtype().name()));
  }
  return value(x);
}

// `x` with `axis` last, and the way back.
struct LastAxis {
  Tensor moved;
  Axes back;
};
LastAxis move_last(const Tensor& x, int axis, const char* op) {
  const int rank = x.ndim(), along = normalize_axis(axis, rank, op);
  Axes order(static_cast<std::size_t>(rank)), back(static_cast<std::size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  order.erase(order.begin() + along);
  order.push_back(along);
  for (int i = 0; i < rank; ++i) back[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = i;
  return {transpose(x, order), back};
}

std::vector<Tensor> sorted(const Tensor& x, std::int64_t k, bool ascending) {
  return apply_all(primitives::def(Op::top_k), primitives::TopKAttrs{k, ascending}, {x});
}

Tensor along_axis(Op op, const char* name, const Tensor& x, int axis) {
  const Tensor real = x.dtype().is_floating() ? value(x) : cast(x, config::floatx());
  return apply(primitives::def(op), primitives::AxisAttrs{normalize_axis(axis, x.ndim(), name)}, {real});
}
}  // namespace

Tensor take(const Tensor& x, const Tensor& indices, int axis) {
  KERAS_RECORD_2_AS(arguments("axis", axis), x, indices, take(x, indices, axis))
  return apply(primitives::def(Op::gather), primitives::AxisAttrs{normalize_axis(axis, x.ndim(), "take")},
               {value(x), indices_of(indices, "take")});
}
Tensor take_along_axis(const Tensor& x, const Tensor& indices, int axis) {
  KERAS_RECORD_2_AS(arguments("axis", axis), x, indices, take_along_axis(x, indices, axis))
  return apply(primitives::def(Op::take_along_axis),
               primitives::AxisAttrs{normalize_axis(axis, x.ndim(), "take_along_axis")},
               {value(x), indices_of(indices, "take_along_axis")});
}
Tensor scatter_add(const Tensor& x, const Tensor& indices, const Tensor& updates) {
  KERAS_RECORD_3(x, indices, updates, scatter_add(x, indices, updates))
  return apply(primitives::def(Op::scatter_add), {},
               {value(x), indices_of(indices, "scatter_add"), cast(updates, x.dtype())});
}

Tensor one_hot(const Tensor& x, std::int64_t num_classes, int axis) {
  KERAS_RECORD_AS(arguments("num_classes", num_classes, "axis", axis), x, one_hot(x, num_classes, axis))
  if (num_classes < 1)
    throw ValueError(fmt::format("ops::one_hot: num_classes must be positive. Received: {}.", num_classes));
  const Tensor hot = apply(primitives::def(Op::one_hot), primitives::OneHotAttrs{num_classes, config::floatx()},
                           {indices_of(x, "one_hot")});
  const int rank = hot.ndim(), at = normalize_axis(axis, rank, "one_hot");
  Axes order;
  for (int i = 0; i < rank - 1; ++i) order.push_back(i);
  order.insert(order.begin() + at, rank - 1);
  return transpose(hot, order);
}

Tensor sort(const Tensor& x, int axis) {
  KERAS_RECORD_AS(arguments("axis", axis), x, sort(x, axis))
  if (x.dtype() == DType::boolean) return cast(sort(cast(x, DType::int32), axis), DType::boolean);
  const LastAxis last = move_last(value(x), axis, "sort");
  return transpose(sorted(last.moved, last.moved.shape(-1).value(), true)[0], last.back);
}
Tensor argsort(const Tensor& x, int axis) {
  KERAS_RECORD_AS(arguments("axis", axis), x, argsort(x, axis))
  const LastAxis last = move_last(x.dtype() == DType::boolean ? cast(x, DType::int32) : value(x), axis, "argsort");
  return transpose(sorted(last.moved, last.moved.shape(-1).value(), true)[1], last.back);
}
std::pair<Tensor, Tensor> top_k(const Tensor& x, std::int64_t k) {
  if (recording(x)) {
    const std::vector<Tensor> pair = record_op(
        __func__, {x},
        [=](const std::vector<Tensor>& in) {
          const auto [values, indices] = top_k(in[0], k);
          return std::vector<Tensor>{values, indices};
        },
        arguments("__class__", "TopK", "k", k, "sorted", true));
    return {pair[0], pair[1]};
  }
  const Dim size = x.ndim() > 0 ? x.shape(-1) : Dim(0);
  if (k < 1 || (size.known() && k > size.value())) {
    throw ValueError(fmt::format("ops::top_k: k must lie in [1, {}] for shape {}. Received: k={}.",
                                 size.known() ? size.value() : 0, x.shape().str(), k));
  }
  const std::vector<Tensor> results = sorted(value(x), k, false);
  return {results[0], results[1]};
}

Tensor in_top_k(const Tensor& targets, const Tensor& predictions, std::int64_t k) {
  KERAS_RECORD_2(targets, predictions, in_top_k(targets, predictions, k))
  const Tensor score = squeeze(take_along_axis(predictions, expand_dims(targets, -1), -1), {-1});
  const Tensor above = sum(cast(greater(predictions, expand_dims(score, -1)), DType::int32), {-1});
  return logical_and(less(above, k), isfinite(score));
}

Tensor softmax(const Tensor& x, int axis) {
  KERAS_RECORD_AS(arguments("axis", axis), x, softmax(x, axis))
  return along_axis(Op::softmax, "softmax", x, axis);
}
Tensor log_softmax(const Tensor& x, int axis) {
  KERAS_RECORD_AS(arguments("axis", axis), x, log_softmax(x, axis))
  return along_axis(Op::log_softmax, "log_softmax", x, axis);
}

}  // namespace keras::ops
