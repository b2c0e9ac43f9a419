// What every file of levels/ starts from: the Isa type of the level that this file is compiled for (-DKERAS_ISA=…), and
// loads and stores that never touch memory beyond the last element. Nothing that is not typed by the Isa, and no inline
// function of the standard library, may be called from these files: the linker would merge it across levels
// (check_symbols.sh).
#pragma once

#include "backends/cpu/levels/lane.h"

namespace keras::backends::cpu {

namespace sse4 {
inline constexpr long target = HWY_SSE4;
inline constexpr bool fused = false;
}  // namespace sse4
namespace avx2 {
inline constexpr long target = HWY_AVX2;
inline constexpr bool fused = true;
}  // namespace avx2
namespace avx512 {
inline constexpr long target = HWY_AVX3;
inline constexpr bool fused = true;
}  // namespace avx512
static_assert(HWY_TARGET == KERAS_ISA::target, "Highway chose another target than the -m flags were meant for");

namespace KERAS_ISA {

struct Isa {  // part of every symbol of the level
  using D = hwy::HWY_NAMESPACE::ScalableTag<float>;
  using DI = hwy::HWY_NAMESPACE::RebindToSigned<D>;
  using DHalf = hwy::HWY_NAMESPACE::Half<D>;
  using DIHalf = hwy::HWY_NAMESPACE::Half<DI>;
  using DWide = hwy::HWY_NAMESPACE::RepartitionToWide<D>;
  static constexpr bool fused = KERAS_ISA::fused;
};

using L = simd::Lane<Isa>;
using M = simd::LaneMask<Isa>;
inline constexpr L::D d;
inline constexpr std::size_t W = MaxLanes(L::D());

HWY_INLINE L splat(float k) { return {Set(d, k)}; }
HWY_INLINE L load(const float* p) { return {LoadU(d, p)}; }
HWY_INLINE void store(L x, float* p) { StoreU(x.v, d, p); }
// Loads and stores under a mask touch nothing else from AVX2 on; below, Highway's would.
inline constexpr bool kMasks = target != HWY_SSE4;
HWY_INLINE L load_n(const float* p, std::size_t n) {  // 0 < n < W; the rest is 0
  if constexpr (kMasks) {
    return {MaskedLoad(FirstN(d, n), d, p)};
  } else {
    HWY_ALIGN float t[W] = {};
    for (std::size_t i = 0; i < n; ++i) t[i] = p[i];
    return load(t);
  }
}
HWY_INLINE void store_n(L x, float* p, std::size_t n) {
  if constexpr (kMasks) {
    BlendedStore(x.v, FirstN(d, n), d, p);
  } else {
    HWY_ALIGN float t[W];
    store(x, t);
    for (std::size_t i = 0; i < n; ++i) p[i] = t[i];
  }
}

}  // namespace KERAS_ISA
}  // namespace keras::backends::cpu
