// Chains become ops: several operands of one shape, then scalars, several results, no gradient.
#include <utility>

#include "primitives/common.h"
#include "primitives/elementwise.h"
#include "primitives/rows.h"

namespace keras::primitives {
namespace {

using scalar::Num;

template <const auto& C>
using ChainOf = std::remove_cvref_t<decltype(C)>;

std::vector<ir::Type> infer(std::string_view name, std::size_t full, std::size_t results, Types in) {
  bool fits = in[0].dtype.is_floating();
  for (std::size_t i = 0; fits && i < in.size(); ++i) fits = in[i] == (i < full ? in[0] : ir::Type{in[0].dtype, {}});
  if (!fits)
    refuse(name,
           fmt::format("{} operands of one floating point type, then {} scalars of its dtype", full, in.size() - full),
           in);
  return std::vector<ir::Type>(results, in[0]);
}

template <const auto& C>
void reference(const ir::ReferenceContext& c) {
  using Chain = ChainOf<C>;
  const std::int64_t count = c.out_types[0].shape.elements();
  visit_real(c.in_types[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    const auto run = [&]<std::size_t... F, std::size_t... S>(std::index_sequence<F...>, std::index_sequence<S...>) {
      for (std::int64_t i = 0; i < count; ++i) {
        const auto y = C.fwd(Num<T>{input<T>(c, F)[i]}..., Num<T>{*input<T>(c, Chain::full + S)}...);
        for (std::size_t r = 0; r < y.size(); ++r) output<T>(c, r)[i] = y[r].v;
      }
    };
    run(std::make_index_sequence<Chain::full>(), std::make_index_sequence<Chain::scalars>());
  });
}

template <const auto& C>
std::vector<ir::Sample> samples() {
  using Chain = ChainOf<C>;
  std::vector<ir::Sample> out;
  const auto add = [&](DType dtype, const Shape& shape) {
    std::vector<ir::Type> inputs(static_cast<std::size_t>(Chain::full), {dtype, shape});
    inputs.resize(static_cast<std::size_t>(Chain::full + Chain::scalars), {dtype, {}});
    out.push_back({.inputs = std::move(inputs), .attrs = {}, .low = 0.1, .high = 0.9});  // second moments are positive
  };
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{7}, Shape{3, 347}}) add(DType::float32, shape);
  for (const DType dtype : {DType::float64, DType::bfloat16}) add(dtype, {5, 7});
  return out;
}

template <const auto& C>
ir::OpDef make(Op op) {
  using Chain = ChainOf<C>;
  static_assert(Chain::results <= Chain::full);
  return {.name = C.name,
          .doc = C.doc,
          .inputs = Chain::full + Chain::scalars,
          .outputs = Chain::results,
          .traits = ir::kInPlace,
          .attrs = attrs_type<ir::NoAttrs>,
          .infer = [](const ir::Attrs&, Types in) { return infer(C.name, Chain::full, Chain::results, in); },
          .vjp = nullptr,
          .reference = reference<C>,
          .samples = samples<C>,
          .code = static_cast<int>(op)};
}

}  // namespace

std::vector<ir::OpDef> chain_defs() {
  return {
#define KERAS_CHAIN(name, ...) make<scalar::chains::chain_##name>(Op::name),
#include "primitives/chains.def"
  };
}

}  // namespace keras::primitives
