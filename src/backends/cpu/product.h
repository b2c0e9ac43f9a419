// Product: a float32 matrix product c[m, n] = a · b, either operand possibly stored transposed, by our own kernels.
#pragma once

#include <cstddef>

#include "backends/cpu/source.h"

namespace keras::backends::cpu {

// Columns as the tile kernels take them: panels of several vectors.
struct Panels {
  explicit Panels(std::size_t columns);
  std::size_t columns, vectors, width, count;  // vectors and columns of a whole panel
  std::size_t begin(std::size_t panel) const { return panel * width; }
  std::size_t size(std::size_t panel) const { return panel + 1 == count ? columns - begin(panel) : width; }
};

// Splits `n` into parts as equal as can be, of at most `most`: calls f(begin, count).
template <class F>
void in_equal_parts(std::size_t n, std::size_t most, F f) {
  for (std::size_t i = 0; i < n;) {
    const std::size_t left = n - i, count = (left + (left + most - 1) / most - 1) / ((left + most - 1) / most);
    f(i, count);
    i += count;
  }
}

struct Product {
  std::size_t m, n, k;
  bool transpose_a = false, transpose_b = false;  // a is stored [k, m], b is stored [n, k]

  std::size_t scratch(std::size_t height) const;  // bytes, for blocks of so many rows at most
  double cost() const;                            // estimated nanoseconds
  double flops() const { return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k); }
  // The block of c, which must not overlap a or b. The sum of each element is taken in the order of k, whatever the
  // blocks.
  void make(const Rect& block, const float* a, const float* b, float* c, std::size_t c_row, float* scratch) const;

 private:
  bool packs(std::size_t height) const;
};

}  // namespace keras::backends::cpu
