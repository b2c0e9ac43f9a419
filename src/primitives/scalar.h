// The names a row of keras/elementwise.def or chains.def may use, and what they mean for plain numbers (Num<T>, the
// reference). Other readings give the same names to a type of their own, beside that type: Src in source_text.h (C
// text), ir::Value in value.h (nodes), Lane<Isa> in backends/cpu (SIMD). Nothing falls back on <cmath>.
//
// A reading X has `using scalar_tag = void;`, like(X, double), the operators and functions on X below, a mask type that
// its comparisons return, !, && and || and == and != on masks, select(mask, X, X), and KERAS_SCALAR_LITERALS in its
// namespace.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace keras::scalar {

template <class X>
concept Scalar = requires {
  typename X::scalar_tag;
};

// Literals, once for every reading: a number takes the other operand's type, so that 0.5 * x stays float.
#define KERAS_LITERAL(op)           \
  template <Scalar X>               \
  auto operator op(X x, double k) { \
    return x op like(x, k);         \
  }                                 \
  template <Scalar X>               \
  auto operator op(double k, X x) { \
    return like(x, k) op x;         \
  }
KERAS_LITERAL(+)
KERAS_LITERAL(-)
KERAS_LITERAL(*)
KERAS_LITERAL(/)
KERAS_LITERAL(>)
KERAS_LITERAL(<)
KERAS_LITERAL(>=)
KERAS_LITERAL(<=)
KERAS_LITERAL(==)
KERAS_LITERAL(!=)
#undef KERAS_LITERAL
#define KERAS_LITERAL(name)     \
  template <Scalar X>           \
  X name(X x, double k) {       \
    return name(x, like(x, k)); \
  }                             \
  template <Scalar X>           \
  X name(double k, X x) {       \
    return name(like(x, k), x); \
  }
KERAS_LITERAL(max)
KERAS_LITERAL(min)
KERAS_LITERAL(pow)
#undef KERAS_LITERAL
template <class M, Scalar X>
X select(M m, X a, double b) {
  return select(m, a, like(a, b));
}
template <class M, Scalar X>
X select(M m, double a, X b) {
  return select(m, like(b, a), b);
}

// Brings the literals to a reading in another namespace, where argument-dependent lookup finds them.
#define KERAS_SCALAR_LITERALS      \
  using keras::scalar::operator+;  \
  using keras::scalar::operator-;  \
  using keras::scalar::operator*;  \
  using keras::scalar::operator/;  \
  using keras::scalar::operator>;  \
  using keras::scalar::operator<;  \
  using keras::scalar::operator>=; \
  using keras::scalar::operator<=; \
  using keras::scalar::operator==; \
  using keras::scalar::operator!=; \
  using keras::scalar::max;        \
  using keras::scalar::min;        \
  using keras::scalar::pow;        \
  using keras::scalar::select;

// Several results: the gradients of two operands, the results of a chain.
template <Scalar X>
constexpr std::array<X, 2> pair(X a, X b) {
  return {a, b};
}
template <Scalar X, std::same_as<X>... More>
constexpr std::array<X, 1 + sizeof...(More)> list(X first, More... more) {
  return {first, more...};
}

// The functions every reading has, by number of operands.
// clang-format does not come to rest on this list.
// clang-format off
#define KERAS_SCALAR_UNARY(F) \
  F(abs) F(acos) F(acosh) F(asin) F(asinh) F(atan) F(atanh) F(ceil) F(cos) F(cosh) F(erf) F(exp) \
  F(expm1) F(floor) F(log) F(log1p) F(round) F(rsqrt) F(sign) F(sin) F(sinh) F(sqrt) F(tan) F(tanh)
// clang-format on
#define KERAS_SCALAR_BINARY(F) F(atan2) F(floor_divide) F(max) F(min) F(mod) F(pow)

// ---- a plain number. Masks are bool. Integers wrap around, and dividing one by zero gives 0. ----
template <class T>
struct Num {
  using scalar_tag = void;
  T v;
};
template <class T>
concept Whole = std::integral<T>;
template <class T>
concept Real = std::floating_point<T>;

template <class T>
Num<T> like(Num<T>, double k) {
  return {static_cast<T>(k)};
}
template <Real T>
Num<T> operator+(Num<T> a, Num<T> b) {
  return {a.v + b.v};
}
template <Real T>
Num<T> operator-(Num<T> a, Num<T> b) {
  return {a.v - b.v};
}
template <Real T>
Num<T> operator*(Num<T> a, Num<T> b) {
  return {a.v * b.v};
}
template <Real T>
Num<T> operator/(Num<T> a, Num<T> b) {
  return {a.v / b.v};
}
template <Real T>
Num<T> operator-(Num<T> a) {
  return {-a.v};
}
namespace detail {
template <Whole T>
constexpr std::uint64_t wide(T v) {
  return static_cast<std::uint64_t>(v);
}
template <Whole T>
constexpr bool negative(T v) {
  if constexpr (std::is_signed_v<T>) return v < 0;
  return false;
}
}  // namespace detail
template <Whole T>
Num<T> operator+(Num<T> a, Num<T> b) {
  return {static_cast<T>(detail::wide(a.v) + detail::wide(b.v))};
}
template <Whole T>
Num<T> operator-(Num<T> a, Num<T> b) {
  return {static_cast<T>(detail::wide(a.v) - detail::wide(b.v))};
}
template <Whole T>
Num<T> operator*(Num<T> a, Num<T> b) {
  return {static_cast<T>(detail::wide(a.v) * detail::wide(b.v))};
}
template <Whole T>
Num<T> operator-(Num<T> a) {
  return {static_cast<T>(0 - detail::wide(a.v))};
}
template <Whole T>
Num<T> operator/(Num<T> a, Num<T> b) {  // towards zero
  if (b.v == 0) return {0};
  if constexpr (std::is_signed_v<T>) {
    if (b.v == -1) return -a;  // the lowest number divided by -1 traps
  }
  return {static_cast<T>(a.v / b.v)};
}

#define KERAS_COMPARE(op)                \
  template <class T>                     \
  bool operator op(Num<T> a, Num<T> b) { \
    return a.v op b.v;                   \
  }
KERAS_COMPARE(>)
KERAS_COMPARE(<)
KERAS_COMPARE(>=)
KERAS_COMPARE(<=)
KERAS_COMPARE(==)
KERAS_COMPARE(!=)
#undef KERAS_COMPARE

template <class T>
Num<T> select(bool m, Num<T> a, Num<T> b) {
  return m ? a : b;
}
template <class T>
Num<T> max(Num<T> a, Num<T> b) {  // NaN in, NaN out
  return a.v != a.v || a.v > b.v ? a : b;
}
template <class T>
Num<T> min(Num<T> a, Num<T> b) {
  return a.v != a.v || a.v < b.v ? a : b;
}

#define KERAS_MATH(name)     \
  template <Real T>          \
  Num<T> name(Num<T> a) {    \
    return {std::name(a.v)}; \
  }
KERAS_MATH(acos)
KERAS_MATH(acosh)
KERAS_MATH(asin)
KERAS_MATH(asinh)
KERAS_MATH(atan)
KERAS_MATH(atanh)
KERAS_MATH(cos)
KERAS_MATH(cosh)
KERAS_MATH(erf)
KERAS_MATH(exp)
KERAS_MATH(expm1)
KERAS_MATH(log)
KERAS_MATH(log1p)
KERAS_MATH(sin)
KERAS_MATH(sinh)
KERAS_MATH(sqrt)
KERAS_MATH(tan)
KERAS_MATH(tanh)
KERAS_MATH(abs)
KERAS_MATH(ceil)
KERAS_MATH(floor)
#undef KERAS_MATH
template <Real T>
Num<T> rsqrt(Num<T> a) {
  return {1 / std::sqrt(a.v)};
}
template <Real T>
Num<T> round(Num<T> a) {  // halves to even
  return {std::nearbyint(a.v)};
}
template <Real T>
Num<T> sign(Num<T> a) {  // of NaN: NaN; of -0: -0
  return {a.v > 0 ? T(1) : a.v < 0 ? T(-1) : a.v};
}
template <Real T>
Num<T> atan2(Num<T> a, Num<T> b) {
  return {std::atan2(a.v, b.v)};
}
template <Real T>
Num<T> pow(Num<T> a, Num<T> b) {
  return {std::pow(a.v, b.v)};
}
template <Real T>
Num<T> floor_divide(Num<T> a, Num<T> b) {
  return {std::floor(a.v / b.v)};
}
template <Real T>
Num<T> mod(Num<T> a, Num<T> b) {  // exact; the sign of b
  const T r = std::fmod(a.v, b.v);
  return {r != 0 && (r < 0) != (b.v < 0) ? r + b.v : r};
}

template <Whole T>
Num<T> abs(Num<T> a) {
  return detail::negative(a.v) ? -a : a;
}
template <Whole T>
Num<T> ceil(Num<T> a) {
  return a;
}
template <Whole T>
Num<T> floor(Num<T> a) {
  return a;
}
template <Whole T>
Num<T> round(Num<T> a) {
  return a;
}
template <Whole T>
Num<T> sign(Num<T> a) {
  return {static_cast<T>(detail::negative(a.v) ? -1 : a.v != 0)};
}
template <Whole T>
Num<T> floor_divide(Num<T> a, Num<T> b) {
  const Num<T> q = a / b;
  const bool down = b.v != 0 && detail::negative(a.v) != detail::negative(b.v) && (q * b).v != a.v;
  return down ? q - Num<T>{1} : q;
}
template <Whole T>
Num<T> mod(Num<T> a, Num<T> b) {
  if (b.v == 0) return {0};
  return a - floor_divide(a, b) * b;
}
template <Whole T>
Num<T> pow(Num<T> a, Num<T> b) {  // a negative exponent gives the whole part: 1, -1 or 0
  if (detail::negative(b.v)) {
    const bool unit = a.v == 1 || (a + Num<T>{1}).v == 0;
    return unit ? (b.v % 2 == 0 ? Num<T>{1} : a) : Num<T>{0};
  }
  Num<T> r{1};
  for (std::uint64_t n = detail::wide(b.v); n != 0; n >>= 1) {
    if (n & 1) r = r * a;
    a = a * a;
  }
  return r;
}

}  // namespace keras::scalar
