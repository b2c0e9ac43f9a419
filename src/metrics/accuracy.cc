// The accuracies: 1 where prediction and label agree, else 0, one value a sample.
#include "metrics/accuracy.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/metrics.h>
#include <keras/ops.h>

#include <algorithm>

#include "ops/samples.h"

namespace keras::metrics {

namespace {
Tensor agreement(const Tensor& a, const Tensor& b) { return ops::cast(ops::equal(a, b), config::floatx()); }

[[noreturn]] void refuse(const char* name, const char* rule, const Tensor& y_true, const Tensor& y_pred,
                         const char* fix) {
  throw ValueError(fmt::format("{}: {}. Received: y_true.shape={}, y_pred.shape={}.{}", name, rule,
                               y_true.shape().str(), y_pred.shape().str(), fix));
}

std::pair<Tensor, Tensor> alike(const char* name, const Tensor& y_true, const Tensor& y_pred) {
  const auto fitted = ops::same_rank(y_true, y_pred);
  if (!ops::compatible(fitted.first.shape(), fitted.second.shape())) {
    refuse(name, "y_true must have the shape of y_pred", y_true, y_pred,
           " For one probability a class use categorical_accuracy or sparse_categorical_accuracy.");
  }
  return fitted;
}
}  // namespace

Tensor accuracy(const Tensor& y_true, const Tensor& y_pred) {
  const auto [wanted, given] = alike("accuracy", ops::cast(y_true, y_pred.dtype()), y_pred);
  return agreement(wanted, given);
}

Tensor binary_accuracy(const Tensor& y_true, const Tensor& y_pred, double threshold) {
  const auto [wanted, given] = alike("binary_accuracy", y_true, y_pred);
  return agreement(wanted, ops::cast(given > threshold, wanted.dtype()));
}

Tensor categorical_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  if (!ops::compatible(y_true.shape(), y_pred.shape()) || y_pred.ndim() == 0) {
    refuse("categorical_accuracy", "y_true must be one-hot, of the shape of y_pred", y_true, y_pred,
           " For integer labels use sparse_categorical_accuracy.");
  }
  return agreement(ops::argmax(y_true), ops::argmax(y_pred));
}

namespace {
// Labels without an axis of size 1 that stands for the scores.
Tensor labels_of(const char* name, const Tensor& y_true, const Tensor& y_pred, const char* fix) {
  Tensor labels = y_true;
  if (labels.ndim() == y_pred.ndim() && labels.ndim() > 0 && labels.shape(-1) == Dim(1))
    labels = ops::squeeze(labels, {-1});
  if (y_pred.ndim() == 0 || !ops::compatible(labels.shape(), y_pred.shape().slice(0, -1))) {
    refuse(name, "y_true must have one integer for each sample, the shape of y_pred without its last axis", y_true,
           y_pred, fix);
  }
  return labels;
}

// Whether less than k classes have a larger score; of a label that is no class it is false.
Tensor among_largest(const Tensor& labels, const Tensor& y_pred, std::int64_t k) {
  const Tensor inside = ops::logical_and(labels >= 0, labels < y_pred.shape(-1).value());
  const Tensor among = ops::in_top_k(ops::where(inside, labels, 0), y_pred, k);
  return ops::cast(ops::logical_and(inside, among), config::floatx());
}
}  // namespace

Tensor sparse_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred) {
  return agreement(
      labels_of("sparse_categorical_accuracy", y_true, y_pred, " For one-hot labels use categorical_accuracy."),
      ops::argmax(y_pred));
}

Tensor top_k_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred, std::int64_t k) {
  if (!ops::compatible(y_true.shape(), y_pred.shape()) || y_pred.ndim() == 0) {
    refuse("top_k_categorical_accuracy", "y_true must be one-hot, of the shape of y_pred", y_true, y_pred,
           " For integer labels use sparse_top_k_categorical_accuracy.");
  }
  return among_largest(ops::argmax(y_true), y_pred, k);
}

Tensor sparse_top_k_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred, std::int64_t k,
                                         bool from_sorted_ids) {
  const Tensor labels = labels_of("sparse_top_k_categorical_accuracy", y_true, y_pred,
                                  " For one-hot labels use top_k_categorical_accuracy.");
  if (!from_sorted_ids) return among_largest(ops::integer_labels(labels), y_pred, k);
  std::vector<std::int64_t> begin(static_cast<std::size_t>(y_pred.ndim()), 0), size(begin.size(), -1);
  size.back() = std::min(k, y_pred.shape(-1).value());
  const Tensor first = ops::slice(y_pred, begin, size);
  const Tensor same = ops::equal(ops::expand_dims(ops::cast(labels, y_pred.dtype()), -1), first);
  return ops::cast(ops::any(same, {-1}), config::floatx());
}

}  // namespace keras::metrics
