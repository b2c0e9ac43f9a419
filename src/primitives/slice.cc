// slice and strided_slice: a block of an array, and every step-th element of a block.
#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer_slice(const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<SliceAttrs>();
  const Shape& x = in[0].shape;
  require_rank("slice", in[0]);
  bool fits = a.start.size() == x.size() && a.size.size() == x.size();
  for (std::size_t d = 0; fits && d < x.size(); ++d) {
    fits = a.start[d] >= 0 && a.size[d] >= (x[d].known() ? 0 : -1) &&
           (!x[d].known() || (a.start[d] <= x[d].value() && a.size[d] <= x[d].value() - a.start[d]));
  }
  if (!fits) {
    throw ValueError(fmt::format("slice: expected a block within {}; received start=[{}] size=[{}].", in[0].str(),
                                 fmt::join(a.start, ","), fmt::join(a.size, ",")));
  }
  return {{in[0].dtype, Shape(a.size)}};
}

std::int64_t strided_size(const StridedSliceAttrs& a, std::size_t d) {
  return a.begin[d] < a.end[d] ? (a.end[d] - a.begin[d] - 1) / a.step[d] + 1 : 0;
}

std::vector<ir::Type> infer_strided(const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<StridedSliceAttrs>();
  const Shape& x = in[0].shape;
  require_rank("strided_slice", in[0]);
  bool fits = a.begin.size() == x.size() && a.end.size() == x.size() && a.step.size() == x.size();
  ir::Type out{in[0].dtype, {}};
  for (std::size_t d = 0; fits && d < x.size(); ++d) {
    fits = a.begin[d] >= 0 && a.end[d] >= (x[d].known() ? 0 : -1) && a.step[d] >= 1 &&
           (!x[d].known() || (a.begin[d] <= x[d].value() && a.end[d] <= x[d].value()));
    if (fits) out.shape.push_back(a.end[d] < 0 ? Dim() : Dim(strided_size(a, d)));
  }
  if (!fits) {
    throw ValueError(fmt::format(
        "strided_slice: expected a block within {} and steps of at least 1; received begin=[{}] end=[{}] step=[{}].",
        in[0].str(), fmt::join(a.begin, ","), fmt::join(a.end, ","), fmt::join(a.step, ",")));
  }
  return {out};
}

// Copies the elements start + step * i.
void take_block(const ir::ReferenceContext& c, const Ints& start, const Ints* step) {
  const Shape& shape = c.out_types[0].shape;
  Strides sizes{}, strides = strides_of(c.in_types[0].shape);
  std::int64_t base = 0;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    sizes[d] = shape[d].value();
    base += start[d] * strides[d];
    if (step) strides[d] *= (*step)[d];
  }
  visit_all(c.in_types[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* x = input<T>(c, 0);
    T* y = output<T>(c);
    walk({sizes.data(), shape.size()}, {strides.data(), shape.size()}, [&](std::int64_t o) { *y++ = x[base + o]; });
  });
}

std::vector<ir::Value> vjp_slice(const ir::VjpContext& c) {
  const auto& a = c.as<SliceAttrs>();
  const Ints sizes = c.in[0].type().shape.sizes();
  Ints after(sizes.size());
  for (std::size_t d = 0; d < sizes.size(); ++d) after[d] = sizes[d] - a.start[d] - a.size[d];
  return {pad(c.grad[0], a.start, after)};
}

std::vector<ir::Value> vjp_strided(const ir::VjpContext& c) {  // zeros between the elements, then around them
  const auto& a = c.as<StridedSliceAttrs>();
  const Ints sizes = c.in[0].type().shape.sizes();
  const std::size_t rank = sizes.size();
  Ints split, gaps, merged, kept, before(rank), after(rank);
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t n = strided_size(a, d), room = sizes[d] - a.begin[d];
    split.insert(split.end(), {n, 1});
    gaps.insert(gaps.end(), {0, a.step[d] - 1});
    merged.push_back(n * a.step[d]);
    kept.push_back(std::min(merged[d], room));
    before[d] = n ? a.begin[d] : 0;
    after[d] = sizes[d] - before[d] - kept[d];
  }
  const bool dense = std::ranges::all_of(a.step, [](std::int64_t s) { return s == 1; });
  ir::Value g = c.grad[0];
  if (!dense) g = reshape(pad(reshape(g, Shape(split)), Ints(2 * rank), gaps), Shape(merged));
  if (kept != merged) g = slice(g, Ints(rank), kept);
  return {pad(g, before, after)};
}

}  // namespace

namespace records {

const Record slice{
    .name = "slice",
    .doc = "The block of `size` that begins at `start`.",
    .inputs = 1,
    .attrs = attrs_type<SliceAttrs>,
    .infer = infer_slice,
    .vjp = vjp_slice,
    .reference = [](const ir::ReferenceContext& c) { take_block(c, c.as<SliceAttrs>().start, nullptr); },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({7})}, .attrs = SliceAttrs{{2}, {3}}},
          {.inputs = {f32({4, 5})}, .attrs = SliceAttrs{{1, 0}, {2, 5}}},
          {.inputs = {f32({4, 5, 3})}, .attrs = SliceAttrs{{0, 2, 1}, {4, 3, 1}}},
          {.inputs = {f32({4, 5})}, .attrs = SliceAttrs{{4, 0}, {0, 5}}},
          {.inputs = {f32({})}, .attrs = SliceAttrs{{}, {}}},
          {.inputs = {i32({4})}, .attrs = SliceAttrs{{3}, {1}}},
          {.inputs = {boolean({4})}, .attrs = SliceAttrs{{0}, {2}}},
      };
    },
};

const Record strided_slice{
    .name = "strided_slice",
    .doc = "Elements begin, begin + step, … before end of each axis.",
    .inputs = 1,
    .attrs = attrs_type<StridedSliceAttrs>,
    .infer = infer_strided,
    .vjp = vjp_strided,
    .reference =
        [](const ir::ReferenceContext& c) {
          const auto& a = c.as<StridedSliceAttrs>();
          take_block(c, a.begin, &a.step);
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({7})}, .attrs = StridedSliceAttrs{{1}, {7}, {2}}},
          {.inputs = {f32({8})}, .attrs = StridedSliceAttrs{{0}, {8}, {3}}},
          {.inputs = {f32({5, 6})}, .attrs = StridedSliceAttrs{{0, 1}, {5, 6}, {2, 4}}},
          {.inputs = {f32({5, 6})}, .attrs = StridedSliceAttrs{{2, 0}, {4, 6}, {1, 1}}},
          {.inputs = {f32({5, 6})}, .attrs = StridedSliceAttrs{{3, 0}, {3, 6}, {2, 1}}},
          {.inputs = {f32({5, 6})}, .attrs = StridedSliceAttrs{{5, 0}, {2, 6}, {1, 3}}},
          {.inputs = {i32({7})}, .attrs = StridedSliceAttrs{{1}, {6}, {4}}},
      };
    },
};

}  // namespace records
}  // namespace keras::primitives
