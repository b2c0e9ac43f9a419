// float16 and bfloat16 to and from float: exact one way, to the nearest (ties to even) the other. NaN stays NaN.
#pragma once

#include <keras/dtype.h>

#include <bit>
#include <cstdint>

namespace keras {

constexpr float to_float(bfloat16 x) { return std::bit_cast<float>(static_cast<std::uint32_t>(x.bits) << 16); }

constexpr float to_float(float16 x) {
  const std::uint32_t sign = (x.bits & 0x8000u) << 16, exponent = x.bits >> 10 & 0x1Fu, mantissa = x.bits & 0x3FFu;
  if (exponent == 0) {  // zero, or below the normal range: a multiple of 2^-24
    const float size = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -size : size;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | mantissa << 13);
}

template <class Half>
constexpr Half from_float(float x);

template <>
constexpr bfloat16 from_float<bfloat16>(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return {static_cast<std::uint16_t>(bits >> 16 | 0x40u)};
  return {static_cast<std::uint16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16)};
}

template <>
constexpr float16 from_float<float16>(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const std::uint32_t size = bits & 0x7FFFFFFFu;
  const auto signed_bits = [sign](std::uint32_t rest) { return float16{static_cast<std::uint16_t>(sign | rest)}; };
  if (size > 0x7F800000u) return signed_bits(0x7E00u | (size >> 13 & 0x3FFu));
  if (size >= 0x477FF000u) return signed_bits(0x7C00u);  // 65520 and more: infinity
  if (size >= 0x38800000u) return signed_bits((size - 0x38000000u + 0xFFFu + (size >> 13 & 1u)) >> 13);
  if (size < 0x33000000u) return signed_bits(0);  // less than half the least number
  const std::uint32_t shift = 126 - (size >> 23), mantissa = (size & 0x7FFFFFu) | 0x800000u;
  const std::uint32_t kept = mantissa >> shift, rest = mantissa & ((1u << shift) - 1), half = 1u << (shift - 1);
  return signed_bits(kept + (rest > half || (rest == half && (kept & 1u))));
}

// Straight to 16 bits: the way through float would round twice.
template <class Half>
constexpr Half from_double(double x) {
  const auto near = static_cast<float>(x);
  const auto bits = std::bit_cast<std::uint32_t>(near);
  const double back = near;
  if (back == x || x != x || (bits & 0x7FFFFFFFu) >= 0x7F800000u) return from_float<Half>(near);
  // Round to odd: when the float is not exact, its last bit is set, and the second rounding sees which side x was on.
  const bool away = (x > 0) == (back > x);
  std::uint32_t truncated = away ? bits - 1 : bits;
  return from_float<Half>(std::bit_cast<float>(truncated | 1u));
}

}  // namespace keras
