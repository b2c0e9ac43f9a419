// Lane<Isa>: the reading of primitives/scalar.h as a SIMD vector of floats, and LaneMask<Isa>, what its comparisons
// give. Highway's functions are found through their arguments, so that every symbol carries the Isa type; NaN, infinity
// and the sign of zero come out as from libm. The functions beyond arithmetic are in lane_math.h and lane_trig.h.
#pragma once

#include <hwy/highway.h>

#include <cstddef>

#include "primitives/scalar.h"

namespace keras::backends::cpu::simd {

template <class I>
struct Lane {
  using scalar_tag = void;
  using D = typename I::D;
  using V = decltype(Zero(D()));
  V v;
};
template <class I>
struct LaneMask {
  decltype(Zero(typename I::D()) == Zero(typename I::D())) m;
};

KERAS_SCALAR_LITERALS

template <class I>
HWY_INLINE Lane<I> like(Lane<I>, double k) {
  return {Set(typename I::D(), static_cast<float>(k))};
}
#define KERAS_LANE_OPERATOR(op, name)                    \
  template <class I>                                     \
  HWY_INLINE Lane<I> operator op(Lane<I> a, Lane<I> b) { \
    return {name(a.v, b.v)};                             \
  }
KERAS_LANE_OPERATOR(+, Add)
KERAS_LANE_OPERATOR(-, Sub)
KERAS_LANE_OPERATOR(*, Mul)
KERAS_LANE_OPERATOR(/, Div)
#undef KERAS_LANE_OPERATOR
#define KERAS_LANE_COMPARE(op, name)                         \
  template <class I>                                         \
  HWY_INLINE LaneMask<I> operator op(Lane<I> a, Lane<I> b) { \
    return {name(a.v, b.v)};                                 \
  }
KERAS_LANE_COMPARE(>, Gt)
KERAS_LANE_COMPARE(<, Lt)
KERAS_LANE_COMPARE(>=, Ge)
KERAS_LANE_COMPARE(<=, Le)
KERAS_LANE_COMPARE(==, Eq)
#undef KERAS_LANE_COMPARE
template <class I>
HWY_INLINE Lane<I> operator-(Lane<I> a) {
  return {Neg(a.v)};
}
// Rounds once where the level has FMA; else twice. Use it by name only.
template <class I>
HWY_INLINE Lane<I> fma(Lane<I> a, Lane<I> b, Lane<I> c) {
  return {MulAdd(a.v, b.v, c.v)};
}

template <class I>
HWY_INLINE LaneMask<I> operator!(LaneMask<I> a) {
  return {Not(a.m)};
}
template <class I>
HWY_INLINE LaneMask<I> operator&&(LaneMask<I> a, LaneMask<I> b) {
  return {And(a.m, b.m)};
}
template <class I>
HWY_INLINE LaneMask<I> operator||(LaneMask<I> a, LaneMask<I> b) {
  return {Or(a.m, b.m)};
}
template <class I>
HWY_INLINE LaneMask<I> operator!=(LaneMask<I> a, LaneMask<I> b) {
  return {Xor(a.m, b.m)};
}
template <class I>
HWY_INLINE LaneMask<I> operator==(LaneMask<I> a, LaneMask<I> b) {
  return !(a != b);
}
template <class I>
HWY_INLINE LaneMask<I> operator!=(Lane<I> a, Lane<I> b) {  // Highway's Ne is false for NaN from AVX2 on
  return !(a == b);
}
template <class I>
HWY_INLINE bool any(LaneMask<I> a) {
  return !AllFalse(typename I::D(), a.m);
}
template <class I>
HWY_INLINE Lane<I> select(LaneMask<I> m, Lane<I> a, Lane<I> b) {
  return {IfThenElse(m.m, a.v, b.v)};
}
template <class I>
HWY_INLINE LaneMask<I> is_nan(Lane<I> a) {
  return {IsNaN(a.v)};
}

template <class I>
HWY_INLINE Lane<I> abs(Lane<I> a) {
  return {Abs(a.v)};
}
template <class I>
HWY_INLINE Lane<I> sqrt(Lane<I> a) {
  return {Sqrt(a.v)};
}
template <class I>
HWY_INLINE Lane<I> rsqrt(Lane<I> a) {  // Highway's has 12 to 14 bits
  return 1 / sqrt(a);
}
template <class I>
HWY_INLINE Lane<I> max(Lane<I> a, Lane<I> b) {  // x86 gives b when either is NaN
  return select(is_nan(a), a, Lane<I>{Max(a.v, b.v)});
}
template <class I>
HWY_INLINE Lane<I> min(Lane<I> a, Lane<I> b) {
  return select(is_nan(a), a, Lane<I>{Min(a.v, b.v)});
}
template <class I>
HWY_INLINE Lane<I> round(Lane<I> a) {
  return {Round(a.v)};
}
template <class I>
HWY_INLINE Lane<I> floor(Lane<I> a) {
  return {Floor(a.v)};
}
template <class I>
HWY_INLINE Lane<I> ceil(Lane<I> a) {
  return {Ceil(a.v)};
}
template <class I>
HWY_INLINE Lane<I> with_sign(Lane<I> a, Lane<I> s) {  // a is not negative
  const typename I::D d;
  return {Or(a.v, And(SignBit(d), s.v))};
}
template <class I>
HWY_INLINE Lane<I> sign(Lane<I> x) {
  return select((x == 0) || is_nan(x), x, with_sign(like(x, 1), x));
}
template <class I>
HWY_INLINE Lane<I> flip_if(LaneMask<I> m, Lane<I> a) {
  const typename I::D d;
  return {Xor(a.v, IfThenElseZero(m.m, SignBit(d)))};
}
template <class I>
HWY_INLINE LaneMask<I> sign_bit(Lane<I> a) {
  const typename I::D d;
  return {MaskFromVec(BitCast(d, BroadcastSignBit(BitCast(typename I::DI(), a.v))))};
}

// c0 + c1 x + c2 x^2 …
template <class L>
HWY_INLINE L poly(L x, double c0) {
  return like(x, c0);
}
template <class L, class... C>
HWY_INLINE L poly(L x, double c0, C... c) {
  return fma(poly(x, c...), x, like(x, c0));
}

// For what is rare and has no short formula: f is called number by number.
template <class I, class F>
HWY_INLINE Lane<I> by_element(F f, Lane<I> a, Lane<I> b) {
  const typename I::D d;
  HWY_ALIGN float x[MaxLanes(d)], y[MaxLanes(d)];
  Store(a.v, d, x);
  Store(b.v, d, y);
  for (std::size_t i = 0; i < MaxLanes(d); ++i) x[i] = f(x[i], y[i]);
  return {Load(d, x)};
}

}  // namespace keras::backends::cpu::simd
