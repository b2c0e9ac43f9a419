// Reductions of whole arrays: along rows, and along an outer axis with the inner ones side by side. The order of
// additions depends on the sizes alone.
#include "backends/cpu/levels/reducers.h"
#include "backends/cpu/levels/tables.h"

namespace keras::backends::cpu::KERAS_ISA {
namespace {

constexpr std::size_t kBlock = 64;    // so many rows are summed before they join the rest: the error stays small
constexpr std::size_t kPiece = 4096;  // and so many floats of a row

template <class F, int V, bool tail>
HWY_INLINE void columns(const float* x, float* y, std::size_t count, std::size_t inner, std::size_t last) {
  const F f;
  const auto at = [&](const float* p, int v)
                      HWY_ATTR { return tail && v == V - 1 ? load_n(p + v * W, last) : load(p + v * W); };
  L all[V];
  for (int v = 0; v < V; ++v) all[v] = splat(F::start);
  for (std::size_t r = 0; r < count; r += kBlock) {
    const std::size_t end = count - r < kBlock ? count : r + kBlock;
    L part[V];
    for (int v = 0; v < V; ++v) part[v] = splat(F::start);
    for (std::size_t i = r; i < end; ++i)
      for (int v = 0; v < V; ++v) part[v] = f(part[v], at(x + i * inner, v));
    for (int v = 0; v < V; ++v) all[v] = f(all[v], part[v]);
  }
  for (int v = 0; v < V; ++v) {
    if (tail && v == V - 1)
      store_n(all[v], y + v * W, last);
    else
      store(all[v], y + v * W);
  }
}
template <class F>
HWY_FLATTEN void reduce_outer(const float* x, float* y, std::size_t outer, std::size_t count, std::size_t inner) {
  for (std::size_t o = 0; o < outer; ++o, x += count * inner, y += inner) {
    std::size_t j = 0;
    for (; j + 4 * W <= inner; j += 4 * W) columns<F, 4, false>(x + j, y + j, count, inner, 0);
    for (; j + W <= inner; j += W) columns<F, 1, false>(x + j, y + j, count, inner, 0);
    if (j < inner) columns<F, 1, true>(x + j, y + j, count, inner, inner - j);
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
