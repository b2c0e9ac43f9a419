// Chains become ops: segments, each of several operands of one shape, then scalars for all; as many results for each
// segment as the chain has; no gradient.
#include <utility>

#include "primitives/common.h"
#include "primitives/elementwise.h"
#include "primitives/rows.h"

namespace keras::primitives {
namespace {

// The chains stand behind the elementwise rows in the list of ops.
constexpr int kFirstChain = 0
#define KERAS_UNARY(...) +1
#define KERAS_BINARY(...) +1
#define KERAS_TERNARY(...) +1
#include <keras/elementwise.def>
    ;

using scalar::Num;

template <const auto& C>
using ChainOf = std::remove_cvref_t<decltype(C)>;

std::vector<ir::Type> infer(std::string_view name, std::size_t full, std::size_t scalars, std::size_t results,
                            Types in) {
  bool fits = in.size() > scalars && (in.size() - scalars) % full == 0 && in[0].dtype.is_floating();
  const std::size_t segments = fits ? (in.size() - scalars) / full : 0;
  for (std::size_t i = 0; fits && i < in.size(); ++i) {
    fits = in[i].dtype == in[0].dtype && in[i].shape == (i < segments * full ? in[i / full * full].shape : Shape{});
  }
  if (!fits)
    refuse(name,
           fmt::format("{} operands of one floating point type for each segment, then {} scalars of the dtype", full,
                       scalars),
           in);
  std::vector<ir::Type> out;
  for (std::size_t segment = 0; segment < segments; ++segment) out.insert(out.end(), results, in[segment * full]);
  return out;
}

template <const auto& C>
void reference(const ir::ReferenceContext& c) {
  using Chain = ChainOf<C>;
  const std::size_t scalars = c.in.size() - Chain::scalars, segments = scalars / Chain::full;
  visit_real(c.in_types[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    const auto run = [&]<std::size_t... F, std::size_t... S>(std::index_sequence<F...>, std::index_sequence<S...>) {
      for (std::size_t s = 0; s < segments; ++s) {
        const std::int64_t count = c.out_types[s * Chain::results].shape.elements();
        for (std::int64_t i = 0; i < count; ++i) {
          const auto y = C.fwd(Num<T>{input<T>(c, s * Chain::full + F)[i]}..., Num<T>{*input<T>(c, scalars + S)}...);
          for (std::size_t r = 0; r < y.size(); ++r) output<T>(c, s * Chain::results + r)[i] = y[r].v;
        }
      }
    };
    run(std::make_index_sequence<Chain::full>(), std::make_index_sequence<Chain::scalars>());
  });
}

template <const auto& C>
std::vector<ir::Sample> samples() {
  using Chain = ChainOf<C>;
  std::vector<ir::Sample> out;
  const auto add = [&](DType dtype, const std::vector<Shape>& segments) {
    std::vector<ir::Type> inputs;
    for (const Shape& shape : segments) inputs.insert(inputs.end(), Chain::full, {dtype, shape});
    inputs.insert(inputs.end(), Chain::scalars, {dtype, {}});
    out.push_back({.inputs = std::move(inputs), .attrs = {}, .low = 0.1, .high = 0.9});  // second moments are positive
  };
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{7}, Shape{3, 347}}) add(DType::float32, {shape});
  add(DType::float32, {{5}, {70, 300}, {}, {0}, {5}});
  for (const DType dtype : {DType::float64, DType::bfloat16}) add(dtype, {{5, 7}});
  return out;
}

template <const auto& C>
ir::OpDef make(Op op) {
  using Chain = ChainOf<C>;
  static_assert(Chain::results <= Chain::full);
  return {.name = C.name,
          .doc = C.doc,
          .inputs = -1,
          .outputs = -1,
          .traits = ir::kInPlace,
          .attrs = attrs_type<ir::NoAttrs>,
          .infer = [](const ir::Attrs&,
                      Types in) { return infer(C.name, Chain::full, Chain::scalars, Chain::results, in); },
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

const ChainInfo* chain(const ir::OpDef& op) {
  static constexpr ChainInfo kInfos[] = {
#define KERAS_CHAIN(name, full, scalars, results, ...) {full, scalars, results},
#include "primitives/chains.def"
  };
  constexpr int kCount = static_cast<int>(std::size(kInfos)), kFirst = kFirstChain;
  return op.code >= kFirst && op.code < kFirst + kCount ? &kInfos[op.code - kFirst] : nullptr;
}

}  // namespace keras::primitives
