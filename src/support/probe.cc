#include "support/probe.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>

#include "support/threads.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace keras::support {
namespace {

constexpr std::int64_t kRounds = 4096;
constexpr int kChains = 12;  // enough to keep every unit busy until the first result is there

// kRounds multiply-adds in each of kChains chains, in vectors of LANES floats. Each chain is a variable of its own: an
// array would go to memory and back. The empty asm reads the results, so that they must be computed.
#define KERAS_EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define KERAS_BEGIN(I) Vector x##I = KERAS_SPLAT(I);
#define KERAS_STEP(I) x##I = KERAS_MULTIPLY_ADD(x##I, a, b);
#define KERAS_END(I) +x##I[0]
#define KERAS_PROBE(LANES)                                    \
  const Vector a = KERAS_SPLAT(0.5f), b = KERAS_SPLAT(0.25f); \
  KERAS_EACH(KERAS_BEGIN)                                     \
  for (std::int64_t n = 0; n < kRounds; ++n) {                \
    KERAS_EACH(KERAS_STEP)                                    \
  }                                                           \
  const float sum = KERAS_EACH(KERAS_END);                    \
  asm volatile("" : : "r"(&sum) : "memory");                  \
  return 2.0 * LANES * kChains * kRounds;

using Loop = double (*)();  // returns how many operations it did

#if defined(__x86_64__)
[[gnu::target("avx512f")]] double loop_avx512() {
  using Vector = __m512;
#define KERAS_SPLAT(value) _mm512_set1_ps(value)
#define KERAS_MULTIPLY_ADD(x, a, b) _mm512_fmadd_ps(x, a, b)
  KERAS_PROBE(16)
#undef KERAS_SPLAT
#undef KERAS_MULTIPLY_ADD
}
[[gnu::target("avx2,fma")]] double loop_avx2() {
  using Vector = __m256;
#define KERAS_SPLAT(value) _mm256_set1_ps(value)
#define KERAS_MULTIPLY_ADD(x, a, b) _mm256_fmadd_ps(x, a, b)
  KERAS_PROBE(8)
#undef KERAS_SPLAT
#undef KERAS_MULTIPLY_ADD
}
double loop_sse() {
  using Vector = __m128;
#define KERAS_SPLAT(value) _mm_set1_ps(value)
#define KERAS_MULTIPLY_ADD(x, a, b) _mm_add_ps(_mm_mul_ps(x, a), b)
  KERAS_PROBE(4)
#undef KERAS_SPLAT
#undef KERAS_MULTIPLY_ADD
}
Loop best_loop() {
  if (__builtin_cpu_supports("avx512f")) return loop_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return loop_avx2;
  return loop_sse;
}
#else
double loop_plain() {
  using Vector [[gnu::vector_size(16)]] = float;
#define KERAS_SPLAT(value) (Vector{} + value)
#define KERAS_MULTIPLY_ADD(x, a, b) (x * a + b)
  KERAS_PROBE(4)
#undef KERAS_SPLAT
#undef KERAS_MULTIPLY_ADD
}
Loop best_loop() { return loop_plain; }
#endif
#undef KERAS_PROBE
#undef KERAS_END
#undef KERAS_STEP
#undef KERAS_BEGIN
#undef KERAS_EACH

template <class F>
double best_seconds(int times, F&& f) {
  double best = 1e300;
  for (int i = 0; i < times; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    f();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

Peak measure() {
  Peak peak;
  peak.threads = num_threads();
  const Loop loop = best_loop();
  const std::int64_t pieces = 32 * peak.threads;  // of some 10 µs
  double operations = 0;
  for (int i = 0; i < 100; ++i) operations = loop();  // until the clock frequency is that of such work
  const double seconds = best_seconds(50, [&] {
    parallel_for(pieces, 1, [loop](std::int64_t begin, std::int64_t end) {
      for (; begin < end; ++begin) loop();
    });
  });
  peak.flops = operations * static_cast<double>(pieces) / seconds;

  constexpr std::int64_t kBytes = 64 << 20, kPiece = 1 << 20;
  const auto from = std::make_unique<char[]>(kBytes);  // zeros, and so written
  const std::unique_ptr<char[]> to(new char[kBytes]);
  peak.bytes = 2.0 * kBytes / best_seconds(4, [&] {
                 parallel_for(kBytes, kPiece, [&](std::int64_t begin, std::int64_t end) {
                   std::memcpy(to.get() + begin, from.get() + begin, static_cast<std::size_t>(end - begin));
                 });
               });
  return peak;
}

}  // namespace

Peak peak() {
  static std::mutex mutex;
  static std::map<int, Peak>& known = *new std::map<int, Peak>;
  const std::lock_guard lock(mutex);
  Peak& result = known[num_threads()];
  if (result.flops == 0) in_pool([&] { result = measure(); });
  return result;
}

}  // namespace keras::support
