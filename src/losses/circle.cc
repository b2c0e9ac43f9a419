// The circle loss of embeddings: those of one label shall lie near each other, those of others far.
#include <keras/losses.h>
#include <keras/ops.h>

#include <limits>

#include "losses/pair.h"
#include "ops/samples.h"

namespace keras::losses {

namespace {
// As a row of labels, from (n,) or (n, 1).
Tensor row(const Tensor& labels) { return ops::reshape(ops::integer_labels(labels), {1, Dim()}); }
}  // namespace

Tensor circle(const Tensor& y_true, const Tensor& y_pred, const Tensor& ref_labels, const Tensor& ref_embeddings,
              bool remove_diagonal, double gamma, double margin) {
  const Tensor given = real(y_pred);
  const bool fits = y_true.ndim() == 1 || (y_true.ndim() == 2 && y_true.shape(1) == Dim(1));
  if (given.ndim() != 2 || !fits || !ops::compatible({y_true.shape(0)}, {given.shape(0)})) {
    refuse("circle", "y_true must have one integer for each embedding, and y_pred the shape (samples, features)",
           y_true, y_pred, "");
  }
  const Tensor labels = row(y_true), other_labels = ref_labels.empty() ? labels : row(ref_labels);
  const Tensor others = ref_embeddings.empty() ? given : ops::cast(ref_embeddings, given.dtype());
  const Tensor distance = ops::maximum(1 - ops::matmul(given, ops::transpose(others)), 0);
  Tensor positive = ops::equal(ops::transpose(labels), other_labels);
  const Tensor negative = ops::logical_not(positive);
  if (remove_diagonal) {
    const auto places = [](const Tensor& x) { return ops::arange(0, x.shape(1).value()); };
    positive = ops::logical_and(positive, ops::not_equal(ops::expand_dims(places(labels), -1), places(other_labels)));
  }
  // logsumexp of the pairs that count; of none it is -infinity, and the loss 0.
  const auto total = [](const Tensor& counts, const Tensor& score) {
    return ops::logsumexp(ops::where(counts, score, -std::numeric_limits<double>::infinity()), {1});
  };
  const Tensor near = ops::where(positive, ops::maximum(margin + distance, 0), 0);
  const Tensor far = ops::where(negative, ops::maximum(1 + margin - distance, 0), 0);
  const Tensor pulled = total(positive, -gamma * near * (margin - distance));
  const Tensor pushed = total(negative, gamma * far * (1 - margin - distance));
  return ops::softplus(pulled + pushed);
}

}  // namespace keras::losses
