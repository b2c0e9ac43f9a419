// Uniform random numbers at one level: Philox 4x32-10 for a vector of counters at a time, the bits that support/rng.h
// defines.
#include "backends/cpu/levels/tables.h"

namespace keras::backends::cpu::KERAS_ISA {
namespace {

using U32 = hwy::HWY_NAMESPACE::RebindToUnsigned<L::D>;
using V32 = decltype(Zero(U32()));

// The upper and lower halves of the products of each lane with a number.
HWY_INLINE void multiply(V32 x, V32 factor, V32& high, V32& low) {
  const U32 d32;
  const hwy::HWY_NAMESPACE::RepartitionToWide<U32> d64;
  const auto even = MulEven(x, factor);
  const auto odd = MulEven(BitCast(d32, ShiftRight<32>(BitCast(d64, x))), factor);
  high = OddEven(BitCast(d32, odd), BitCast(d32, ShiftRight<32>(even)));
  low = OddEven(BitCast(d32, ShiftLeft<32>(odd)), BitCast(d32, even));
}

constexpr std::size_t kLine = 64;  // elements that share their blocks, 16 for each word of a block

HWY_FLATTEN void uniform(std::uint64_t stream, std::uint64_t step, UniformRange range, float* y, std::size_t begin,
                         std::size_t n) {
  const U32 d32;
  const hwy::HWY_NAMESPACE::RebindToSigned<U32> signed32;
  const V32 first = Set(d32, 0xD2511F53), second = Set(d32, 0xCD9E8D57);
  const L low = splat(range.low), width = splat(range.width), limit = splat(range.limit), last = splat(range.last);
  const auto put = [&](V32 word, std::size_t at) HWY_ATTR {
    if (at >= n) return;
    const L u = L{ConvertTo(d, BitCast(signed32, ShiftRight<8>(word)))} * 0x1p-24;
    const L value = low + u * width;
    const L r = select(value >= limit, last, value);
    if (at + W <= n)
      store(r, y + at);
    else
      store_n(r, y + at, n - at);
  };
  for (std::size_t j = 0; j < n; j += kLine) {
    for (std::size_t lane = 0; lane < kLine / 4; lane += W) {
      V32 c0 = Iota(d32, static_cast<std::uint32_t>((begin + j) / 4 + lane)), c1 = Zero(d32);
      V32 c2 = Set(d32, static_cast<std::uint32_t>(step)), c3 = Set(d32, static_cast<std::uint32_t>(step >> 32));
      auto k0 = static_cast<std::uint32_t>(stream), k1 = static_cast<std::uint32_t>(stream >> 32);
      for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9, k1 += 0xBB67AE85) {
        V32 high_a, low_a, high_b, low_b;
        multiply(c0, first, high_a, low_a);
        multiply(c2, second, high_b, low_b);
        c0 = Xor(Xor(high_b, c1), Set(d32, k0));
        c1 = low_b;
        c2 = Xor(Xor(high_a, c3), Set(d32, k1));
        c3 = low_a;
      }
      put(c0, j + lane), put(c1, j + 16 + lane), put(c2, j + 32 + lane), put(c3, j + 48 + lane);
    }
  }
}

}  // namespace

const Random random_kernels = {uniform};

}  // namespace keras::backends::cpu::KERAS_ISA
