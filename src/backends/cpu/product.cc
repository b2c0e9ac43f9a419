#include "backends/cpu/product.h"

#include <algorithm>

#include "backends/cpu/kernels.h"

namespace keras::backends::cpu {
namespace {

constexpr std::size_t kDepth = 1024;             // rows of b that a panel has: it stays in the second-level cache
constexpr std::size_t kLargePanel = 448u << 10;  // bytes of one that does not, beside a and c

std::size_t ceil_div(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

}  // namespace

Panels::Panels(std::size_t n) : columns(n) {
  const Gemm& g = *kernels()->gemm;
  const std::size_t most = static_cast<std::size_t>(g.vectors), all = ceil_div(n, g.vector);
  const std::size_t panels = std::max<std::size_t>(1, ceil_div(all, most));
  vectors = ceil_div(all, panels);
  width = vectors * g.vector;
  count = ceil_div(n, width);
}

// A transposed b is always packed; any other only if the copy is read very often: the cache copes well with rows
// (measured).
bool Product::packs(std::size_t height) const {
  if (m == 1 || n == 1) return false;
  return transpose_b || (Panels(n).count > 1 && k > 16 && height >= 512);
}

std::size_t Product::scratch(std::size_t height) const {
  return packs(height) ? std::min(k, kDepth) * Panels(n).width * sizeof(float) : 0;
}

double Product::cost() const {
  const Gemm& gemm = *kernels()->gemm;
  const double bytes = 4.0 * (static_cast<double>(m * k) + static_cast<double>(k * n) + static_cast<double>(m * n));
  if (m == 1 || n == 1) return 20 + std::max(flops() * 3 / gemm.flops_per_ns, bytes / 100);
  const double waste = static_cast<double>(ceil_div(n, gemm.vector) * gemm.vector) / static_cast<double>(n);
  return 40 + flops() * waste / gemm.flops_per_ns + (transpose_b ? static_cast<double>(k * n) * 0.1 : 0);
}

void Product::make(const Rect& block, const float* a, const float* b, float* c, std::size_t c_row,
                   float* scratch) const {
  const Gemm& g = *kernels()->gemm;
  const std::size_t height = block.r1 - block.r0, breadth = block.c1 - block.c0;
  if (m == 1) {
    if (transpose_b) return g.row_times_transposed(a, b + block.c0 * k, k, c, k, breadth);
    return g.row_times_matrix(a, b + block.c0, n, c, k, breadth);
  }
  if (n == 1 && c_row == 1) {  // the transposed product: b · a
    if (!transpose_a && k > 1) return g.row_times_transposed(b, a + block.r0 * k, k, c, k, height);
    return g.row_times_matrix(b, a + block.r0, m, c, k, height);
  }
  const Panels panels(n);
  const bool pack = packs(height);
  const bool deep = pack || (k * panels.width * sizeof(float) > kLargePanel && height > 8);
  const std::size_t depth = deep ? kDepth : std::max<std::size_t>(k, 1);
  GemmTile t{};
  t.a_row = transpose_a ? 1 : k;
  t.a_step = transpose_a ? m : 1;
  t.c_row = c_row;
  t.taps = &kOneTap, t.tap_count = 1;
  for (std::size_t j = block.c0; j < block.c1; j += panels.width) {
    const std::size_t columns = std::min(panels.width, block.c1 - j), vectors = ceil_div(columns, g.vector);
    const auto rows = static_cast<std::size_t>(g.rows);
    t.last = columns - (vectors - 1) * g.vector;
    for (std::size_t l = 0; l < std::max<std::size_t>(k, 1); l += depth) {
      t.depth = std::min(depth, k - l);
      t.add = l != 0;
      t.b = b + l * n + j;
      t.b_row = n;
      if (pack) {
        t.b = scratch, t.b_row = vectors * g.vector;
        if (transpose_b)
          g.pack_transposed(b + j * k + l, k, columns, t.depth, scratch, t.b_row);
        else
          for (std::size_t r = 0; r < t.depth; ++r) std::copy_n(b + (l + r) * n + j, columns, scratch + r * t.b_row);
      }
      in_equal_parts(height, rows, [&](std::size_t i, std::size_t count) {
        t.a = a + (block.r0 + i) * t.a_row + l * t.a_step;
        t.c = c + i * c_row + (j - block.c0);
        g.tile[count - 1][vectors - 1](t);
      });
    }
  }
}

}  // namespace keras::backends::cpu
