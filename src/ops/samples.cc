#include "ops/samples.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>

namespace keras::ops {

namespace {
// The longer of two tensors and the shorter, brought to one rank.
std::pair<Tensor, Tensor> fit(const Tensor& longer, const Tensor& shorter) {
  if (longer.shape().back() != Dim(1)) return {longer, shorter};
  if (shorter.ndim() == 1) return {longer, expand_dims(shorter, -1)};
  return {squeeze(longer, {-1}), shorter};
}
}  // namespace

std::pair<Tensor, Tensor> same_rank(const Tensor& a, const Tensor& b) {
  if (a.ndim() == b.ndim() + 1) return fit(a, b);
  if (b.ndim() == a.ndim() + 1) {
    auto [longer, shorter] = fit(b, a);
    return {shorter, longer};
  }
  return {a, b};
}

Tensor divide_no_nan(const Tensor& a, const Tensor& b) {
  const Tensor zero = equal(b, 0);
  return where(zero, 0, a / where(zero, 1, b));
}

Tensor masked_weight(const Tensor& weight, const Tensor& mask, DType dtype, bool rescale) {
  if (mask.empty()) return weight.empty() ? weight : cast(weight, dtype);
  Tensor factor = cast(mask, dtype);
  if (rescale) factor = where(mask, divide_no_nan(sum(ones_like(factor)), sum(factor)), zeros_like(factor));
  if (weight.empty()) return factor;
  const auto [fitted, own] = same_rank(factor, cast(weight, dtype));
  const Shape a = own.shape(), b = fitted.shape();
  bool fits = a.empty() || b.empty() || a.rank() == b.rank();
  for (std::size_t i = 0; fits && i < std::min(a.size(), b.size()); ++i)
    fits = !a[i].known() || !b[i].known() || a[i] == b[i] || a[i] == Dim(1) || b[i] == Dim(1);
  if (!fits) {
    throw ValueError(fmt::format(
        "sample_weight must fit the mask of the predictions: a weight for each of its elements, or sizes of "
        "1. Received: sample_weight.shape={}, mask.shape={}.",
        weight.shape().str(), mask.shape().str()));
  }
  return own * fitted;
}

bool compatible(const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].known() && b[i].known() && a[i] != b[i]) return false;
  }
  return true;
}

Tensor integer_labels(const Tensor& labels) {
  const bool wide = labels.dtype().is_integer() && labels.dtype().size() >= 4 && labels.dtype() != DType::int32;
  return cast(labels, wide ? DType::int64 : DType::int32);
}

Problem problem_of(const Shape& y_true, const Shape& y_pred) {
  if (y_pred.empty() || y_pred.back() == Dim(1)) return Problem::binary;
  if (y_true.rank() < y_pred.rank() || y_true.back() == Dim(1)) return Problem::sparse;
  return Problem::categorical;
}

}  // namespace keras::ops
