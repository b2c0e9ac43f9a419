// Random arrays: element i is a function of (stream, step, i), defined in support/rng.h.
#include "primitives/common.h"
#include "support/rng.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer(std::string_view name, const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<RandomAttrs>();
  const bool fits = in[0] == i64({}) && in[1] == i64({});
  if (!fits) refuse(name, "stream and step as int64 scalars", in);
  if (!a.dtype.is_floating())
    throw ValueError(fmt::format("{}: expected a floating point dtype; received {}.", name, a.dtype.name()));
  return {{a.dtype, a.shape}};
}

// Element i is draw(a, b, stream, step, i), a and b in the type of the result.
template <class Draw>
void fill(const ir::ReferenceContext& c, Draw draw) {
  const auto stream = static_cast<std::uint64_t>(*input<std::int64_t>(c, 0)),
             step = static_cast<std::uint64_t>(*input<std::int64_t>(c, 1));
  const auto count = static_cast<std::uint64_t>(c.out_types[0].shape.elements());
  visit_real(c.out_types[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    const auto a = static_cast<T>(c.as<RandomAttrs>().a), b = static_cast<T>(c.as<RandomAttrs>().b);
    for (std::uint64_t i = 0; i < count; ++i) output<T>(c)[i] = draw(a, b, stream, step, i);
  });
}

std::vector<ir::Sample> samples() {
  std::vector<ir::Sample> out;
  for (const Shape& shape : {Shape{7}, Shape{0}, Shape{}, Shape{3, 347}}) {
    out.push_back(
        {.inputs = {i64({}), i64({})}, .attrs = RandomAttrs{-0.5, 1.5, DType::float32, shape}, .below = 1000});
  }
  out.push_back({.inputs = {i64({}), i64({})}, .attrs = RandomAttrs{0, 1, DType::float64, {5}}, .below = 1000});
  out.push_back({.inputs = {i64({}), i64({})}, .attrs = RandomAttrs{0, 1, DType::bfloat16, {5}}, .below = 1000});
  return out;
}

}  // namespace

namespace records {

const Record random_normal{
    .name = "random_normal",
    .doc = "Normal with mean a and standard deviation b.",
    .inputs = 2,
    .traits = ir::kRandom,
    .attrs = attrs_type<RandomAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("random_normal", a, in); },
    .vjp = no_gradient,
    .reference =
        [](const ir::ReferenceContext& c) {
          fill(c, [](auto a, auto b, auto stream, auto step, auto i) {
            return a + b * static_cast<decltype(a)>(support::normal_at(stream, step, i));
          });
        },
    .samples = samples,
};

const Record random_truncated_normal{
    .name = "random_truncated_normal",
    .doc = "Normal with mean a and standard deviation b, without what lies beyond two standard deviations.",
    .inputs = 2,
    .traits = ir::kRandom,
    .attrs = attrs_type<RandomAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("random_truncated_normal", a, in); },
    .vjp = no_gradient,
    .reference =
        [](const ir::ReferenceContext& c) {
          fill(c, [](auto a, auto b, auto stream, auto step, auto i) {
            return a + b * static_cast<decltype(a)>(support::truncated_normal_at(stream, step, i));
          });
        },
    .samples = samples,
};

const Record random_uniform{
    .name = "random_uniform",
    .doc = "Uniform in [a, b).",
    .inputs = 2,
    .traits = ir::kRandom,
    .attrs = attrs_type<RandomAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("random_uniform", a, in); },
    .vjp = no_gradient,
    .reference =
        [](const ir::ReferenceContext& c) {
          fill(c, [](auto a, auto b, auto stream, auto step, auto i) {
            if constexpr (std::is_same_v<decltype(a), float>) {
              return support::scaled(support::uniform_at(stream, step, i), a, b);
            } else {
              return support::scaled(support::uniform64_at(stream, step, i), a, b);
            }
          });
        },
    .samples = samples,
};

}  // namespace records
}  // namespace keras::primitives
