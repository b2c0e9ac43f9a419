// Trigonometry, and the divisions that round down, of Lane<Isa>: within a few units in the last place.
#pragma once

#include "backends/cpu/levels/lane_math.h"

namespace keras::backends::cpu::simd {

// x = r + quarter * pi/2 with |r| <= pi/4, for |x| < kReducible. Done in double: floats near multiples of pi/2 cancel.
template <class I>
struct Reduced {
  Lane<I> r;
  decltype(Zero(typename I::DI())) quarter;
};
inline constexpr float kReducible = 1 << 20;

template <class I>
HWY_INLINE Reduced<I> reduce_quarter(Lane<I> x) {
  const typename I::D d;
  const typename I::DI di;
  const typename I::DHalf dh;
  const typename I::DIHalf dih;
  const typename I::DWide dd;
  const auto reduce = [&](auto half, auto& r, auto& k) HWY_ATTR {
    const auto wide = PromoteTo(dd, half);
    const auto n = Round(Mul(wide, Set(dd, 0.63661977236758134)));
    const auto first = Sub(wide, Mul(n, Set(dd, 1.5707963267341256)));  // 33 bits of pi/2: exact
    r = DemoteTo(dh, Sub(first, Mul(n, Set(dd, 6.0771005065061922e-11))));
    k = DemoteTo(dih, n);
  };
  auto r0 = Zero(dh), r1 = Zero(dh);
  auto k0 = Zero(dih), k1 = Zero(dih);
  reduce(LowerHalf(dh, x.v), r0, k0);
  reduce(UpperHalf(dh, x.v), r1, k1);
  return {{Combine(d, r1, r0)}, Combine(di, k1, k0)};
}
template <class I>
HWY_INLINE Lane<I> sin_small(Lane<I> r) {
  const auto z = r * r;
  return fma(z * r, poly(z, -1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4), r);
}
template <class I>
HWY_INLINE Lane<I> cos_small(Lane<I> r) {
  const auto z = r * r;
  return fma(z * z, poly(z, 4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5), 1 - 0.5 * z);
}
template <class I>
HWY_INLINE LaneMask<I> bit_set(decltype(Zero(typename I::DI())) k, int bit) {
  const typename I::D d;
  const typename I::DI di;
  return {RebindMask(d, Ne(And(k, Set(di, bit)), Zero(di)))};
}
template <class I, class F>
HWY_INLINE Lane<I> with_huge(Lane<I> x, Lane<I> y, F f) {  // libm for the rare huge arguments and infinity
  const auto huge = abs(x) >= kReducible;
  if (HWY_UNLIKELY(any(huge))) y = select(huge, by_element(f, x, x), y);
  return y;
}
template <class I>
HWY_INLINE Lane<I> sin(Lane<I> x) {
  const auto [r, k] = reduce_quarter(x);
  const auto y = flip_if(bit_set<I>(k, 2), select(bit_set<I>(k, 1), cos_small(r), sin_small(r)));
  return with_huge(x, select(x == 0, x, y), [](float v, float) { return __builtin_sinf(v); });
}
template <class I>
HWY_INLINE Lane<I> cos(Lane<I> x) {
  const auto [r, k] = reduce_quarter(x);
  const auto next = Add(k, Set(typename I::DI(), 1));
  const auto y = flip_if(bit_set<I>(next, 2), select(bit_set<I>(k, 1), sin_small(r), cos_small(r)));
  return with_huge(x, y, [](float v, float) { return __builtin_cosf(v); });
}
template <class I>
HWY_INLINE Lane<I> tan(Lane<I> x) {
  const auto [r, k] = reduce_quarter(x);
  const auto s = sin_small(r), c = cos_small(r);
  const auto odd = bit_set<I>(k, 1);
  const auto y = select(odd, -c, s) / select(odd, s, c);
  return with_huge(x, select(x == 0, x, y), [](float v, float) { return __builtin_tanf(v); });
}

inline constexpr double kPiHalf = 1.5707963267948966,
                        kPiHalfLow = -4.3711388286737929e-8;  // float(kPiHalf) + kPiHalfLow

template <class I>
HWY_INLINE Lane<I> atan_small(Lane<I> t) {  // 0 <= t <= 1
  const auto far = t > 0.4142135623730950;
  const auto s = select(far, (t - 1) / (t + 1), t), z = s * s;
  const auto y = fma(z * s, poly(z, -3.33329491539e-1, 1.99777106478e-1, -1.38776856032e-1, 8.05374449538e-2), s);
  return select(far, like(t, 0.5 * kPiHalf) + (y + 0.5 * kPiHalfLow), y);
}
template <class I>
HWY_INLINE Lane<I> atan(Lane<I> x) {
  const auto a = abs(x);
  const auto over = a > 1;
  const auto y = atan_small(select(over, 1 / a, a));
  return with_sign(select(over, like(x, kPiHalf) - (y - kPiHalfLow), y), x);
}
template <class I>
HWY_INLINE Lane<I> atan2(Lane<I> y, Lane<I> x) {
  const auto ay = abs(y), ax = abs(x), zero = like(x, 0);
  const auto steep = ay > ax;
  auto t = select(steep, ax, ay) / select(steep, ay, ax);
  t = select((ax == 0) && (ay == 0), zero, select((ax == kInf) && (ay == kInf), 1, t));
  auto r = atan_small(t);
  r = select(steep, like(x, kPiHalf) - (r - kPiHalfLow), r);
  r = select(sign_bit(x), like(x, 2 * kPiHalf) - (r - 2 * kPiHalfLow), r);
  return select(is_nan(x), x, select(is_nan(y), y, with_sign(r, y)));
}
template <class I>
HWY_INLINE Lane<I> asin_small(Lane<I> s, Lane<I> z) {  // z = s * s <= 1/4
  return fma(z * s, poly(z, 1.6666752422e-1, 7.4953002686e-2, 4.5470025998e-2, 2.4181311049e-2, 4.2163199048e-2), s);
}
template <class I>
HWY_INLINE Lane<I> asin(Lane<I> x) {
  const auto a = abs(x);
  const auto far = a > 0.5;
  const auto z = select(far, 0.5 * (1 - a), a * a);
  const auto y = asin_small(select(far, sqrt(z), a), z);
  return with_sign(select(far, like(x, kPiHalf) - (y + y - kPiHalfLow), y), x);
}
template <class I>
HWY_INLINE Lane<I> acos(Lane<I> x) {
  const auto a = abs(x);
  const auto far = a > 0.5;
  const auto z = select(far, 0.5 * (1 - a), a * a);
  const auto y = asin_small(select(far, sqrt(z), a), z);
  const auto near = like(x, kPiHalf) - (with_sign(y, x) - kPiHalfLow);
  return select(far, select(x < 0, like(x, 2 * kPiHalf) - (y + y - 2 * kPiHalfLow), y + y), near);
}

template <class I>
HWY_INLINE Lane<I> floor_divide(Lane<I> a, Lane<I> b) {
  return floor(a / b);
}
template <class I>
HWY_INLINE Lane<I> mod(Lane<I> a, Lane<I> b) {  // exact; the sign of b
  const auto r = by_element([](float u, float v) { return __builtin_fmodf(u, v); }, a, b);
  return select((r != 0) && (sign_bit(r) != sign_bit(b)), r + b, r);
}

}  // namespace keras::backends::cpu::simd
