// Exponentials, logarithms and powers of Lane<Isa>: within a few units in the last place, NaN and infinity as from
// libm.
#pragma once

#include "backends/cpu/levels/lane.h"

namespace keras::backends::cpu::simd {

inline constexpr float kInf = __builtin_inff(), kNaN = __builtin_nanf("");
inline constexpr double kLn2High = 0.693359375,
                        kLn2Low = -2.12194440054690583e-4;  // the sum is ln 2; 9 bits are exact times n

template <class I>
HWY_INLINE Lane<I> power_of_two(decltype(Zero(typename I::DI())) k) {  // -126 <= k <= 127
  return {BitCast(typename I::D(), ShiftLeft<23>(Add(k, Set(typename I::DI(), 127))))};
}
// x * 2^n in two steps, so that results may be subnormal.
template <class I>
HWY_INLINE Lane<I> scale2(Lane<I> x, Lane<I> n) {
  const auto k = NearestInt(n.v);
  const auto half = ShiftRight<1>(k);
  return x * power_of_two<I>(half) * power_of_two<I>(Sub(k, half));
}
// x between low and high; NaN stays (x86's Min and Max give the second operand then).
template <class I>
HWY_INLINE Lane<I> between(double low, Lane<I> x, double high) {
  return {Max(like(x, low).v, Min(like(x, high).v, x.v))};
}
// exp(x + low) * 2^shift for |low| tiny.
template <class I>
HWY_INLINE Lane<I> exp_sum(Lane<I> x, Lane<I> low, double shift) {
  x = between(-105, x, 90);
  const auto n = round(x * 1.4426950408889634);
  auto r = fma(n, like(x, -kLn2High), x);  // exact
  r = fma(n, like(x, -kLn2Low), r) + low;
  const auto p = poly(r, 0.5, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4);
  return scale2(fma(r * r, p, r) + 1, n + shift);
}
template <class I>
HWY_INLINE Lane<I> exp(Lane<I> x) {
  return exp_sum(x, like(x, 0), 0);
}
template <class I>
HWY_INLINE Lane<I> half_exp(Lane<I> x) {  // exp(x) / 2, where exp(x) itself may overflow
  return exp_sum(x, like(x, 0), -1);
}
template <class I>
HWY_INLINE Lane<I> expm1(Lane<I> x) {
  const auto c = between(-18, x, 89);
  const auto n = round(c * 1.4426950408889634);
  auto r = fma(n, like(c, -kLn2High), c);
  r = fma(n, like(c, -kLn2Low), r);
  const auto p = poly(r, 0.5, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4);
  const auto small = fma(r * r, p, r);                    // expm1(r)
  const auto k = power_of_two<I>(NearestInt((n - 1).v));  // half of 2^n, which may overflow
  const auto y = fma(k, small, k - 0.5) * 2;
  return select((n == 0) && !is_nan(x), select(x == 0, x, small), y);
}

// x = m * 2^e with sqrt(1/2) <= m < sqrt(2), for finite x > 0.
template <class I>
struct Split {
  Lane<I> m, e;
};
template <class I>
HWY_INLINE Split<I> split(Lane<I> x) {
  const typename I::D d;
  const typename I::DI di;
  const auto tiny = x < 1.17549435e-38;
  const auto bits = BitCast(di, select(tiny, x * 8388608, x).v);
  const auto e = ShiftRight<23>(Sub(bits, Set(di, 0x3f3504f3)));
  const Lane<I> exponent{ConvertTo(d, e)};
  return {{BitCast(d, Sub(bits, ShiftLeft<23>(e)))}, select(tiny, exponent - 23, exponent)};
}
// log(1 + t) + e * ln 2 for 1 + t in [sqrt(1/2), sqrt(2)).
template <class I>
HWY_INLINE Lane<I> log_of(Lane<I> t, Lane<I> e) {
  const auto z = t * t;
  auto y = t * z *
           poly(t, 3.3333331174e-1, -2.4999993993e-1, 2.0000714765e-1, -1.6668057665e-1, 1.4249322787e-1,
                -1.2420140846e-1, 1.1676998740e-1, -1.1514610310e-1, 7.0376836292e-2);
  y = fma(like(t, -0.5), z, fma(e, like(t, kLn2Low), y)) + t;
  return fma(e, like(t, kLn2High), y);
}
template <class I>
HWY_INLINE Lane<I> log_edges(Lane<I> x, Lane<I> y) {  // x outside (0, inf)
  y = select(x == 0, -kInf, y);
  y = select(x < 0, kNaN, y);
  return select(is_nan(x) || (x == kInf), x, y);
}
template <class I>
HWY_INLINE Lane<I> log(Lane<I> x) {
  const auto [m, e] = split(x);
  return log_edges(x, log_of(m - 1, e));
}
template <class I>
HWY_INLINE Lane<I> log1p(Lane<I> x) {
  const auto u = x + 1;
  const auto lost = select(x < 1, x - (u - 1), 1 - (u - x));  // 1 + x = u + lost, exactly
  const auto [m, e] = split(u);
  const auto t = (m - 1) + lost * power_of_two<I>(NearestInt((-min(e, like(e, 126))).v));
  const auto y = log_of(select(e == 0, x, t), e);
  return select(x == 0, x, log_edges(u, y));
}

template <class I>
HWY_INLINE Lane<I> tanh(Lane<I> x) {
  const auto a = abs(x), z = x * x;
  const auto small = fma(
      z * a, poly(z, -3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3), a);
  const auto big = 1 - 2 / (exp(a + a) + 1);
  return with_sign(select(a < 0.625, small, big), x);
}
template <class I>
HWY_INLINE Lane<I> sinh(Lane<I> x) {
  const auto a = abs(x), e = expm1(a), big = half_exp(a);
  return with_sign(select(a < 9, 0.5 * (e + e / (e + 1)), big), x);
}
template <class I>
HWY_INLINE Lane<I> cosh(Lane<I> x) {
  const auto e = half_exp(abs(x));
  return e + 0.25 / e;
}
template <class I>
HWY_INLINE Lane<I> asinh(Lane<I> x) {
  const auto a = abs(x), z = a * a;
  const auto small = log1p(a + z / (1 + sqrt(1 + z)));
  return with_sign(select(a > 1e9, log(a) + 0.69314718056, small), x);
}
template <class I>
HWY_INLINE Lane<I> acosh(Lane<I> x) {
  const auto t = x - 1;
  const auto y = select(x > 1e9, log(x) + 0.69314718056, log1p(t + sqrt(t * (t + 2))));
  return select(x < 1, kNaN, y);
}
template <class I>
HWY_INLINE Lane<I> atanh(Lane<I> x) {
  const auto a = abs(x);
  return with_sign(0.5 * log1p((a + a) / (1 - a)), x);
}

// The error function in Norbert Juffa's two ranges: a polynomial, and 1 - exp(polynomial).
template <class I>
HWY_INLINE Lane<I> erf(Lane<I> x) {
  const auto a = abs(x), s = x * x;
  const auto small =
      fma(poly(s, 1.28379166e-1, -3.76125336e-1, 1.12819925e-1, -2.67681349e-2, 4.99119423e-3, -5.96761703e-4), x, x);
  const auto t = Lane<I>{Min(like(x, 4).v, a.v)};
  const auto r = t * poly(t, -1.28717512e-1, -6.34846687e-1, -1.06777877e-1, 2.42546219e-2, -3.88396438e-3,
                          3.83197126e-4, -1.72853470e-5) -
                 t;
  return select(a < 0.927734375, small, with_sign(1 - exp(r), x));
}

template <class L>
struct Two {
  L hi, lo;
};
template <class L>
HWY_INLINE Two<L> two_sum_ordered(L a, L b) {  // |a| >= |b|
  const L s = a + b;
  return {s, b - (s - a)};
}
template <class I>
HWY_INLINE Lane<I> product_error(Lane<I> a, Lane<I> b, Lane<I> p) {  // a * b - p, exactly
  if constexpr (I::fused) {
    return {MulSub(a.v, b.v, p.v)};
  } else {  // Dekker's product
    const auto cut = [](Lane<I> x) HWY_ATTR {
      const auto c = x * 4097;
      return c - (c - x);
    };
    const auto ah = cut(a), bh = cut(b), al = a - ah, bl = b - bh;
    return ((ah * bh - p) + ah * bl + al * bh) + al * bl;
  }
}
// exp(y * log|x|) with the logarithm in two floats.
template <class I>
HWY_INLINE Lane<I> pow(Lane<I> x, Lane<I> exponent) {
  const auto y = between(-1e30, exponent, 1e30);  // product_error without FMA overflows above
  const auto ax = abs(x), zero = like(x, 0), one = like(x, 1), inf = like(x, kInf);
  const auto [m, e] = split(ax);
  const auto s = m - 1, p = m + 1, pl = m - (p - 1), q = s / p, qp = q * p;
  const auto ql = ((s - qp) - product_error(q, p, qp) - q * pl) / p;  // (m - 1) / (m + 1) = q + ql
  const auto z = q * q;
  const auto series = z * poly(z, 0.66666666, 0.40000000, 0.28571430, 0.22221980, 0.18356720, 0.14);
  const auto top = two_sum_ordered(e * kLn2High, q + q);
  const auto l = two_sum_ordered(top.hi, top.lo + (fma(e, like(x, kLn2Low), ql + ql) + q * series));
  const auto h = y * l.hi;
  auto low = product_error(y, l.hi, h) + y * l.lo;
  low = select(abs(h) > 200, zero, low);  // overflows or vanishes whatever follows; inf - inf above is NaN
  auto r = exp_sum(h, low, 0);
  const auto whole = round(y) == y;  // all are, from 2^23; all are even, from 2^24
  const auto odd = whole && (abs(y * 0.5 - round(y * 0.5)) == 0.5);
  const auto grows = select(y > 0, inf, zero), falls = select(y > 0, zero, inf);
  r = select(ax == 0, falls, select(ax == inf, grows, r));
  const auto y_inf = abs(exponent) == inf;
  r = select(y_inf, select(ax > one, grows, falls), r);
  r = select(y_inf && (ax == one), one, r);
  r = flip_if(sign_bit(x) && odd, r);
  r = select((x < zero) && !whole && (ax < inf), kNaN, r);
  r = select(is_nan(x), x, select(is_nan(exponent), exponent, r));
  return select((exponent == 0) || (x == one), one, r);
}

}  // namespace keras::backends::cpu::simd
