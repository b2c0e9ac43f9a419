// constant, splat and iota: arrays that no operand decides.
#include <cstring>

#include "primitives/common.h"

namespace keras::primitives {
namespace records {

const Record constant{
    .name = "constant",
    .doc = "A given array.",
    .inputs = 0,
    .traits = ir::kLeaf,
    .attrs = attrs_type<ConstantAttrs>,
    .infer = [](const ir::Attrs& a, Types) -> std::vector<ir::Type> {
      const Array& value = a.as<ConstantAttrs>().value;
      return {{value.dtype(), value.shape()}};
    },
    .vjp = no_gradient,
    .reference =
        [](const ir::ReferenceContext& c) {
          const Array& value = c.as<ConstantAttrs>().value;
          if (value.size()) std::memcpy(c.out[0], value.data(), value.nbytes());
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {}, .attrs = ConstantAttrs{Array(std::vector<float>{1, -0.5F, 3e-9F, 1e30F}, {2, 2})}},
          {.inputs = {}, .attrs = ConstantAttrs{Array(std::vector<std::int64_t>{1, INT64_MIN}, {2})}},
          {.inputs = {}, .attrs = ConstantAttrs{Array(Shape{0}, DType::float64)}},
          {.inputs = {}, .attrs = ConstantAttrs{Array(Shape{3}, DType::boolean)}},
          {.inputs = {}, .attrs = ConstantAttrs{Array(Shape{3}, DType::bfloat16)}},
      };
    },
};

const Record iota{
    .name = "iota",
    .doc = "start + step * i along an axis, the same along the others.",
    .inputs = 0,
    .traits = ir::kCheap,
    .attrs = attrs_type<IotaAttrs>,
    .infer = [](const ir::Attrs& attrs, Types) -> std::vector<ir::Type> {
      const auto& a = attrs.as<IotaAttrs>();
      const ir::Type out{a.dtype, a.shape};
      require_axis("iota", a.axis, out);
      if (a.dtype == DType::boolean) throw ValueError("iota: expected a dtype of numbers; received bool.");
      return {out};
    },
    .vjp = no_gradient,
    .reference =
        [](const ir::ReferenceContext& c) {
          const auto& a = c.as<IotaAttrs>();
          const AxisView v(c.out_types[0].shape, a.axis);
          visit_number(c.out_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            T* y = output<T>(c);
            for (std::int64_t o = 0; o < v.outer; ++o) {
              for (std::int64_t k = 0; k < v.n; ++k) {
                const T value = convert<T>(a.start + a.step * static_cast<double>(k));
                for (std::int64_t i = 0; i < v.inner; ++i) *y++ = value;
              }
            }
          });
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {}, .attrs = IotaAttrs{0, 1, 0, DType::int32, {7}}},
          {.inputs = {}, .attrs = IotaAttrs{-1, 0.25, 1, DType::float32, {2, 5, 3}}},
          {.inputs = {}, .attrs = IotaAttrs{3, -2, 0, DType::int64, {3, 2}}},
          {.inputs = {}, .attrs = IotaAttrs{0, 1, 0, DType::float16, {5}}},
          {.inputs = {}, .attrs = IotaAttrs{0, 1, 0, DType::float32, {0}}},
      };
    },
};

const Record splat{
    .name = "splat",
    .doc = "The same number everywhere.",
    .inputs = 0,
    .traits = ir::kElementwise | ir::kCheap,
    .attrs = attrs_type<SplatAttrs>,
    .infer = [](const ir::Attrs& a, Types) -> std::vector<ir::Type> {
      return {{a.as<SplatAttrs>().dtype, a.as<SplatAttrs>().shape}};
    },
    .vjp = no_gradient,
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_all(c.out_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            std::fill_n(output<T>(c), c.out_types[0].shape.elements(), convert<T>(c.as<SplatAttrs>().value));
          });
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {}, .attrs = SplatAttrs{0.1, DType::float32, {7}}},
          {.inputs = {}, .attrs = SplatAttrs{-3, DType::int32, {2, 3}}},
          {.inputs = {}, .attrs = SplatAttrs{1, DType::boolean, {}}},
          {.inputs = {}, .attrs = SplatAttrs{1.5, DType::bfloat16, {3}}},
          {.inputs = {}, .attrs = SplatAttrs{1e300, DType::float64, {0}}},
          {.inputs = {}, .attrs = SplatAttrs{INFINITY, DType::float32, {2}}},
      };
    },
};

}  // namespace records
}  // namespace keras::primitives
