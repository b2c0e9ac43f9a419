// concatenate: arrays one after another along an axis.
#include <cstring>

#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer(const ir::Attrs& attrs, Types in) {
  const auto axis = attrs.as<AxisAttrs>().axis;
  require_axis("concatenate", axis, in[0]);
  ir::Type out = in[0];
  for (std::size_t i = 1; i < in.size(); ++i) {
    bool fits = in[i].dtype == out.dtype && in[i].shape.size() == out.shape.size();
    for (std::size_t d = 0; fits && d < out.shape.size(); ++d) {
      const Dim size = in[i].shape[d];
      fits = static_cast<std::int64_t>(d) == axis || agree(out.shape[d], size);
      out.shape[d] = static_cast<std::int64_t>(d) == axis ? out.shape[d] + size : meet(out.shape[d], size);
    }
    if (!fits)
      refuse("concatenate", fmt::format("operands of one dtype whose shapes are equal but for axis {}", axis), in);
  }
  return {out};
}

}  // namespace

const Record records::concatenate{
    .name = "concatenate",
    .doc = "The operands one after another along an axis.",
    .inputs = -1,
    .attrs = attrs_type<AxisAttrs>,
    .infer = infer,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      const auto axis = static_cast<std::size_t>(c.as<AxisAttrs>().axis);
      std::vector<ir::Value> out;
      Ints start(c.in[0].type().shape.size());
      for (const ir::Value& x : c.in) {
        const Ints size = x.type().shape.sizes();
        out.push_back(primitives::slice(c.grad[0], start, size));
        start[axis] += size[axis];
      }
      return out;
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const AxisView v(c.out_types[0].shape, c.as<AxisAttrs>().axis);
          const std::size_t element = c.out_types[0].dtype.size();
          auto* y = output<std::byte>(c);
          for (std::int64_t o = 0; o < v.outer; ++o) {
            for (std::size_t i = 0; i < c.in.size(); ++i) {
              const AxisView w(c.in_types[i].shape, c.as<AxisAttrs>().axis);
              const std::size_t bytes = static_cast<std::size_t>(w.n * w.inner) * element;
              if (bytes) std::memcpy(y, input<std::byte>(c, i) + static_cast<std::size_t>(o) * bytes, bytes);
              y += bytes;
            }
          }
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({2}), f32({3})}, .attrs = AxisAttrs{0}},
          {.inputs = {f32({2, 3}), f32({2, 1}), f32({2, 0})}, .attrs = AxisAttrs{1}},
          {.inputs = {f32({2, 3, 2}), f32({2, 4, 2})}, .attrs = AxisAttrs{1}},
          {.inputs = {f32({4, 3})}, .attrs = AxisAttrs{0}},
          {.inputs = {i32({2, 2}), i32({1, 2})}, .attrs = AxisAttrs{0}},
          {.inputs = {boolean({2}), boolean({1})}, .attrs = AxisAttrs{0}},
          {.inputs = {{DType::float16, {2}}, {DType::float16, {1}}}, .attrs = AxisAttrs{0}},
      };
    },
};

}  // namespace keras::primitives
