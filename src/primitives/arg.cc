// argmax and argmin: where the extreme element along an axis stands, as int32.
#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer(std::string_view name, const ir::Attrs& attrs, Types in) {
  const auto axis = attrs.as<AxisAttrs>().axis;
  require_axis(name, axis, in[0]);
  ir::Type out{DType::int32, {}};
  for (int d = 0; d < in[0].shape.rank(); ++d) {
    if (d != axis) out.shape.push_back(in[0].shape[static_cast<std::size_t>(d)]);
  }
  if (in[0].shape[static_cast<std::size_t>(axis)] == Dim(0))
    refuse(name, fmt::format("elements along axis {}", axis), in);
  return {out};
}

// Whether a stands above b in the order of argmax. Keras has -0 below 0, and TensorFlow passes NaN over.
template <class T>
bool above(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (a == 0 && b == 0) return !std::signbit(a) && std::signbit(b);
  }
  return a > b;
}

void reference(const ir::ReferenceContext& c, bool largest) {
  const AxisView v(c.in_types[0].shape, c.as<AxisAttrs>().axis);
  visit_all(c.in_types[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* x = input<T>(c, 0);
    auto* y = output<std::int32_t>(c);
    for (std::int64_t o = 0; o < v.outer; ++o) {
      for (std::int64_t i = 0; i < v.inner; ++i) {
        const T* row = x + o * v.n * v.inner + i;
        std::int64_t best = 0;
        for (std::int64_t k = 1; k < v.n; ++k) {
          const T a = row[k * v.inner], b = row[best * v.inner];
          if ((largest ? above(a, b) : above(b, a)) || (is_nan(b) && !is_nan(a))) best = k;
        }
        y[o * v.inner + i] = static_cast<std::int32_t>(best);
      }
    }
  });
}

std::vector<ir::Sample> samples() {
  std::vector<ir::Sample> out;
  for (const DType dtype : {DType(DType::float32), DType(DType::float16), DType(DType::int32), DType(DType::boolean)}) {
    out.push_back({.inputs = {{dtype, {7}}}, .attrs = AxisAttrs{0}});
    out.push_back({.inputs = {{dtype, {3, 10}}}, .attrs = AxisAttrs{1}});
    out.push_back({.inputs = {{dtype, {5, 4, 1}}}, .attrs = AxisAttrs{0}});
    out.push_back({.inputs = {{dtype, {0, 4}}}, .attrs = AxisAttrs{1}});
  }
  return out;
}

}  // namespace

namespace records {

const Record argmax{
    .name = "argmax",
    .doc = "Place of the largest element along an axis: the first of equals; -0 lies below 0, and NaN is passed over.",
    .inputs = 1,
    .attrs = attrs_type<AxisAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("argmax", a, in); },
    .vjp = flat,
    .reference = [](const ir::ReferenceContext& c) { reference(c, true); },
    .samples = samples,
};

const Record argmin{
    .name = "argmin",
    .doc = "Place of the smallest element along an axis: the first of equals; -0 lies below 0, and NaN is passed over.",
    .inputs = 1,
    .attrs = attrs_type<AxisAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("argmin", a, in); },
    .vjp = flat,
    .reference = [](const ir::ReferenceContext& c) { reference(c, false); },
    .samples = samples,
};

}  // namespace records
}  // namespace keras::primitives
