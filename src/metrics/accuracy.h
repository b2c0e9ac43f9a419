// accuracy: what the class Accuracy averages; Keras has no public function of it.
#pragma once

#include <keras/tensor.h>

namespace keras::metrics {

Tensor accuracy(const Tensor& y_true, const Tensor& y_pred);

}  // namespace keras::metrics
