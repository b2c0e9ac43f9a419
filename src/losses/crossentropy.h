// What the crossentropies share, the focal ones included.
#pragma once

#include <keras/tensor.h>

namespace keras::losses {

// Probabilities from epsilon to 1 - epsilon.
Tensor clipped(const Tensor& probability);

// One-hot labels moved towards 1 / classes (of the last axis) by this part.
Tensor smoothed(const Tensor& one_hot, double label_smoothing);

}  // namespace keras::losses
