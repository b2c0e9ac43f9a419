// Product: one float32 matrix product c[m, n] = a · b, either operand possibly stored transposed, by our own kernels.
#pragma once

#include <cstddef>

#include "backends/cpu/kernels.h"

namespace keras::backends::cpu {

struct Product {
  std::size_t m, n, k;
  bool transpose_a = false, transpose_b = false;  // a is stored [k, m], b is stored [n, k]

  std::size_t workspace() const;  // bytes
  double cost() const;            // estimated nanoseconds
  // c must not overlap a or b. The sum of each element is taken in the order of k.
  void run(const Kernels& kernels, const float* a, const float* b, float* c, float* workspace) const;

 private:
  bool packs(const Gemm& gemm) const;
};

}  // namespace keras::backends::cpu
