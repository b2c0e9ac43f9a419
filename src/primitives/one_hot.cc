// one_hot: indices as rows with a single one.
#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer(const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<OneHotAttrs>();
  if (!in[0].dtype.is_integer()) refuse("one_hot", "integer indices", in);
  if (a.classes < 0)
    throw ValueError(fmt::format("one_hot: expected at least 0 classes; received classes={}.", a.classes));
  ir::Type out{a.dtype, in[0].shape};
  out.shape.push_back(a.classes);
  return {out};
}

void reference(const ir::ReferenceContext& c) {
  const std::int64_t count = c.in_types[0].shape.elements(), classes = c.as<OneHotAttrs>().classes;
  visit_number(c.in_types[0].dtype, [&](auto index) {
    visit_all(c.out_types[0].dtype, [&](auto zero) {
      using I = decltype(index);
      using T = decltype(zero);
      if constexpr (std::is_integral_v<I>) {
        T* y = output<T>(c);
        std::fill_n(y, count * classes, T(0));
        for (std::int64_t k = 0; k < count; ++k) {
          const I at = input<I>(c, 0)[k];
          const std::int64_t to = at < I(0) ? -1 : place(at, classes);
          if (to >= 0) y[k * classes + to] = T(1);
        }
      }
    });
  });
}

}  // namespace

const Record records::one_hot{
    .name = "one_hot",
    .doc = "A new last axis with 1 at the index and 0 elsewhere; all 0 for indices outside [0, classes).",
    .inputs = 1,
    .traits = ir::kRowWise,
    .attrs = attrs_type<OneHotAttrs>,
    .infer = infer,
    .vjp = no_gradient,
    .reference = reference,
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {i32({7})}, .attrs = OneHotAttrs{4, DType::float32}, .below = 6},
          {.inputs = {i64({2, 3})}, .attrs = OneHotAttrs{5, DType::float32}, .below = 5},
          {.inputs = {i32({})}, .attrs = OneHotAttrs{3, DType::int32}, .below = 3},
          {.inputs = {i32({0})}, .attrs = OneHotAttrs{3, DType::float32}, .below = 3},
          {.inputs = {{DType::uint8, {4}}}, .attrs = OneHotAttrs{3, DType::boolean}, .below = 3},
          {.inputs = {i32({4})}, .attrs = OneHotAttrs{3, DType::bfloat16}, .below = 3},
      };
    },
};

}  // namespace keras::primitives
