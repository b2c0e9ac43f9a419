// pad: a constant around an array.
#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer(const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<PadAttrs>();
  const Shape& x = in[0].shape;
  require_rank("pad", in[0]);
  bool fits = a.before.size() == x.size() && a.after.size() == x.size();
  ir::Type out{in[0].dtype, {}};
  for (std::size_t d = 0; fits && d < x.size(); ++d) {
    fits = a.before[d] >= 0 && a.after[d] >= 0;
    out.shape.push_back(x[d] + Dim(a.before[d]) + Dim(a.after[d]));
  }
  if (!fits) {
    throw ValueError(
        fmt::format("pad: expected two widths of at least 0 for each axis of {}; received before=[{}] after=[{}].",
                    in[0].str(), fmt::join(a.before, ","), fmt::join(a.after, ",")));
  }
  return {out};
}

}  // namespace

const Record records::pad{
    .name = "pad",
    .doc = "`before` and `after` elements of `value` around each axis.",
    .inputs = 1,
    .attrs = attrs_type<PadAttrs>,
    .infer = infer,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      return {primitives::slice(c.grad[0], c.as<PadAttrs>().before, c.in[0].type().shape.sizes())};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const auto& a = c.as<PadAttrs>();
          const Shape &from = c.in_types[0].shape, &to = c.out_types[0].shape;
          const Strides strides = strides_of(to);
          Strides sizes{};
          std::int64_t base = 0;
          for (std::size_t d = 0; d < from.size(); ++d) {
            sizes[d] = from[d].value();
            base += a.before[d] * strides[d];
          }
          visit_all(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            const T* x = input<T>(c, 0);
            T* y = output<T>(c);
            std::fill_n(y, to.elements(), convert<T>(a.value));
            walk({sizes.data(), from.size()}, {strides.data(), from.size()},
                 [&](std::int64_t o) { y[base + o] = *x++; });
          });
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({3})}, .attrs = PadAttrs{{1}, {2}, 0}},
          {.inputs = {f32({2, 3})}, .attrs = PadAttrs{{0, 1}, {2, 0}, 1.5}},
          {.inputs = {f32({2, 1, 3})}, .attrs = PadAttrs{{0, 2, 1}, {0, 0, 3}, 0}},
          {.inputs = {f32({0, 3})}, .attrs = PadAttrs{{1, 0}, {1, 0}, -1}},
          {.inputs = {f32({})}, .attrs = PadAttrs{{}, {}, 0}},
          {.inputs = {i32({3})}, .attrs = PadAttrs{{1}, {2}, 7}},
          {.inputs = {boolean({3})}, .attrs = PadAttrs{{1}, {2}, 1}},
      };
    },
};

}  // namespace keras::primitives
