// scatter_add: rows added at indices, the reverse of gather along axis 0.
#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer(const ir::Attrs&, Types in) {
  const Shape &x = in[0].shape, &at = in[1].shape, &updates = in[2].shape;
  bool fits = in[0].dtype == in[2].dtype && in[0].dtype != DType::boolean && in[1].dtype.is_integer() && !x.empty() &&
              updates.size() + 1 == at.size() + x.size();
  for (std::size_t d = 0; fits && d < updates.size(); ++d)
    fits = agree(updates[d], d < at.size() ? at[d] : x[d - at.size() + 1]);
  if (!fits) refuse("scatter_add", "x of [n, …], integer indices, and updates of x's dtype and [indices…, …]", in);
  return {in[0]};
}

void reference(const ir::ReferenceContext& c) {
  const AxisView v(c.in_types[0].shape, 0);
  const std::int64_t count = c.in_types[1].shape.elements();
  visit_number(c.in_types[0].dtype, [&](auto zero) {
    visit_number(c.in_types[1].dtype, [&](auto index) {
      using T = decltype(zero);
      using I = decltype(index);
      if constexpr (std::is_integral_v<I>) {
        T* y = output<T>(c);
        if (input<T>(c, 0) != y) std::copy_n(input<T>(c, 0), v.n * v.inner, y);
        for (std::int64_t k = 0; k < count; ++k) {
          const std::int64_t to = place(input<I>(c, 1)[k], v.n);
          if (to < 0) continue;
          const T* update = input<T>(c, 2) + k * v.inner;
          for (std::int64_t i = 0; i < v.inner; ++i) {
            T& sum = y[to * v.inner + i];
            if constexpr (std::is_integral_v<T>) {
              sum = static_cast<T>(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(update[i]));
            } else {
              sum += update[i];
            }
          }
        }
      }
    });
  });
}

}  // namespace

const Record records::scatter_add{
    .name = "scatter_add",
    .doc =
        "x with updates[k] added to row indices[k], in the order of k. Negative indices count from the end; what would "
        "be added "
        "outside is dropped.",
    .inputs = 3,
    .attrs = attrs_type<ir::NoAttrs>,
    .infer = infer,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      return {c.grad[0], {}, node(Op::gather, {c.grad[0], c.in[1]}, AxisAttrs{0})};
    },
    .reference = reference,
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({5}), i32({7}), f32({7})}, .attrs = {}, .below = 5},
          {.inputs = {f32({5, 3}), i64({4}), f32({4, 3})}, .attrs = {}, .below = 5},
          {.inputs = {f32({5, 2}), i32({2, 2}), f32({2, 2, 2})}, .attrs = {}, .below = 5},
          {.inputs = {f32({5, 3}), i32({}), f32({3})}, .attrs = {}, .below = 5},
          {.inputs = {f32({5, 3}), i32({0}), f32({0, 3})}, .attrs = {}, .below = 5},
          {.inputs = {f32({40, 17}), i32({100}), f32({100, 17})}, .attrs = {}, .below = 40},
          {.inputs = {i32({5}), i32({3}), i32({3})}, .attrs = {}, .below = 5},
      };
    },
};

}  // namespace keras::primitives
