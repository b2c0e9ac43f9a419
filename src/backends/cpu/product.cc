#include "backends/cpu/matmul.h"

#include <algorithm>

namespace keras::backends::cpu {
namespace {

constexpr std::size_t kDepth = 1024;  // rows of b that a panel has: it stays in the second-level cache

std::size_t ceil_div(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

}  // namespace

// A transposed b is always packed; any other only if the copy is read very often: the cache copes well with rows
// (measured).
bool Product::packs(const Gemm& gemm) const {
  if (m == 1 || n == 1) return false;
  if (transpose_b) return true;
  return n > static_cast<std::size_t>(gemm.vectors) * gemm.vector && k > 16 && m >= 512;
}

std::size_t Product::workspace() const {
  const Gemm& gemm = *kernels()->gemm;
  if (!packs(gemm)) return 0;
  return std::min(k, kDepth) * static_cast<std::size_t>(gemm.vectors) * gemm.vector * sizeof(float);
}

double Product::cost() const {
  const Gemm& gemm = *kernels()->gemm;
  const double flops = 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  const double bytes = 4.0 * (static_cast<double>(m * k) + static_cast<double>(k * n) + static_cast<double>(m * n));
  if (m == 1 || n == 1) return 20 + std::max(flops * 3 / gemm.flops_per_ns, bytes / 100);
  const double waste = static_cast<double>(ceil_div(n, gemm.vector) * gemm.vector) / static_cast<double>(n);
  return 40 + flops * waste / gemm.flops_per_ns + (packs(gemm) ? static_cast<double>(k * n) * 0.1 : 0);
}

void Product::run(const Kernels& kernels, const float* a, const float* b, float* c, float* panel) const {
  const Gemm& g = *kernels.gemm;
  if (m == 1) {
    return transpose_b ? g.row_times_transposed(a, b, k, c, k, n) : g.row_times_matrix(a, b, n, c, k, n);
  }
  if (n == 1) {  // the transposed product: b · a
    if (!transpose_a && k > 1) return g.row_times_transposed(b, a, k, c, k, m);
    return g.row_times_matrix(b, a, m, c, k, m);
  }
  const std::size_t rows = static_cast<std::size_t>(g.rows), width = static_cast<std::size_t>(g.vectors) * g.vector;
  const bool pack = packs(g);
  const std::size_t depth = pack ? kDepth : std::max<std::size_t>(k, 1);
  GemmTile t{};
  t.a_row = transpose_a ? 1 : k;
  t.a_step = transpose_a ? m : 1;
  t.c_row = n;
  for (std::size_t j = 0; j < n; j += width) {
    const std::size_t columns = std::min(width, n - j), vectors = ceil_div(columns, g.vector);
    t.last = columns - (vectors - 1) * g.vector;
    for (std::size_t l = 0; l < std::max<std::size_t>(k, 1); l += depth) {
      t.depth = std::min(depth, k - l);
      t.add = l != 0;
      t.b = b + l * n + j;
      t.b_row = n;
      if (pack) {
        t.b = panel, t.b_row = vectors * g.vector;
        if (transpose_b)
          g.pack_transposed(b + j * k + l, k, columns, t.depth, panel, t.b_row);
        else
          for (std::size_t r = 0; r < t.depth; ++r) std::copy_n(b + (l + r) * n + j, columns, panel + r * t.b_row);
      }
      for (std::size_t i = 0; i < m;) {  // blocks of rows as equal as can be
        const std::size_t left = m - i, count = ceil_div(left, ceil_div(left, rows));
        t.a = a + i * t.a_row + l * t.a_step;
        t.c = c + i * n + j;
        g.tile[count - 1][vectors - 1](t);
        i += count;
      }
    }
  }
}

}  // namespace keras::backends::cpu
