// class_weight: a weight for each sample, by its class.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>

#include "trainers/dataset.h"

namespace keras {

Data weigh_classes(const Data& y, const std::vector<std::pair<std::int64_t, double>>& weights,
                   const Data& sample_weight) {
  if (y.size() != 1 || sample_weight.size() > 1) {
    throw ValueError(
        fmt::format("Model.fit: class_weight is for models of one output. Received: {} targets (y) and {} arrays of "
                    "sample_weight. Give sample_weight an array for each output instead.",
                    y.size(), sample_weight.size()));
  }
  if (y[0].ndim() > 2) {
    throw ValueError(
        fmt::format("Model.fit: class_weight is for targets of one class a sample: labels, or rows of one-hot classes. "
                    "Received: y.shape={}. Give sample_weight instead.",
                    y[0].shape().str()));
  }
  const bool one_hot = y[0].ndim() == 2 && y[0].shape(1) > 1;
  const Array classes = (one_hot ? static_cast<Array>(ops::argmax(y[0])) : y[0].flatten()).astype(DType::int64);
  Array result = sample_weight.empty() ? ones({classes.length()}) : sample_weight[0].astype(DType::float32).copy();
  if (result.length() != classes.length()) {
    throw ValueError(
        fmt::format("Model.fit: sample_weight must have a weight for each of the {} samples. Received: {}.",
                    classes.length(), result.shape().str()));
  }
  if (result.dtype() != DType::float32) result = result.astype(DType::float32);
  const auto values = result.mutable_values<float>();
  const std::size_t row = values.size() / static_cast<std::size_t>(std::max<std::int64_t>(1, classes.length()));
  const auto labels = classes.values<std::int64_t>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (const auto& [label, weight] : weights) {
      if (label != labels[i]) continue;
      for (std::size_t j = 0; j < row; ++j) values[i * row + j] *= static_cast<float>(weight);
    }
  }
  return result;
}

}  // namespace keras
