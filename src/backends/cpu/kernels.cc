#include "backends/cpu/kernels.h"

#include <cstdlib>
#include <string_view>

#include "backends/cpu/cpu.h"

namespace keras::backends::cpu {

#define KERAS_LEVEL(isa)              \
  namespace isa {                     \
  extern const Tiles tiles;           \
  extern const Chains chain_kernels;  \
  extern const Reductions reductions; \
  extern const Gemm gemm;             \
  extern const Random random_kernels; \
  extern const Windows windows;       \
  }
KERAS_LEVEL(sse4)
KERAS_LEVEL(avx2)
KERAS_LEVEL(avx512)
#undef KERAS_LEVEL

namespace {

#define KERAS_LEVEL(isa, speed) \
  { #isa, speed, &isa::tiles, &isa::chain_kernels, &isa::reductions, &isa::gemm, &isa::random_kernels, &isa::windows }
constexpr Kernels kLevels[] = {KERAS_LEVEL(avx512, 1), KERAS_LEVEL(avx2, 0.5), KERAS_LEVEL(sse4, 0.25)};
#undef KERAS_LEVEL

bool has(std::string_view isa) {
  __builtin_cpu_init();
  if (isa == "avx512")
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512cd") && has("avx2");
  if (isa == "avx2")
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
}

const Kernels* choose() {
  const char* cap = std::getenv("KERAS_MAX_ISA");
  bool below = cap == nullptr || *cap == '\0';
  for (const Kernels& level : kLevels) {
    below = below || std::string_view(cap) == level.isa;
    if (below && has(level.isa)) return &level;
  }
  return nullptr;
}

}  // namespace

const Kernels* kernels() {
  static const Kernels* const chosen = choose();
  return chosen;
}
const char* isa() { return kernels() ? kernels()->isa : "reference"; }

}  // namespace keras::backends::cpu
