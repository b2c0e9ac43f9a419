// The random numbers of the whole library: element i of a draw with (stream, step) is a function of these three
// numbers, defined here once, for the eager draws (tensor/random.cc) and the random ops (primitives/random.cc) alike.
// There is no rejection and no state: each element takes one block of Philox 4x32-10 (Salmon, Moraes, Dror, Shaw:
// «Parallel random numbers: as easy as 1, 2, 3», 2011), or a word of one where 24 bits are enough. Only +, -, *, / and
// sqrt are used, so every machine gets the same bits.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace keras::support {

using Bits = std::array<std::uint32_t, 4>;

// The block of counter (counter_hi, counter_lo) under a key. Words are low half first: lo, lo >> 32, hi, hi >> 32.
constexpr Bits philox(std::uint64_t key, std::uint64_t counter_hi, std::uint64_t counter_lo) {
  constexpr auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  constexpr auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  std::uint32_t k0 = low(key), k1 = high(key);
  std::uint32_t c0 = low(counter_lo), c1 = high(counter_lo), c2 = low(counter_hi), c3 = high(counter_hi);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * c0, b = std::uint64_t{0xCD9E8D57} * c2;
    c0 = high(b) ^ c1 ^ k0;
    c1 = low(b);
    c2 = high(a) ^ c3 ^ k1;
    c3 = low(a);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {c0, c1, c2, c3};
}

constexpr std::uint64_t first64(const Bits& bits) { return bits[0] | std::uint64_t{bits[1]} << 32; }

// A stream's key from a seed and a number: neighbouring numbers give unrelated streams.
constexpr std::uint64_t stream_key(std::uint64_t seed, std::uint64_t number) {
  return first64(philox(seed, 0x73747265616D, number));
}

// Uniform in [0, 1): multiples of 2^-24, and of 2^-53.
constexpr float uniform01f(std::uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }
constexpr double uniform01(const Bits& bits) { return static_cast<double>(first64(bits) >> 11) * 0x1p-53; }
// Uniform in (0, 1), both ends left out: odd multiples of 2^-53.
constexpr double open01(const Bits& bits) { return (static_cast<double>(first64(bits) >> 12) + 0.5) * 0x1p-52; }

// log(x) for positive normal x, to about 1 ulp: the library's log differs from machine to machine in its last bit.
inline double portable_log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  const double s = (m - 1) / (m + 1), z = s * s;  // log m = 2 artanh s
  double sum = 0;
  for (int k = 23; k >= 3; k -= 2) sum = (sum + 1.0 / k) * z;
  constexpr double kLn2High = 0x1.62e42fefap-1, kLn2Low = 0x1.cf79abc9e3b39p-40;
  return exponent * kLn2High + (2 * s + (2 * s * sum + exponent * kLn2Low));
}

// c[0] + c[1] x + … + c[7] x^7
constexpr double polynomial(const double (&c)[8], double x) {
  double sum = c[7];
  for (int i = 6; i >= 0; --i) sum = sum * x + c[i];
  return sum;
}

// The inverse of the standard normal distribution function for p in (0, 1), to about 1e-16 relative: algorithm AS 241,
// PPND16 (M. J. Wichura, Applied Statistics 37, 1988). Numerators and denominators near the middle, in the tails, far
// out.
inline double inverse_normal(double p) {
  static constexpr double kMiddle[2][8] = {
      {3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
       45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727},
      {1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
       39307.895800092710610, 28729.085735721942674, 5226.4952788528545610}};
  static constexpr double kTail[2][8] = {
      {1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
       1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4},
      {1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550, 0.148103976427480074590,
       0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9}};
  static constexpr double kFar[2][8] = {
      {6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
       0.0265321895265761230930, 0.00124266094738807843860, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
      {1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525, 7.86869131145613259100e-4,
       1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}};
  const auto ratio = [](const double(&c)[2][8], double x) { return polynomial(c[0], x) / polynomial(c[1], x); };
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) return q * ratio(kMiddle, 0.180625 - q * q);
  const double r = std::sqrt(-portable_log(q < 0 ? p : 1 - p));
  const double value = r <= 5 ? ratio(kTail, r - 1.6) : ratio(kFar, r - 5);
  return q < 0 ? -value : value;
}

// Element `index` of a draw. The normal is the inverse of the distribution function; the truncated normal, which Keras
// redraws beyond two standard deviations, is that inverse over the part of (0, 1) within them: the same distribution.
inline float uniform_at(std::uint64_t stream, std::uint64_t step, std::uint64_t index) {
  // 64 elements share 16 blocks, each word of which is 16 elements further on: vectors of all widths make whole lines.
  return uniform01f(philox(stream, step, index / 64 * 16 + index % 16)[index / 16 % 4]);
}
inline double uniform64_at(std::uint64_t stream, std::uint64_t step, std::uint64_t index) {
  return uniform01(philox(stream, step, index));
}
inline double normal_at(std::uint64_t stream, std::uint64_t step, std::uint64_t index) {
  return inverse_normal(open01(philox(stream, step, index)));
}
inline double truncated_normal_at(std::uint64_t stream, std::uint64_t step, std::uint64_t index) {
  constexpr double kBelow = 0.022750131948179207, kWithin = 0.95449973610364158;  // P(z < -2), P(|z| < 2)
  const double z = inverse_normal(kBelow + kWithin * open01(philox(stream, step, index)));
  return std::clamp(z, -2.0, 2.0);
}

// Uniform among the integers [0, n), n in [1, 2^32], without bias: the counter's upper half counts the tries (D.
// Lemire, «Fast random integer generation in an interval», 2019). Hardly ever is there a second one.
inline std::int64_t below_at(std::uint64_t stream, std::uint64_t index, std::uint64_t n) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const std::uint64_t product = philox(stream, attempt, index)[0] * n;
    if ((product & 0xFFFFFFFF) >= (std::uint64_t{1} << 32) % n) return static_cast<std::int64_t>(product >> 32);
  }
}

// [low, high) from u in [0, 1). Rounding may reach `high` itself: the last number before it is given then.
template <class T>
T scaled(T u, T low, T high) {
  const T value = low + u * (high - low);
  return low < high && value >= high ? std::nextafter(high, low) : value;
}

// A sequence of numbers from one stream: for what needs as many as it takes (shuffling).
class Sequence {
 public:
  explicit Sequence(std::uint64_t stream, std::uint64_t step = 0) : stream_(stream), step_(step) {}
  std::uint64_t next() {
    if (used_) {
      bits_ = philox(stream_, step_, count_++);
      used_ = false;
      return first64(bits_);
    }
    used_ = true;
    return bits_[2] | std::uint64_t{bits_[3]} << 32;
  }
  // Uniform in [0, n), n > 0, without bias (D. Lemire, «Fast random integer generation in an interval», 2019).
  std::uint64_t below(std::uint64_t n) {
    __extension__ using Wide = unsigned __int128;
    Wide product = static_cast<Wide>(next()) * n;
    if (static_cast<std::uint64_t>(product) < n) {
      const std::uint64_t threshold = (0 - n) % n;
      while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>(next()) * n;
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

 private:
  std::uint64_t stream_, step_, count_ = 0;
  Bits bits_{};
  bool used_ = true;
};

}  // namespace keras::support
