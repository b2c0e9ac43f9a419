#include "layers/regularization/draws.h"

#include <keras/ops.h>

#include "layers/frame.h"
#include "ops/trace.h"

namespace keras::layers {

template <class Draw>
Tensor Draws::own(Draw draw) {
  if (!seed_) return draw();
  const ops::Trace* step = ops::Trace::current();
  const int nth = step ? Frame::current()->next_draw(layer_.state()) : draws_++;
  constexpr std::uint64_t kApart = 0x9e3779b97f4a7c15;
  ops::Trace trace(static_cast<std::uint64_t>(*seed_) + static_cast<std::uint64_t>(nth) * kApart);
  if (step) trace.set_step(step->step());
  return draw();
}

Tensor Draws::uniform(const Shape& shape) {
  return own([&] { return ops::random_uniform(shape); });
}
Tensor Draws::normal(const Shape& shape, double mean, double stddev) {
  return own([&] { return ops::random_normal(shape, mean, stddev); });
}

}  // namespace keras::layers
