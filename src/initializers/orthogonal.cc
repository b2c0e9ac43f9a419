// Orthonormalization by Gram-Schmidt, every vector twice: after the second time it is orthogonal to machine precision
// («twice is enough»: Giraud, Langou, Rozložník, van den Eshof, 2005).
#include "initializers/orthogonal.h"

#include <cmath>

namespace keras::initializers {

namespace {

double dot(const double* a, const double* b, std::int64_t n) {
  double sums[8] = {};  // independent, in a fixed order: the compiler may use vectors, and the bits are always the same
  std::int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int lane = 0; lane < 8; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  double rest = 0;
  for (; i < n; ++i) rest += a[i] * b[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest;
}

}  // namespace

void orthonormalize(std::span<double> vectors, std::int64_t count, std::int64_t length) {
  for (std::int64_t j = 0; j < count; ++j) {
    double* v = vectors.data() + j * length;
    for (int pass = 0; pass < 2; ++pass) {
      for (std::int64_t i = 0; i < j; ++i) {
        const double* q = vectors.data() + i * length;
        const double share = dot(q, v, length);
        for (std::int64_t k = 0; k < length; ++k) v[k] -= share * q[k];
      }
      const double scale = 1 / std::sqrt(dot(v, v, length));
      for (std::int64_t k = 0; k < length; ++k) v[k] *= scale;
    }
  }
}

}  // namespace keras::initializers
