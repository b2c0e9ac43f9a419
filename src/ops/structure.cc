// Operations on shapes, and constants.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>
#include <limits>
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

// How configurations say what the ops were given.
Config sizes_config(const Shape& shape) {  // None is -1
  Config sizes = Config::list();
  for (const Dim size : shape) sizes.push_back(size.raw());
  return sizes;
}
Config list_arguments(const std::vector<Tensor>& tensors, int axis) {
  Config slots = Config::list();
  for (std::size_t i = 0; i < tensors.size(); ++i) slots.push_back(slot(i));
  return arguments("axis", axis, "__args__", Config::list({std::move(slots)}));
}
Config pad_arguments(const std::vector<std::pair<std::int64_t, std::int64_t>>& widths, double number) {
  Config pairs = Config::list();
  for (const auto& [before, after] : widths) pairs.push_back(Config::list({Config(before), Config(after)}));
  return arguments("pad_width", pairs, "mode", "constant", "__args__", Config::list({slot(0), number}));
}
}  // namespace

Tensor full(const Shape& shape, double number, DType dtype) {
  return apply(primitives::def(Op::splat), primitives::SplatAttrs{number, dtype, shape}, {});
}
Tensor zeros(const Shape& shape, DType dtype) { return ops::full(shape, 0, dtype); }
Tensor ones(const Shape& shape, DType dtype) { return ops::full(shape, 1, dtype); }
Tensor zeros_like(const Tensor& x) {
  KERAS_RECORD_AS(arguments(), x, zeros_like(x))
  return ops::zeros(x.shape(), x.dtype());
}
Tensor ones_like(const Tensor& x) {
  KERAS_RECORD_AS(arguments(), x, ones_like(x))
  return ops::ones(x.shape(), x.dtype());
}

Tensor arange(std::int64_t start, std::int64_t stop, std::int64_t step, DType dtype) {
  if (step == 0) throw ValueError("ops::arange: step must not be 0.");
  std::uint64_t count = 0;
  if (step > 0 ? start < stop : start > stop) {  // differences of any two numbers fit without a sign
    const auto from = static_cast<std::uint64_t>(start), to = static_cast<std::uint64_t>(stop),
               by = static_cast<std::uint64_t>(step);
    count = ((step > 0 ? to - from : from - to) - 1) / (step > 0 ? by : 0 - by) + 1;
  }
  constexpr std::uint64_t kEnd = std::numeric_limits<std::int64_t>::max();
  const Dim size = static_cast<std::int64_t>(std::min(count, kEnd));
  return apply(primitives::def(Op::iota),
               primitives::IotaAttrs{static_cast<double>(start), static_cast<double>(step), 0, dtype, {size}}, {});
}

Tensor eye(std::int64_t rows, std::optional<std::int64_t> columns, std::int64_t k, std::optional<DType> dtype) {
  const std::int64_t width = columns.value_or(rows);
  if (rows < 0 || width < 0) {
    throw ValueError(
        fmt::format("ops::eye: sizes must not be negative. Received: rows={} and columns={}.", rows, width));
  }
  const auto places = [&](double start, std::int64_t axis) {
    return apply(primitives::def(Op::iota), primitives::IotaAttrs{start, 1, axis, DType::int64, {rows, width}}, {});
  };
  return cast(equal(places(static_cast<double>(k), 0), places(0, 1)), dtype.value_or(config::floatx()));
}

Tensor reshape(const Tensor& x, const Shape& shape) {
  KERAS_RECORD_AS(arguments("newshape", sizes_config(shape)), x, reshape(x, shape))
  const Tensor operand = value(x);
  Shape target = shape;
  const auto unknown = std::count(shape.begin(), shape.end(), Dim());
  if (operand.shape().known()) {
    const std::int64_t size = operand.shape().elements();
    Dim product = 1;
    for (const Dim dim : shape) product = dim.known() ? product * dim : product;
    const std::int64_t rest = product.value();
    const bool fits = unknown == 0 ? rest == size : unknown == 1 && (rest == 0 ? size == 0 : size % rest == 0);
    if (!fits) {
      throw ValueError(fmt::format("ops::reshape: a tensor of shape {} ({} elements) cannot take the shape {}.",
                                   operand.shape().str(), size, shape.str()));
    }
    for (std::size_t i = 0; i < target.size(); ++i) {
      if (!target[i].known()) target[i] = rest == 0 ? 0 : size / rest;
    }
  }
  if (target == operand.shape() && target.known()) return operand;
  return apply(primitives::def(Op::reshape), primitives::ShapeAttrs{target}, {operand});
}

Tensor transpose(const Tensor& x, const Axes& axes) {
  KERAS_RECORD_AS(arguments("axes", axes.empty() ? Config() : keras::as_config(axes)), x, transpose(x, axes))
  const Tensor operand = value(x);
  ir::Ints permutation(static_cast<std::size_t>(operand.ndim()));
  std::iota(permutation.rbegin(), permutation.rend(), 0);
  if (!axes.empty()) {
    if (axes.size() != permutation.size()) {
      throw ValueError(fmt::format("ops::transpose: axes must name each of the {} axes once. Received: ({}).",
                                   operand.ndim(), fmt::join(axes, ", ")));
    }
    normalize_axes(axes, operand.ndim(), "transpose");  // refuses repeated ones
    for (std::size_t i = 0; i < axes.size(); ++i) permutation[i] = normalize_axis(axes[i], operand.ndim(), "transpose");
  }
  if (std::is_sorted(permutation.begin(), permutation.end())) return operand;
  return apply(primitives::def(Op::transpose), primitives::TransposeAttrs{permutation}, {operand});
}

Tensor expand_dims(const Tensor& x, int axis) {
  KERAS_RECORD_AS(arguments("axis", axis), x, expand_dims(x, axis))
  const int at = normalize_axis(axis, x.ndim() + 1, "expand_dims");
  Shape shape = x.shape().slice(0, at);
  shape.push_back(1);
  for (Dim dim : x.shape().slice(at)) shape.push_back(dim);
  return reshape(x, shape);
}

Tensor squeeze(const Tensor& x, const Axes& axes) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes)), x, squeeze(x, axes))
  const ir::Ints given = axes.empty() ? ir::Ints{} : normalize_axes(axes, x.ndim(), "squeeze");
  Shape shape;
  for (std::size_t i = 0; i < x.shape().size(); ++i) {
    const bool named = std::find(given.begin(), given.end(), static_cast<std::int64_t>(i)) != given.end();
    if (named && x.shape()[i].known() && x.shape()[i] != Dim(1)) {
      throw ValueError(fmt::format("ops::squeeze: axis {} of shape {} is not 1.", i, x.shape().str()));
    }
    if (!(named || (axes.empty() && x.shape()[i] == Dim(1)))) shape.push_back(x.shape()[i]);
  }
  return reshape(x, shape);
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  KERAS_RECORD_AS(arguments("shape", sizes_config(shape)), x, broadcast_to(x, shape))
  const Tensor operand = value(x);
  if (operand.shape() == shape) return operand;
  if (broadcast_shapes(operand.shape(), shape, "broadcast_to") != shape) {
    throw ValueError(fmt::format("ops::broadcast_to: a tensor of shape {} does not broadcast to {}.",
                                 operand.shape().str(), shape.str()));
  }
  return apply(primitives::def(Op::broadcast), primitives::ShapeAttrs{shape}, {operand});
}

Tensor concatenate(const std::vector<Tensor>& tensors, int axis) {
  KERAS_RECORD_LIST_AS(list_arguments(tensors, axis), tensors, concatenate(tensors, axis))
  if (tensors.empty()) throw ValueError("ops::concatenate: at least one tensor is needed.");
  const DType dtype = promote(tensors);
  std::vector<Tensor> operands;
  for (const Tensor& tensor : tensors) operands.push_back(cast(tensor, dtype));
  if (operands.size() == 1) return operands[0];
  const int along = normalize_axis(axis, operands[0].ndim(), "concatenate");
  return apply(primitives::def(Op::concatenate), primitives::AxisAttrs{along}, operands);
}

Tensor stack(const std::vector<Tensor>& tensors, int axis) {
  KERAS_RECORD_LIST_AS(list_arguments(tensors, axis), tensors, stack(tensors, axis))
  std::vector<Tensor> operands;
  for (const Tensor& tensor : tensors) operands.push_back(expand_dims(tensor, axis));
  return concatenate(operands, axis);
}

Tensor pad(const Tensor& x, const std::vector<std::pair<std::int64_t, std::int64_t>>& widths, double number) {
  KERAS_RECORD_AS(pad_arguments(widths, number), x, pad(x, widths, number))
  if (widths.size() != x.shape().size()) {
    throw ValueError(fmt::format("ops::pad: widths must be given for each axis of shape {}. Received: {} pairs.",
                                 x.shape().str(), widths.size()));
  }
  primitives::PadAttrs attrs;
  for (const auto& [before, after] : widths) attrs.before.push_back(before), attrs.after.push_back(after);
  attrs.value = number;
  return apply(primitives::def(Op::pad), attrs, {value(x)});
}

}  // namespace keras::ops
