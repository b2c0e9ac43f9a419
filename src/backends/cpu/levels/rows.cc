// The tile kernels of all elementwise rows at one level: a row's lambda over vectors, with operands that are splats
// kept in a register.
#include "primitives/rows.h"

#include "backends/cpu/levels/lane_trig.h"
#include "backends/cpu/levels/tables.h"

namespace keras::backends::cpu::KERAS_ISA {

using scalar::Kind;

HWY_INLINE M mask(L x) { return x != 0; }
HWY_INLINE L number(M m) { return {IfThenElseZero(m.m, splat(1).v)}; }
HWY_INLINE L number(L x) { return x; }

template <const auto& row>
HWY_INLINE L apply(L a, L b, L c) {
  using R = std::decay_t<decltype(row)>;
  constexpr int N = R::inputs;
  constexpr bool logic = R::kind == Kind::logic;
  if constexpr (N == 1 && logic)
    return number(row.fwd(mask(a)));
  else if constexpr (N == 1)
    return number(row.fwd(a));
  else if constexpr (N == 2 && logic)
    return number(row.fwd(mask(a), mask(b)));
  else if constexpr (N == 2)
    return number(row.fwd(a, b));
  else
    return row.fwd(mask(a), b, c);
}

// Bit i of still is set where operand i is a splat.
template <const auto& row, int still>
HWY_FLATTEN void loop(float* y, const float* a, const float* b, const float* c, std::size_t n) {
  constexpr int N = std::decay_t<decltype(row)>::inputs;
  const L none = splat(0);
  L sa = none, sb = none, sc = none;
  if constexpr (still & 1) sa = load(a);
  if constexpr (still & 2) sb = load(b);
  if constexpr (still & 4) sc = load(c);
  const auto at = [&](std::size_t j) HWY_ATTR {
    L u = sa, v = sb, w = sc;
    if constexpr (!(still & 1)) u = load(a + j);
    if constexpr (N > 1 && !(still & 2)) v = load(b + j);
    if constexpr (N > 2 && !(still & 4)) w = load(c + j);
    return apply<row>(u, v, w);
  };
  std::size_t j = 0;
  for (; j + 2 * W <= n; j += 2 * W) {
    const L u = at(j), v = at(j + W);
    store(u, y + j), store(v, y + j + W);
  }
  for (; j + W <= n; j += W) store(at(j), y + j);
  if (const std::size_t left = n - j) {
    L u = sa, v = sb, w = sc;
    if constexpr (!(still & 1)) u = load_n(a + j, left);
    if constexpr (N > 1 && !(still & 2)) v = load_n(b + j, left);
    if constexpr (N > 2 && !(still & 4)) w = load_n(c + j, left);
    store_n(apply<row>(u, v, w), y + j, left);
  }
}

template <const auto& row>
void elementwise(const Operand* s, const Step& step, std::size_t rows, std::size_t cols) {
  constexpr int N = std::decay_t<decltype(row)>::inputs;
  using Loop = void (*)(float*, const float*, const float*, const float*, std::size_t);
  const Operand &a = s[step.a], &b = s[step.b], &c = s[step.c];
  Loop f;
  if constexpr (N == 1) {
    f = a.walks ? loop<row, 0> : loop<row, 1>;
  } else if constexpr (N == 2) {
    if (b.walks)
      f = a.walks ? loop<row, 0> : loop<row, 1>;
    else
      f = a.walks ? loop<row, 2> : loop<row, 3>;
  } else {
    constexpr Loop loops[] = {loop<row, 0>, loop<row, 1>, loop<row, 2>, loop<row, 3>,
                              loop<row, 4>, loop<row, 5>, loop<row, 6>, loop<row, 7>};
    f = loops[!a.walks + 2 * !b.walks + 4 * !c.walks];
  }
  f(s[step.dst].f(), a.f(), b.f(), c.f(), rows * cols);
}

#define KERAS_ROW(name, ...) elementwise<scalar::rows::row_##name>,
#define KERAS_UNARY(...) KERAS_ROW(__VA_ARGS__)
#define KERAS_BINARY(...) KERAS_ROW(__VA_ARGS__)
#define KERAS_TERNARY(...) KERAS_ROW(__VA_ARGS__)
const TileKernel row_kernels[kRows] = {
#include <keras/elementwise.def>
};

}  // namespace keras::backends::cpu::KERAS_ISA
