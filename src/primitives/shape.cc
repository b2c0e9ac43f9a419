// reshape, transpose and broadcast: the same elements elsewhere.
#include <cstring>

#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer_reshape(const ir::Attrs& attrs, Types in) {
  const Shape& shape = attrs.as<ShapeAttrs>().shape;
  if (shape.known() && in[0].shape.known() && shape.elements() != in[0].shape.elements()) {
    throw ValueError(fmt::format("reshape: expected a shape of {} elements for {}; received {} of {}.",
                                 in[0].shape.elements(), in[0].str(), shape.str(), shape.elements()));
  }
  return {{in[0].dtype, shape}};
}

std::vector<ir::Type> infer_transpose(const ir::Attrs& attrs, Types in) {
  const auto& permutation = attrs.as<TransposeAttrs>().permutation;
  require_rank("transpose", in[0]);
  const auto rank = in[0].shape.size();
  std::vector<bool> seen(rank);
  bool fits = permutation.size() == rank;
  ir::Type out{in[0].dtype, {}};
  for (std::size_t d = 0; fits && d < rank; ++d) {
    const auto from = static_cast<std::size_t>(permutation[d]);
    fits = from < rank && !seen[from];
    if (!fits) break;
    seen[from] = true;
    out.shape.push_back(in[0].shape[from]);
  }
  if (!fits) {
    throw ValueError(fmt::format("transpose: expected each axis of {} once; received permutation=[{}].", in[0].str(),
                                 fmt::join(permutation, ",")));
  }
  return {out};
}

std::vector<ir::Type> infer_broadcast(const ir::Attrs& attrs, Types in) {
  const Shape& from = in[0].shape;
  const Shape& to = attrs.as<ShapeAttrs>().shape;
  bool fits = to.size() >= from.size() && to.rank() <= kMaxRank;
  const std::size_t extra = fits ? to.size() - from.size() : 0;
  for (std::size_t d = 0; fits && d < from.size(); ++d) fits = from[d] == Dim(1) || agree(from[d], to[extra + d]);
  if (!fits) {
    throw ValueError(
        fmt::format("broadcast: {} does not spread over {}. Each axis, counted from the right, must be equal or 1.",
                    in[0].str(), to.str()));
  }
  return {{in[0].dtype, to}};
}

// Copies elements in the result's order; `strides` are those of the operand along the result's axes.
void gather_elements(const ir::ReferenceContext& c, const Strides& strides) {
  const Shape& shape = c.out_types[0].shape;
  Strides sizes{};
  for (std::size_t d = 0; d < shape.size(); ++d) sizes[d] = shape[d].value();
  visit_all(c.in_types[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* x = input<T>(c, 0);
    T* y = output<T>(c);
    walk({sizes.data(), shape.size()}, {strides.data(), shape.size()}, [&](std::int64_t o) { *y++ = x[o]; });
  });
}

}  // namespace

namespace records {

const Record broadcast{
    .name = "broadcast",
    .doc = "Repeats axes of size 1, and new ones in front, until the array has the shape.",
    .inputs = 1,
    .traits = ir::kCheap,
    .attrs = attrs_type<ShapeAttrs>,
    .infer = infer_broadcast,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      return {reduce_to(c.grad[0], c.in[0].type().shape)};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const Shape& from = c.in_types[0].shape;
          const std::size_t extra = c.out_types[0].shape.size() - from.size();
          const Strides own = strides_of(from);
          Strides strides{};
          for (std::size_t d = 0; d < from.size(); ++d) strides[extra + d] = from[d] == Dim(1) ? 0 : own[d];
          gather_elements(c, strides);
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({})}, .attrs = ShapeAttrs{{7}}},
          {.inputs = {f32({3})}, .attrs = ShapeAttrs{{2, 3}}},
          {.inputs = {f32({2, 1})}, .attrs = ShapeAttrs{{2, 3}}},
          {.inputs = {f32({1, 3, 1})}, .attrs = ShapeAttrs{{2, 4, 3, 2}}},
          {.inputs = {f32({1})}, .attrs = ShapeAttrs{{0}}},
          {.inputs = {f32({1, 10})}, .attrs = ShapeAttrs{{37, 10}}},
          {.inputs = {f32({3})}, .attrs = ShapeAttrs{{3}}},
          {.inputs = {i32({3})}, .attrs = ShapeAttrs{{2, 3}}},
          {.inputs = {boolean({1})}, .attrs = ShapeAttrs{{5}}},
          {.inputs = {{DType::bfloat16, {3}}}, .attrs = ShapeAttrs{{2, 3}}},
      };
    },
};

const Record reshape{
    .name = "reshape",
    .doc = "The same elements in row-major order under another shape.",
    .inputs = 1,
    .traits = ir::kCheap,
    .attrs = attrs_type<ShapeAttrs>,
    .infer = infer_reshape,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      return {primitives::reshape(c.grad[0], c.in[0].type().shape)};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const std::size_t bytes = c.in_types[0].bytes();
          if (bytes) std::memmove(c.out[0], c.in[0], bytes);
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({6})}, .attrs = ShapeAttrs{{2, 3}}},
          {.inputs = {f32({2, 3})}, .attrs = ShapeAttrs{{3, 1, 2}}},
          {.inputs = {f32({1})}, .attrs = ShapeAttrs{{}}},
          {.inputs = {f32({0, 3})}, .attrs = ShapeAttrs{{5, 0}}},
          {.inputs = {i64({2, 2})}, .attrs = ShapeAttrs{{4}}},
          {.inputs = {boolean({2, 2})}, .attrs = ShapeAttrs{{4}}},
          {.inputs = {{DType::float16, {2, 2}}}, .attrs = ShapeAttrs{{4}}},
      };
    },
};

const Record transpose{
    .name = "transpose",
    .doc = "Axis d of the result is axis permutation[d] of the operand.",
    .inputs = 1,
    .attrs = attrs_type<TransposeAttrs>,
    .infer = infer_transpose,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      const auto& permutation = c.as<TransposeAttrs>().permutation;
      Ints back(permutation.size());
      for (std::size_t d = 0; d < back.size(); ++d)
        back[static_cast<std::size_t>(permutation[d])] = static_cast<std::int64_t>(d);
      return {primitives::transpose(c.grad[0], back)};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const auto& permutation = c.as<TransposeAttrs>().permutation;
          const Strides own = strides_of(c.in_types[0].shape);
          Strides strides{};
          for (std::size_t d = 0; d < permutation.size(); ++d)
            strides[d] = own[static_cast<std::size_t>(permutation[d])];
          gather_elements(c, strides);
        },
    .samples = []() -> std::vector<ir::Sample> {
      return {
          {.inputs = {f32({2, 3})}, .attrs = TransposeAttrs{{1, 0}}},
          {.inputs = {f32({2, 3, 4})}, .attrs = TransposeAttrs{{2, 0, 1}}},
          {.inputs = {f32({2, 3, 4})}, .attrs = TransposeAttrs{{0, 2, 1}}},
          {.inputs = {f32({2, 1, 3, 2})}, .attrs = TransposeAttrs{{3, 1, 0, 2}}},
          {.inputs = {f32({2, 3, 2, 5})}, .attrs = TransposeAttrs{{3, 2, 1, 0}}},
          {.inputs = {f32({2, 3, 2, 2, 3})}, .attrs = TransposeAttrs{{4, 2, 0, 3, 1}}},
          {.inputs = {f32({})}, .attrs = TransposeAttrs{{}}},
          {.inputs = {f32({3})}, .attrs = TransposeAttrs{{0}}},
          {.inputs = {f32({0, 3})}, .attrs = TransposeAttrs{{1, 0}}},
          {.inputs = {f32({37, 19})}, .attrs = TransposeAttrs{{1, 0}}},
          {.inputs = {i32({2, 3})}, .attrs = TransposeAttrs{{1, 0}}},
          {.inputs = {boolean({2, 3})}, .attrs = TransposeAttrs{{1, 0}}},
      };
    },
};

}  // namespace records
}  // namespace keras::primitives
