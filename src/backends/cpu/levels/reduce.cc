// Reductions of whole arrays: along rows, and along an outer axis with the inner ones side by side. The order of
// additions depends on the sizes alone.
#include "backends/cpu/levels/reducers.h"
#include "backends/cpu/levels/tables.h"

namespace keras::backends::cpu::KERAS_ISA {
namespace {

constexpr std::size_t kBlock = 32;    // so many rows are reduced before they join the rest: the error stays small
constexpr std::size_t kPiece = 4096;  // and so many floats of a row

// Rows [0, count) of V vectors joined to y, or to nothing in the first block.
template <class F, int... V>
HWY_INLINE void columns(const float* x, float* y, std::size_t count, std::size_t inner, bool first) {
  const F f;
  L part[] = {(static_cast<void>(V), splat(F::start))...};
  for (std::size_t i = 0; i < count; ++i, x += inner) ((part[V] = f(part[V], load(x + V * W))), ...);
  (store(first ? part[V] : f(load(y + V * W), part[V]), y + V * W), ...);
}
template <class F>
HWY_INLINE void last_columns(const float* x, float* y, std::size_t count, std::size_t inner, bool first,
                             std::size_t n) {
  const F f;
  L part = splat(F::start);
  for (std::size_t i = 0; i < count; ++i, x += inner) part = f(part, load_n(x, n));
  store_n(first ? part : f(load_n(y, n), part), y, n);
}
// Blocks of rows outside, so that a large x streams by once.
template <class F>
HWY_FLATTEN void reduce_outer(const float* x, float* y, std::size_t outer, std::size_t count, std::size_t inner) {
  for (std::size_t o = 0; o < outer; ++o, y += inner) {
    for (std::size_t r = 0; r < count; r += kBlock) {
      const std::size_t rows = count - r < kBlock ? count - r : kBlock;
      std::size_t j = 0;
      for (; j + 4 * W <= inner; j += 4 * W) columns<F, 0, 1, 2, 3>(x + j, y + j, rows, inner, r == 0);
      for (; j + W <= inner; j += W) columns<F, 0>(x + j, y + j, rows, inner, r == 0);
      if (j < inner) last_columns<F>(x + j, y + j, rows, inner, r == 0, inner - j);
      x += rows * inner;
    }
  }
}
template <class F>
HWY_FLATTEN void reduce_rows(const float* x, float* y, std::size_t rows, std::size_t count) {
  const F f;
  for (std::size_t r = 0; r < rows; ++r, x += count) {
    double all = F::start;
    for (std::size_t j = 0; j < count; j += kPiece)
      all = f.join(all, reduce(x + j, count - j < kPiece ? count - j : kPiece, f));
    y[r] = static_cast<float>(all);
  }
}

}  // namespace

const Reductions reductions = {reduce_outer<SumOf>, reduce_outer<MaxOf>, reduce_outer<MinOf>,
                               reduce_rows<SumOf>,  reduce_rows<MaxOf>,  reduce_rows<MinOf>};

}  // namespace keras::backends::cpu::KERAS_ISA
