// softmax and its logarithm along an axis.
#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer(std::string_view name, const ir::Attrs& a, Types in) {
  require_axis(name, a.as<AxisAttrs>().axis, in[0]);
  if (!in[0].dtype.is_floating()) refuse(name, "a floating point operand", in);
  return {in[0]};
}

// Calls f(a row's first element in x and y, the distance of its elements, largest element, sum of exp(x - largest)).
template <class T, class F>
void for_each_row(const ir::ReferenceContext& c, F f) {
  const AxisView v(c.in_types[0].shape, c.as<AxisAttrs>().axis);
  for (std::int64_t o = 0; o < v.outer; ++o) {
    for (std::int64_t i = 0; i < v.inner; ++i) {
      const T* x = input<T>(c, 0) + o * v.n * v.inner + i;
      T* y = output<T>(c) + o * v.n * v.inner + i;
      T largest = -std::numeric_limits<T>::infinity();
      for (std::int64_t k = 0; k < v.n; ++k) largest = std::max(largest, x[k * v.inner]);
      Sum<T> total = 0;
      for (std::int64_t k = 0; k < v.n; ++k)
        total += std::exp(static_cast<Sum<T>>(x[k * v.inner]) - static_cast<Sum<T>>(largest));
      for (std::int64_t k = 0; k < v.n; ++k) f(x[k * v.inner], y[k * v.inner], static_cast<Sum<T>>(largest), total);
    }
  }
}

ir::Value sum_along(const ir::VjpContext& c, ir::Value x) {
  const Shape shape = c.in[0].type().shape;  // before sum adds a node, which may move the types
  return broadcast(sum(x, {c.as<AxisAttrs>().axis}, true), shape);
}

std::vector<ir::Sample> samples() {
  return {
      {.inputs = {f32({7})}, .attrs = AxisAttrs{0}},
      {.inputs = {f32({3, 10})}, .attrs = AxisAttrs{1}},
      {.inputs = {f32({3, 4})}, .attrs = AxisAttrs{0}},
      {.inputs = {f32({2, 3, 4})}, .attrs = AxisAttrs{1}},
      {.inputs = {f32({3, 1})}, .attrs = AxisAttrs{1}},
      {.inputs = {f32({2, 0})}, .attrs = AxisAttrs{1}},
      {.inputs = {f32({2, 1027})}, .attrs = AxisAttrs{1}},
      {.inputs = {f32({3, 5})}, .attrs = AxisAttrs{1}, .low = -200, .high = 200},
      {.inputs = {{DType::float64, {3, 5}}}, .attrs = AxisAttrs{1}},
      {.inputs = {{DType::bfloat16, {3, 5}}}, .attrs = AxisAttrs{1}},
  };
}

}  // namespace

namespace records {

const Record log_softmax{
    .name = "log_softmax",
    .doc = "x - log(sum(exp(x))) along an axis, without overflow.",
    .inputs = 1,
    .attrs = attrs_type<AxisAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("log_softmax", a, in); },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      return {c.grad[0] - exp(c.out[0]) * sum_along(c, c.grad[0])};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_real(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            for_each_row<T>(
                c, [](T x, T& y, Sum<T> largest, Sum<T> total) { y = static_cast<T>(x - largest - std::log(total)); });
          });
        },
    .samples = samples,
};

const Record softmax{
    .name = "softmax",
    .doc = "exp(x) / sum(exp(x)) along an axis, without overflow.",
    .inputs = 1,
    .attrs = attrs_type<AxisAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("softmax", a, in); },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      const ir::Value gy = c.grad[0] * c.out[0];
      return {gy - c.out[0] * sum_along(c, gy)};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_real(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            for_each_row<T>(
                c, [](T x, T& y, Sum<T> largest, Sum<T> total) { y = static_cast<T>(std::exp(x - largest) / total); });
          });
        },
    .samples = samples,
};

}  // namespace records
}  // namespace keras::primitives
