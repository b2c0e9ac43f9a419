// top_k: the largest or smallest elements along the last axis, in order; with k = the axis' size, a sort.
#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer(const ir::Attrs& attrs, Types in) {
  const auto k = attrs.as<TopKAttrs>().k;
  const ir::Type& x = in[0];
  const bool fits = x.shape.rank() >= 1 && k >= 0 && (!x.shape.back().known() || k <= x.shape.back().value());
  if (!fits)
    throw ValueError(
        fmt::format("top_k: expected k between 0 and the last axis' size of {}; received k={}.", x.str(), k));
  Shape shape = x.shape;
  shape[shape.size() - 1] = k;
  return {{x.dtype, shape}, {DType::int32, shape}};
}

// Keeps the k first in order as a heap within the result, so that no other memory is needed.
template <class T>
void select_rows(const ir::ReferenceContext& c, std::int64_t n, bool ascending) {
  const std::int64_t k = c.as<TopKAttrs>().k;
  if (k == 0) return;
  const std::int64_t rows = c.out_types[0].shape.elements() / k;
  for (std::int64_t r = 0; r < rows; ++r) {
    const T* x = input<T>(c, 0) + r * n;
    T* values = output<T>(c, 0) + r * k;
    std::int32_t* at = output<std::int32_t>(c, 1) + r * k;
    const auto before = [&](std::int32_t a,
                            std::int32_t b) {  // a total order: NaN is the largest number, equals by place
      const T u = x[a], v = x[b];
      if (is_nan(u) != is_nan(v)) return is_nan(u) != ascending;
      if (u != v && !is_nan(u)) return ascending ? u < v : u > v;
      return a < b;
    };
    for (std::int64_t i = 0; i < n; ++i) {
      const auto index = static_cast<std::int32_t>(i);
      if (i < k) {
        at[i] = index;
        std::push_heap(at, at + i + 1, before);
      } else if (before(index, at[0])) {
        std::pop_heap(at, at + k, before);
        at[k - 1] = index;
        std::push_heap(at, at + k, before);
      }
    }
    std::sort_heap(at, at + k, before);
    for (std::int64_t i = 0; i < k; ++i) values[i] = x[at[i]];
  }
}

}  // namespace

const Record records::top_k{
    .name = "top_k",
    .doc =
        "The k largest elements along the last axis, largest first, and their places as int32; the smallest, smallest "
        "first, if "
        "`ascending`. Equal elements stand in the order of the operand, NaN counts as largest.",
    .inputs = 1,
    .outputs = 2,
    .attrs = attrs_type<TopKAttrs>,
    .infer = infer,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      if (!c.grad[0]) return {ir::Value{}};
      const Shape shape = c.in[0].type().shape;
      return {scatter_along_axis(c.grad[0], c.out[1], shape.rank() - 1, shape)};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const auto& a = c.as<TopKAttrs>();
          visit_all(c.in_types[0].dtype, [&](auto zero) {
            select_rows<decltype(zero)>(c, c.in_types[0].shape.back().value(), a.ascending);
          });
        },
    .samples = []() -> std::vector<ir::Sample> {
      std::vector<ir::Sample> out;
      for (const bool ascending : {false, true}) {
        out.push_back({.inputs = {f32({7})}, .attrs = TopKAttrs{7, ascending}, .distinct = true});
        out.push_back({.inputs = {f32({3, 10})}, .attrs = TopKAttrs{4, ascending}, .distinct = true});
        out.push_back({.inputs = {f32({2, 2, 5})}, .attrs = TopKAttrs{1, ascending}, .distinct = true});
        out.push_back({.inputs = {f32({2, 5})}, .attrs = TopKAttrs{0, ascending}});
        out.push_back({.inputs = {f32({0, 5})}, .attrs = TopKAttrs{2, ascending}});
        out.push_back({.inputs = {i32({4, 6})}, .attrs = TopKAttrs{5, ascending}});
        out.push_back({.inputs = {boolean({6})}, .attrs = TopKAttrs{6, ascending}});
        out.push_back({.inputs = {{DType::float16, {6}}}, .attrs = TopKAttrs{3, ascending}, .distinct = true});
      }
      return out;
    },
};

}  // namespace keras::primitives
