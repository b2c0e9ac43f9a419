// reverse: the elements of some axes in the opposite order.
#include "primitives/common.h"

namespace keras::primitives {

const Record records::reverse{
    .name = "reverse",
    .doc = "The elements along each of `axes` from the last to the first.",
    .inputs = 1,
    .attrs = attrs_type<AxesAttrs>,
    .infer = [](const ir::Attrs& a, Types in) -> std::vector<ir::Type> {
      require_rank("reverse", in[0]);
      for (const std::int64_t axis : a.as<AxesAttrs>().axes) require_axis("reverse", axis, in[0]);
      return {in[0]};
    },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      return {node(Op::reverse, {c.grad[0]}, c.as<AxesAttrs>())};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const Shape& shape = c.in_types[0].shape;
          const auto& axes = c.as<AxesAttrs>().axes;
          Strides sizes{}, strides = strides_of(shape);
          std::int64_t first = 0;
          for (std::size_t d = 0; d < shape.size(); ++d) {
            sizes[d] = shape[d].value();
            if (std::ranges::find(axes, static_cast<std::int64_t>(d)) == axes.end()) continue;
            first += (sizes[d] - 1) * strides[d];
            strides[d] = -strides[d];
          }
          visit_all(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            const T* x = input<T>(c, 0);
            T* y = output<T>(c);
            walk({sizes.data(), shape.size()}, {strides.data(), shape.size()},
                 [&](std::int64_t o) { *y++ = x[first + o]; });
          });
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({7})}, .attrs = AxesAttrs{{0}}},
          {.inputs = {f32({3, 5})}, .attrs = AxesAttrs{{1}}},
          {.inputs = {f32({2, 17, 3})}, .attrs = AxesAttrs{{1}}},
          {.inputs = {f32({2, 3, 4})}, .attrs = AxesAttrs{{0, 2}}},
          {.inputs = {f32({2, 3, 1, 4})}, .attrs = AxesAttrs{{0, 1, 2, 3}}},
          {.inputs = {f32({2, 0})}, .attrs = AxesAttrs{{0, 1}}},
          {.inputs = {f32({})}, .attrs = AxesAttrs{{}}},
          {.inputs = {i32({4, 3})}, .attrs = AxesAttrs{{0}}},
          {.inputs = {boolean({5})}, .attrs = AxesAttrs{{0}}},
          {.inputs = {{DType::bfloat16, {2, 9}}}, .attrs = AxesAttrs{{1}}},
      };
    },
};

}  // namespace keras::primitives
