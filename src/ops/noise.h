// What dropping elements is, for ops::dropout and for the layers, whose numbers come of streams of their own.
#pragma once

#include <keras/ops.h>

#include <optional>
#include <string>

namespace keras::ops {

// noise_shape, with the input's sizes for None, or the input's shape where none is given. ValueError that names `who`
// when it does not broadcast to the input.
Shape noise_shape(const std::string& who, const std::optional<Shape>& given, const Shape& input);

// x where the numbers that draw() gives, from [0, 1), are at least the rate, grown so that the sum stays; else 0.
template <class Draw>
Tensor dropped(const Tensor& x, double rate, Draw draw) {
  if (rate == 1) return zeros_like(x);
  return where(draw() >= rate, x * (1 / (1 - rate)), 0);
}

}  // namespace keras::ops
