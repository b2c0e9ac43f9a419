// gather and take_along_axis: elements chosen by indices. Negative indices count from the end; an index outside reads
// NaN (0 for integers, false for bool) and receives no gradient, where Keras stops with an error on the CPU.
#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer_gather(const ir::Attrs& attrs, Types in) {
  const auto axis = attrs.as<AxisAttrs>().axis;
  require_axis("gather", axis, in[0]);
  if (!in[1].dtype.is_integer()) refuse("gather", "an array and integer indices", in);
  ir::Type out{in[0].dtype, {}};
  for (int d = 0; d < in[0].shape.rank(); ++d) {
    if (d == axis) {
      for (const Dim& size : in[1].shape) out.shape.push_back(size);
    } else {
      out.shape.push_back(in[0].shape[static_cast<std::size_t>(d)]);
    }
  }
  return {out};
}

void gather_reference(const ir::ReferenceContext& c) {
  const AxisView v(c.in_types[0].shape, c.as<AxisAttrs>().axis);
  const std::int64_t count = c.in_types[1].shape.elements();
  visit_all(c.in_types[0].dtype, [&](auto zero) {
    visit_number(c.in_types[1].dtype, [&](auto index) {
      using T = decltype(zero);
      using I = decltype(index);
      if constexpr (std::is_integral_v<I>) {
        const T* x = input<T>(c, 0);
        T* y = output<T>(c);
        for (std::int64_t o = 0; o < v.outer; ++o) {
          for (std::int64_t k = 0; k < count; ++k, y += v.inner) {
            const std::int64_t at = place(input<I>(c, 1)[k], v.n);
            if (at >= 0) {
              std::copy_n(x + (o * v.n + at) * v.inner, v.inner, y);
            } else {
              std::fill_n(y, v.inner, missing<T>());
            }
          }
        }
      }
    });
  });
}

std::vector<ir::Value> gather_vjp(const ir::VjpContext& c) {
  const auto axis = c.as<AxisAttrs>().axis;
  const Shape shape = c.in[0].type().shape;
  const std::int64_t count = c.in[1].type().shape.elements();
  const auto rank = shape.size();
  // The gathered axes first: scatter_add works along axis 0.
  Shape flat, front{shape[static_cast<std::size_t>(axis)]};
  Ints forward{axis}, back(rank);
  for (std::size_t d = 0; d < rank; ++d) {
    const bool gathered = static_cast<std::int64_t>(d) == axis;
    flat.push_back(gathered ? Dim(count) : shape[d]);
    if (gathered) continue;
    forward.push_back(static_cast<std::int64_t>(d));
    front.push_back(shape[d]);
  }
  for (std::size_t d = 0; d < rank; ++d) back[static_cast<std::size_t>(forward[d])] = static_cast<std::int64_t>(d);
  ir::Value g = reshape(c.grad[0], flat);
  if (axis != 0) g = transpose(g, forward);
  ir::Value dx = node(Op::scatter_add, {splat(c.graph, 0, c.in[0].type().dtype, front), reshape(c.in[1], {count}), g});
  if (axis != 0) dx = transpose(dx, back);
  return {dx, {}};
}

std::vector<ir::Type> infer_along(const ir::Attrs& attrs, Types in) {
  const auto axis = attrs.as<AxisAttrs>().axis;
  require_axis("take_along_axis", axis, in[0]);
  require_rank("take_along_axis", in[0]);
  bool fits = in[1].dtype.is_integer() && in[1].shape.size() == in[0].shape.size();
  ir::Type out{in[0].dtype, in[1].shape};
  for (std::size_t d = 0; fits && d < out.shape.size(); ++d) {
    if (static_cast<std::int64_t>(d) == axis) continue;
    fits = agree(in[0].shape[d], in[1].shape[d]);
    out.shape[d] = meet(in[0].shape[d], in[1].shape[d]);
  }
  if (!fits)
    refuse("take_along_axis", fmt::format("an array and integer indices of the same shape but for axis {}", axis), in);
  return {out};
}

void along_reference(const ir::ReferenceContext& c) {
  const AxisView v(c.in_types[0].shape, c.as<AxisAttrs>().axis), w(c.in_types[1].shape, c.as<AxisAttrs>().axis);
  visit_all(c.in_types[0].dtype, [&](auto zero) {
    visit_number(c.in_types[1].dtype, [&](auto index) {
      using T = decltype(zero);
      using I = decltype(index);
      if constexpr (std::is_integral_v<I>) {
        const T* x = input<T>(c, 0);
        const I* at = input<I>(c, 1);
        T* y = output<T>(c);
        for (std::int64_t o = 0; o < w.outer; ++o) {
          for (std::int64_t k = 0; k < w.n; ++k) {
            for (std::int64_t i = 0; i < w.inner; ++i) {
              const std::int64_t from = place(*at++, v.n);
              *y++ = from >= 0 ? x[(o * v.n + from) * v.inner + i] : missing<T>();
            }
          }
        }
      }
    });
  });
}

}  // namespace

namespace records {

const Record gather{
    .name = "gather",
    .doc = "Slices of x along an axis, one for each index: its axis gives way to those of the indices.",
    .inputs = 2,
    .attrs = attrs_type<AxisAttrs>,
    .infer = infer_gather,
    .vjp = gather_vjp,
    .reference = gather_reference,
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({5}), i32({7})}, .attrs = AxisAttrs{0}, .below = 5},
          {.inputs = {f32({5, 3}), i32({2, 2})}, .attrs = AxisAttrs{0}, .below = 5},
          {.inputs = {f32({2, 5, 3}), i64({4})}, .attrs = AxisAttrs{1}, .below = 5},
          {.inputs = {f32({2, 3, 5}), i32({})}, .attrs = AxisAttrs{2}, .below = 5},
          {.inputs = {f32({5, 3}), i32({0})}, .attrs = AxisAttrs{0}, .below = 5},
          {.inputs = {f32({40, 17}), {DType::uint8, {60}}}, .attrs = AxisAttrs{0}, .below = 40},
          {.inputs = {i32({5}), i32({3})}, .attrs = AxisAttrs{0}, .below = 5},
          {.inputs = {{DType::bfloat16, {5}}, i32({3})}, .attrs = AxisAttrs{0}, .below = 5},
      };
    },
};

const Record take_along_axis{
    .name = "take_along_axis",
    .doc = "Element indices[…, k, …] of x along an axis, at every k and place of the other axes.",
    .inputs = 2,
    .attrs = attrs_type<AxisAttrs>,
    .infer = infer_along,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      return {scatter_along_axis(c.grad[0], c.in[1], c.as<AxisAttrs>().axis, c.in[0].type().shape), {}};
    },
    .reference = along_reference,
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({5}), i32({7})}, .attrs = AxisAttrs{0}, .below = 5},
          {.inputs = {f32({2, 5}), i32({2, 3})}, .attrs = AxisAttrs{1}, .below = 5},
          {.inputs = {f32({5, 2, 3}), i64({4, 2, 3})}, .attrs = AxisAttrs{0}, .below = 5},
          {.inputs = {f32({2, 5}), i32({2, 0})}, .attrs = AxisAttrs{1}, .below = 5},
          {.inputs = {i32({2, 5}), i32({2, 1})}, .attrs = AxisAttrs{1}, .below = 5},
      };
    },
};

}  // namespace records
}  // namespace keras::primitives
