// The rows of keras/elementwise.def and chains.def as constants: rows::row_tanh, chains::chain_adam_update. Each holds
// the generic lambdas of its row, to be instantiated with any reading of scalar.h. The namespaces lie within
// keras::scalar so that rows see the literals, and apart so that no row hides a function.
#pragma once

#include <string_view>

#include "primitives/op.h"
#include "primitives/scalar.h"

namespace keras::scalar {

using primitives::Flat;
using primitives::Kind;
using primitives::NoGradient;

// Where a row is tested: operands are drawn from it.
struct Domain {
  double low = -2, high = 2;
};

// fwd(operands…); vjp(g, operands…, y): the gradient of a unary row's operand, pair() of a binary row's operands,
// pair() of the last two operands of a `choose` row. G is NoGradient or Flat where there is none.
template <int N, Kind K, class F, class G>
struct Row {
  static constexpr int inputs = N;
  static constexpr Kind kind = K;
  std::string_view name, doc;
  F fwd;
  G vjp;
  Domain domain;
};
template <int N, Kind K, class F, class G>
constexpr Row<N, K, F, G> make_row(std::string_view name, std::string_view doc, F fwd, G vjp, Domain domain = {}) {
  return {name, doc, fwd, vjp, domain};
}

template <int Full, int Scalars, int Results, class F>
struct Chain {
  static constexpr int full = Full, scalars = Scalars, results = Results;
  std::string_view name, doc;
  F fwd;  // fwd(full operands…, scalars…) -> std::array of results
};
template <int Full, int Scalars, int Results, class F>
constexpr Chain<Full, Scalars, Results, F> make_chain(std::string_view name, std::string_view doc, F fwd) {
  return {name, doc, fwd};
}

namespace rows {
using primitives::flat;
using primitives::no_gradient;
#define KERAS_ROW(inputs, name, kind, doc, forward, gradient, ...) \
  inline constexpr auto row_##name =                               \
      make_row<inputs, Kind::kind>(#name, doc, forward, gradient __VA_OPT__(, ) __VA_ARGS__);
#define KERAS_UNARY(...) KERAS_ROW(1, __VA_ARGS__)
#define KERAS_BINARY(...) KERAS_ROW(2, __VA_ARGS__)
#define KERAS_TERNARY(...) KERAS_ROW(3, __VA_ARGS__)
#include <keras/elementwise.def>
#undef KERAS_ROW
}  // namespace rows

namespace chains {
#define KERAS_CHAIN(name, full, scalars, results, doc, ...) \
  inline constexpr auto chain_##name = make_chain<full, scalars, results>(#name, doc, __VA_ARGS__);
#include "primitives/chains.def"
}  // namespace chains

}  // namespace keras::scalar
