#include "ops/shapes.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>

#include <algorithm>
#include <numeric>

#include "ops/tensor_node.h"
#include "support/text.h"

namespace keras::ops {

Shape broadcast_shapes(const Shape& a, const Shape& b, const char* op) {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  Shape result = longer;
  const std::size_t shift = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    const Dim x = longer[i + shift], y = shorter[i];
    if (x == y || y == Dim(1)) continue;
    if (x == Dim(1) || (!x.known() && y.known())) {
      result[i + shift] = y;
    } else if (y.known()) {
      throw ValueError(fmt::format(
          "ops::{}: shapes {} and {} do not broadcast: each pair of sizes, counted from the end, must be equal "
          "or one of them 1.",
          op, a.str(), b.str()));
    }
  }
  return result;
}

int normalize_axis(int axis, int rank, const char* op) {
  if (axis < -rank || axis >= rank) {
    throw ValueError(fmt::format("ops::{}: axis must lie in [-{}, {}) for an operand of rank {}. Received: axis={}.",
                                 op, rank, rank, rank, axis));
  }
  return axis < 0 ? axis + rank : axis;
}

ir::Ints normalize_axes(const Axes& axes, int rank, const char* op) {
  ir::Ints result;
  if (axes.empty()) {
    result.resize(static_cast<std::size_t>(rank));
    std::iota(result.begin(), result.end(), 0);
    return result;
  }
  for (int axis : axes) result.push_back(normalize_axis(axis, rank, op));
  std::sort(result.begin(), result.end());
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    throw ValueError(fmt::format("ops::{}: an axis is given twice. Received: axes=({}).", op, fmt::join(axes, ", ")));
  }
  return result;
}

bool channels_first(const char* op, const std::optional<std::string>& data_format, const char* space) {
  const std::string format = data_format.value_or(config::image_data_format());
  if (format == "channels_first" || format == "channels_last") return format == "channels_first";
  throw ValueError(fmt::format("{}{}: data_format must be channels_last or channels_first. Received: \"{}\".{}", space,
                               op, format, support::did_you_mean(format, {"channels_last", "channels_first"})));
}

DType promote(const std::vector<Tensor>& operands) {
  using Kind = TensorNode::Kind;
  bool arrays = false, integers = false, reals = false;
  DType dtype;
  for (const Tensor& operand : operands) {
    const NodePtr& node = node_of(operand);
    if (node->kind == Kind::integer) {
      integers = true;
    } else if (node->kind == Kind::real) {
      reals = true;
    } else {
      dtype = arrays ? result_type(dtype, node->type.dtype) : node->type.dtype;
      arrays = true;
    }
  }
  if (reals) return arrays && dtype.is_floating() ? dtype : config::floatx();
  if (integers) return arrays && dtype != DType::boolean ? dtype : DType(DType::int32);
  return dtype;
}

std::vector<Tensor> align(const std::vector<Tensor>& operands, DType dtype, const char* op) {
  Shape shape = operands[0].shape();
  for (std::size_t i = 1; i < operands.size(); ++i) shape = broadcast_shapes(shape, operands[i].shape(), op);
  std::vector<Tensor> aligned;
  for (const Tensor& operand : operands) aligned.push_back(broadcast_to(cast(operand, dtype), shape));
  return aligned;
}

}  // namespace keras::ops
