// Sum, maximum and minimum as functions of two vectors, and over a contiguous run of floats.
#pragma once

#include "backends/cpu/levels/isa.h"

namespace keras::backends::cpu::KERAS_ISA {

struct SumOf {
  static constexpr float start = 0;
  HWY_INLINE L operator()(L a, L b) const { return a + b; }
  HWY_INLINE float across(L a) const { return GetLane(SumOfLanes(d, a.v)); }
  HWY_INLINE double join(double a, float b) const { return a + b; }
};
struct MaxOf {
  static constexpr float start = -__builtin_inff();
  HWY_INLINE L operator()(L a, L b) const { return max(a, b); }
  HWY_INLINE float across(L a) const {
    if (HWY_UNLIKELY(any(is_nan(a)))) return __builtin_nanf("");  // MaxOfLanes may lose it
    return GetLane(MaxOfLanes(d, a.v));
  }
  HWY_INLINE double join(double a, float b) const { return a != a || a > b ? a : b; }
};
struct MinOf {
  static constexpr float start = __builtin_inff();
  HWY_INLINE L operator()(L a, L b) const { return min(a, b); }
  HWY_INLINE float across(L a) const {
    if (HWY_UNLIKELY(any(is_nan(a)))) return __builtin_nanf("");
    return GetLane(MinOfLanes(d, a.v));
  }
  HWY_INLINE double join(double a, float b) const { return a != a || a < b ? a : b; }
};

template <class F>
HWY_INLINE L reduce_vectors(const float* p, std::size_t n, F f) {
  const L start = splat(F::start);
  L x0 = start, x1 = start, x2 = start, x3 = start;
  std::size_t j = 0;
  for (; j + 4 * W <= n; j += 4 * W) {
    x0 = f(x0, load(p + j)), x1 = f(x1, load(p + j + W));
    x2 = f(x2, load(p + j + 2 * W)), x3 = f(x3, load(p + j + 3 * W));
  }
  for (; j + W <= n; j += W) x0 = f(x0, load(p + j));
  if (j < n) x1 = f(x1, L{IfThenElse(FirstN(d, n - j), load_n(p + j, n - j).v, start.v)});
  return f(f(x0, x1), f(x2, x3));
}
template <class F>
HWY_INLINE float reduce(const float* p, std::size_t n, F f) {
  return f.across(reduce_vectors(p, n, f));
}

}  // namespace keras::backends::cpu::KERAS_ISA
