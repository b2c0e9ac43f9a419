// Parts of a tensor, and its repetition: slices, splits, flips, tiles.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>

#include "ops/record.h"
#include "ops/shapes.h"
#include "ops/tensor_node.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::ops {

namespace {
using primitives::Op;
Tensor value(const Tensor& x) { return materialize(x, x.dtype()); }

// All of an axis, whose size may be unknown.
std::int64_t whole(Dim size) { return size.known() ? size.value() : -1; }

// Both as configurations say them: x[…], of the class GetItem.
Config slice_config(Config start, Config stop, Config step) {
  Config slice = Config::map({{"start", std::move(start)}, {"stop", std::move(stop)}, {"step", std::move(step)}});
  return Config::map({{"class_name", "__slice__"}, {"config", std::move(slice)}});
}
Config item_arguments(Config slices) {
  return arguments("__class__", "GetItem", "__args__", Config::list({slot(0), std::move(slices)}));
}
Config end_of(std::int64_t start, std::int64_t size) {
  std::int64_t end = 0;
  return size == -1 || __builtin_add_overflow(start, size, &end) ? Config() : Config(end);
}
Config slice_arguments(const std::vector<std::int64_t>& start, const std::vector<std::int64_t>& size) {
  Config slices = Config::list();
  for (std::size_t i = 0; i < std::min(start.size(), size.size()); ++i)
    slices.push_back(slice_config(start[i], end_of(start[i], size[i]), {}));
  return item_arguments(std::move(slices));
}
// A bound beyond either end of the axis is none.
Config strided_slice_arguments(const std::vector<std::int64_t>& begin, const std::vector<std::int64_t>& end,
                               const std::vector<std::int64_t>& step) {
  constexpr std::int64_t kFar = std::int64_t{1} << 40;
  const auto bound = [](std::int64_t at) { return at >= kFar || at <= -kFar ? Config() : Config(at); };
  Config slices = Config::list();
  for (std::size_t i = 0; i < std::min(begin.size(), end.size()); ++i)
    slices.push_back(slice_config(bound(begin[i]), bound(end[i]), i < step.size() ? Config(step[i]) : Config()));
  return item_arguments(std::move(slices));
}
}  // namespace

std::vector<Tensor> split(const Tensor& x, int parts, int axis) {
  if (recording(x)) {
    return record_op(
        __func__, {x}, [=](const std::vector<Tensor>& in) { return split(in[0], parts, axis); },
        arguments("indices_or_sections", parts, "axis", axis));
  }
  const auto along = static_cast<std::size_t>(normalize_axis(axis, x.ndim(), "split"));
  const Dim size = x.shape()[along];
  if (!size.known() || parts < 1 || size.value() % parts != 0) {
    throw ValueError(fmt::format("ops::split: axis {} of shape {} cannot be cut into {} equal parts.{}", axis,
                                 x.shape().str(), parts, size.known() ? "" : " Its size must be known."));
  }
  ir::Ints start(x.shape().size(), 0), sizes;
  for (const Dim dim : x.shape()) sizes.push_back(whole(dim));
  sizes[along] = size.value() / parts;
  std::vector<Tensor> result;
  for (int i = 0; i < parts; ++i) {
    start[along] = i * sizes[along];
    result.push_back(slice(x, start, sizes));
  }
  return result;
}

Tensor slice(const Tensor& x, const std::vector<std::int64_t>& start, const std::vector<std::int64_t>& size) {
  KERAS_RECORD_AS(slice_arguments(start, size), x, slice(x, start, size))
  primitives::SliceAttrs attrs{start, size};
  if (start.size() == x.shape().size() && size.size() == start.size()) {
    for (std::size_t i = 0; i < size.size(); ++i) {
      const Dim all = x.shape()[i];
      if (size[i] == -1 && all.known())
        attrs.size[i] = std::max<std::int64_t>(0, all.value() - std::max<std::int64_t>(0, start[i]));
    }
  }
  return apply(primitives::def(Op::slice), attrs, {value(x)});
}

namespace {
// What begin:end:step means along one axis, seen from its first element, or from its last where the step is negative.
struct Range {
  std::int64_t begin = 0, end = 0, step = 1;
  bool backward = false;
};
Range range(Dim size, std::int64_t begin, std::int64_t end, std::int64_t step) {
  Range r;
  if (step == 0) throw ValueError("ops::strided_slice: a step must not be 0.");
  r.backward = step < 0;
  const std::int64_t most = size.known() ? std::max<std::int64_t>(1, size.value()) : Dim::kMost;  // as good as more
  r.step = r.backward ? -std::max(step, -most) : std::min(step, most);
  if (!size.known()) {
    r.end = -1;
    return r;
  }
  const std::int64_t n = size.value();
  const auto place = [&](std::int64_t at) {
    const std::int64_t from_front = at < 0 ? (at < -n ? -1 - n : at) + n : std::min(at, n);
    return std::clamp<std::int64_t>(r.backward ? n - 1 - from_front : from_front, 0, n);
  };
  r.begin = place(begin);
  r.end = std::max(r.begin, place(end));
  return r;
}
}  // namespace

Tensor strided_slice(const Tensor& x, const std::vector<std::int64_t>& begin, const std::vector<std::int64_t>& end,
                     const std::vector<std::int64_t>& step) {
  KERAS_RECORD_AS(strided_slice_arguments(begin, end, step), x, strided_slice(x, begin, end, step))
  const std::size_t rank = x.shape().size();
  if (begin.size() > rank || begin.size() != end.size() || (!step.empty() && step.size() != begin.size())) {
    throw ValueError(
        fmt::format("ops::strided_slice: begin, end and step must have the same length, at most {}. Received: {}, "
                    "{} and {}.",
                    rank, begin.size(), end.size(), step.size()));
  }
  primitives::StridedSliceAttrs attrs{ir::Ints(rank, 0), {}, ir::Ints(rank, 1)};
  for (const Dim dim : x.shape()) attrs.end.push_back(whole(dim));
  Axes backward;
  for (std::size_t i = 0; i < begin.size(); ++i) {
    const Range r = range(x.shape()[i], begin[i], end[i], step.empty() ? 1 : step[i]);
    attrs.begin[i] = r.begin, attrs.end[i] = r.end, attrs.step[i] = r.step;
    if (r.backward) backward.push_back(static_cast<int>(i));
  }
  return apply(primitives::def(Op::strided_slice), attrs, {backward.empty() ? value(x) : flip(x, backward)});
}

Tensor flip(const Tensor& x, const Axes& axes) {
  KERAS_RECORD_AS(arguments("axis", axes_config(axes)), x, flip(x, axes))
  return apply(primitives::def(Op::reverse), primitives::AxesAttrs{normalize_axes(axes, x.ndim(), "flip")}, {value(x)});
}

Tensor repeat(const Tensor& x, std::int64_t repeats, int axis) {
  KERAS_RECORD_AS(arguments("repeats", repeats, "axis", axis), x, repeat(x, repeats, axis))
  if (repeats < 0) throw ValueError(fmt::format("ops::repeat: repeats must not be negative. Received: {}.", repeats));
  const int along = normalize_axis(axis, x.ndim(), "repeat");
  Shape wide = x.shape().slice(0, along + 1), merged = x.shape();
  wide.push_back(repeats);
  for (Dim dim : x.shape().slice(along + 1)) wide.push_back(dim);
  merged[static_cast<std::size_t>(along)] = x.shape(along) * Dim(repeats);
  return reshape(broadcast_to(expand_dims(x, along + 1), wide), merged);
}

Tensor tile(const Tensor& x, const std::vector<std::int64_t>& repeats) {
  KERAS_RECORD_AS(arguments("repeats", repeats), x, tile(x, repeats))
  if (std::any_of(repeats.begin(), repeats.end(), [](std::int64_t n) { return n < 0; })) {
    throw ValueError(fmt::format("ops::tile: repeats must not be negative. Received: ({}).", fmt::join(repeats, ", ")));
  }
  Shape shape = x.shape();
  ir::Ints times = repeats;
  while (shape.size() < times.size()) shape = shape.with_front(1);
  times.insert(times.begin(), shape.size() - times.size(), 1);
  Tensor y = reshape(x, shape);
  for (std::size_t axis = 0; axis < times.size(); ++axis) {  // (before, 1, the axis and what follows)
    if (times[axis] == 1) continue;
    Dim before = 1, rest = 1;
    for (std::size_t i = 0; i < shape.size(); ++i) (i < axis ? before : rest) = (i < axis ? before : rest) * shape[i];
    shape[axis] = shape[axis] * Dim(times[axis]);
    y = reshape(broadcast_to(reshape(y, {before, 1, rest}), {before, times[axis], rest}), shape);
  }
  return y;
}

}  // namespace keras::ops
