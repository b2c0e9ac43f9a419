// Replay: the values of symbolic tensors, once there are values for those they come of.
#pragma once

#include <keras/tensor.h>

#include <unordered_map>

#include "ops/record.h"

namespace keras::backend {

class Replay {
 public:
  void set(const Tensor& tensor, const Tensor& value) { values_[tensor.node().get()] = value; }
  // Makes the recorded calls again that lead to the tensor, each once. ValueError names an Input without a value.
  Tensor value(const Tensor& tensor);

 private:
  bool known(const Tensor& tensor) const;
  Tensor find(const Tensor& tensor) const;  // of a known one
  std::unordered_map<const ops::TensorNode*, Tensor> values_;
};

}  // namespace keras::backend
