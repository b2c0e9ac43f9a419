#include "ops/time.h"

#include <numeric>

namespace keras::ops {

Tensor swap_time(const Tensor& x) {
  Axes order(static_cast<std::size_t>(x.ndim()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[0], order[1]);
  return transpose(x, order);
}

Tensor choose(Tensor mask, const Tensor& a, const Tensor& b) {
  while (mask.ndim() < a.ndim()) mask = expand_dims(mask, -1);
  return where(mask, a, b);
}

}  // namespace keras::ops
