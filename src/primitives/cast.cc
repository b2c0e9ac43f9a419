// cast and stop_gradient: the same elements in another dtype, and without a way back.
#include <cstring>

#include "primitives/common.h"

namespace keras::primitives {
namespace records {

const Record cast{
    .name = "cast",
    .doc =
        "The elements in another dtype. Floating point to integer truncates, takes the nearest number where there is "
        "none, "
        "and gives 0 for NaN; anything but 0 is true.",
    .inputs = 1,
    .traits = ir::kElementwise | ir::kRowWise | ir::kCheap,
    .attrs = attrs_type<CastAttrs>,
    .infer = [](const ir::Attrs& a, Types in) -> std::vector<ir::Type> {
      return {{a.as<CastAttrs>().dtype, in[0].shape}};
    },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      const DType from = c.in[0].type().dtype;
      if (!from.is_floating()) return {ir::Value{}};
      return {primitives::cast(c.grad[0], from)};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const std::int64_t count = c.out_types[0].shape.elements();
          visit_all(c.in_types[0].dtype, [&](auto from) {
            visit_all(c.out_types[0].dtype, [&](auto to) {
              const auto* x = input<decltype(from)>(c, 0);
              auto* y = output<decltype(to)>(c);
              for (std::int64_t i = 0; i < count; ++i) y[i] = convert<decltype(to)>(x[i]);
            });
          });
        },
    .samples = []() -> std::vector<ir::Sample> {
      std::vector<ir::Sample> out;
      for (const char* from : {"bool", "uint8", "int32", "int64", "bfloat16", "float16", "float32", "float64"}) {
        for (const char* to : {"bool", "int8", "uint8", "int32", "bfloat16", "float16", "float32", "float64"}) {
          out.push_back({.inputs = {{from, {3, 5}}}, .attrs = CastAttrs{to}, .low = 0, .high = 100});
        }
      }
      out.push_back({.inputs = {f32({0})}, .attrs = CastAttrs{DType::float64}});
      out.push_back({.inputs = {i32({})}, .attrs = CastAttrs{DType::float32}});
      return out;
    },
};

const Record stop_gradient{
    .name = "stop_gradient",
    .doc = "x itself; nothing flows back.",
    .inputs = 1,
    .traits = ir::kElementwise | ir::kRowWise | ir::kCheap | ir::kInPlace,
    .attrs = attrs_type<ir::NoAttrs>,
    .infer = [](const ir::Attrs&, Types in) -> std::vector<ir::Type> { return {in[0]}; },
    .vjp = flat,
    .reference =
        [](const ir::ReferenceContext& c) {
          const std::size_t bytes = c.in_types[0].bytes();
          if (bytes) std::memmove(c.out[0], c.in[0], bytes);
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {{.inputs = {f32({2, 3})}, .attrs = {}},
              {.inputs = {f32({0})}, .attrs = {}},
              {.inputs = {i32({4})}, .attrs = {}}};
    },
};

}  // namespace records
}  // namespace keras::primitives
