// cumsum: running sums along an axis.
#include "primitives/common.h"

namespace keras::primitives {

const Record records::cumsum{
    .name = "cumsum",
    .doc = "The sum of all elements up to each along an axis; from the end if `reverse`.",
    .inputs = 1,
    .attrs = attrs_type<CumsumAttrs>,
    .infer = [](const ir::Attrs& a, Types in) -> std::vector<ir::Type> {
      require_axis("cumsum", a.as<CumsumAttrs>().axis, in[0]);
      if (in[0].dtype == DType::boolean) refuse("cumsum", "numbers", in);
      return {in[0]};
    },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      const auto& a = c.as<CumsumAttrs>();
      return {node(Op::cumsum, {c.grad[0]}, CumsumAttrs{a.axis, !a.reverse})};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const auto& a = c.as<CumsumAttrs>();
          const AxisView v(c.in_types[0].shape, a.axis);
          visit_number(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            for (std::int64_t o = 0; o < v.outer; ++o) {
              for (std::int64_t i = 0; i < v.inner; ++i) {
                Sum<T> total = 0;
                for (std::int64_t k = 0; k < v.n; ++k) {
                  const std::int64_t at = (o * v.n + (a.reverse ? v.n - 1 - k : k)) * v.inner + i;
                  total += static_cast<Sum<T>>(input<T>(c, 0)[at]);
                  output<T>(c)[at] = static_cast<T>(total);
                }
              }
            }
          });
        },
    .samples = []() -> std::vector<ir::Sample> {
      std::vector<ir::Sample> out;
      for (const bool reverse : {false, true}) {
        out.push_back({.inputs = {f32({7})}, .attrs = CumsumAttrs{0, reverse}});
        out.push_back({.inputs = {f32({2, 5, 3})}, .attrs = CumsumAttrs{1, reverse}});
        out.push_back({.inputs = {f32({2, 0})}, .attrs = CumsumAttrs{1, reverse}});
        out.push_back({.inputs = {i32({2, 3})}, .attrs = CumsumAttrs{0, reverse}});
        out.push_back({.inputs = {{DType::float16, {2, 3}}}, .attrs = CumsumAttrs{1, reverse}});
      }
      return out;
    },
};

}  // namespace keras::primitives
