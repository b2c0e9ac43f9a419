#include "metrics/confusion.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <cmath>

#include "metrics/built_in.h"
#include "ops/samples.h"

namespace keras::metrics {

namespace {
constexpr double kNever = -1e10;  // Keras's: what no threshold is below

// The largest k of each row; the others fall below every threshold.
Tensor largest(const Tensor& x, std::int64_t k) {
  const Tensor places = ops::top_k(x, k).second;
  const Tensor chosen = ops::sum(ops::one_hot(places, x.shape(-1).value()), {-2});
  return ops::where(chosen > 0, x, kNever);
}

Tensor one_class(const std::string& name, const Tensor& x, std::int64_t index) {
  if (x.ndim() < 2 || (x.shape(-1).known() && index >= x.shape(-1).value())) {
    throw ValueError(
        fmt::format("Metric \"{}\": class_id={} needs y_true and y_pred with a column for each class. Received: "
                    "shape={}.",
                    name, index, x.shape().str()));
  }
  return ops::take(x, Array(std::vector<std::int64_t>{index}), -1);
}

// The weight of each prediction; empty for 1.
Tensor weights_of(const std::string& name, const Confusion& how, const Tensor& y_pred, const Tensor& sample_weight) {
  Tensor weight;
  if (!sample_weight.empty()) {
    weight = ops::expand_dims(ops::cast(sample_weight, y_pred.dtype()), -1);
    if (weight.ndim() == y_pred.ndim() + 1) weight = ops::squeeze(weight, {-1});
    weight = spread(name, weight, y_pred);
  }
  if (!how.label_weights.empty()) {
    const Tensor labels = spread(name, ops::expand_dims(Array(how.label_weights).astype(y_pred.dtype()), 0), y_pred);
    weight = weight.empty() ? labels : weight * labels;
  }
  return weight;
}

// From the largest threshold down: the sums of what lies above each.
Tensor sums_above(const Tensor& buckets) { return ops::flip(ops::cumsum(ops::flip(buckets, {0}), 0), {0}); }

// Each prediction in the bucket of the last threshold it exceeds; both classes summed by bucket.
Counts by_buckets(const Confusion& how, const Tensor& positive, const Tensor& y_pred, const Tensor& weight) {
  const DType dtype = y_pred.dtype();
  const auto steps = static_cast<std::int64_t>(how.thresholds.size());
  const Tensor one = ops::cast(positive, dtype);
  const Tensor right = weight.empty() ? one : one * weight, wrong = weight.empty() ? 1 - one : (1 - one) * weight;
  // Bucket 0 exceeds no threshold; a first threshold below 0 is exceeded by all.
  const bool beyond = how.thresholds.front() < 0 || how.thresholds.back() > 1;
  Tensor bucket = ops::cast(ops::ceil(ops::clip(y_pred, 0, 1) * (steps - 1)), DType::int32);
  bucket = ops::clip(bucket, beyond ? 1 : 0, steps - 1);  // NaN has no place
  Shape shape{steps + 1};
  if (how.multi_label) {
    const std::int64_t columns = y_pred.shape(-1).value();
    bucket = bucket * columns + ops::arange(0, columns);
    shape.push_back(columns);
  }
  const auto sums = [&](const Tensor& x) {
    const Tensor all = ops::scatter_add(ops::zeros({shape.elements()}, dtype), ops::reshape(bucket, {Dim()}),
                                        ops::reshape(x, {Dim()}));
    const Tensor table = ops::reshape(all, shape);
    return ops::slice(table, how.multi_label ? std::vector<std::int64_t>{1, 0} : std::vector<std::int64_t>{1},
                      how.multi_label ? std::vector<std::int64_t>{-1, -1} : std::vector<std::int64_t>{-1});
  };
  const Axes over = how.multi_label ? Axes{0} : Axes{};
  Counts counts;
  counts.true_positives = sums_above(sums(right));
  counts.false_positives = sums_above(sums(wrong));
  counts.true_negatives = ops::sum(wrong, over) - counts.false_positives;
  counts.false_negatives = ops::sum(right, over) - counts.true_positives;
  return counts;
}

// Each prediction against each threshold.
Counts by_comparing(const Confusion& how, Tensor positive, Tensor y_pred, Tensor weight) {
  const DType dtype = y_pred.dtype();
  const auto row = [&](const Tensor& x) { return ops::expand_dims(how.multi_label ? x : ops::reshape(x, {Dim()}), 0); };
  Shape shape{static_cast<std::int64_t>(how.thresholds.size()), 1};
  if (how.multi_label) shape.push_back(1);
  const Tensor thresholds = ops::reshape(Array(how.thresholds).astype(dtype), shape);
  positive = row(positive);
  const Tensor found = row(y_pred) > thresholds;
  if (!weight.empty()) weight = row(weight);
  const auto sum = [&](const Tensor& label, const Tensor& prediction) {
    const Tensor both = ops::logical_and(label, prediction);
    return ops::sum(weight.empty() ? ops::cast(both, dtype) : ops::where(both, weight, 0), {1});
  };
  const Tensor negative = ops::logical_not(positive), passed = ops::logical_not(found);
  return {sum(positive, found), sum(negative, found), sum(negative, passed), sum(positive, passed)};
}
}  // namespace

Counts count(const std::string& name, const Confusion& how, const Tensor& y_true, const Tensor& y_pred,
             const Tensor& sample_weight, DType dtype) {
  auto [wanted, given] = paired(name, y_true, y_pred, dtype);
  if (how.top_k) given = largest(given, *how.top_k);
  if (how.class_id) {
    wanted = one_class(name, wanted, *how.class_id);
    given = one_class(name, given, *how.class_id);
  }
  if (how.multi_label && given.ndim() != 2) {
    throw ValueError(
        fmt::format("Metric \"{}\": with multi_label y_pred must have the shape (samples, labels). Received: shape={}.",
                    name, y_pred.shape().str()));
  }
  const Tensor weight = weights_of(name, how, given, sample_weight);
  const Tensor positive = ops::not_equal(wanted, 0);
  return how.evenly ? by_buckets(how, positive, given, weight) : by_comparing(how, positive, given, weight);
}

bool evenly_distributed(const std::vector<double>& thresholds) {
  if (thresholds.size() < 3) return false;
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    const double even = static_cast<double>(i) / static_cast<double>(thresholds.size() - 1);
    if (std::fabs(thresholds[i] - even) > config::epsilon() + 1e-5 * even) return false;
  }
  return true;
}

std::vector<double> even_thresholds(std::int64_t count) {
  std::vector<double> thresholds;
  for (std::int64_t i = 0; i < count; ++i)
    thresholds.push_back(static_cast<double>(i) / static_cast<double>(count - 1));
  return thresholds;
}

void check_thresholds(const char* what, const std::vector<double>& thresholds) {
  for (double threshold : thresholds) {
    if (threshold >= 0 && threshold <= 1) continue;
    throw ValueError(fmt::format("{}: thresholds must lie in [0, 1]. Received: {}.", what, threshold));
  }
}

}  // namespace keras::metrics
