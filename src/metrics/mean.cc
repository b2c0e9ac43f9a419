#include "metrics/mean.h"

#include <keras/ops.h>

#include "ops/samples.h"
#include "ops/tensor_node.h"

namespace keras::metrics {

MeanMetric::MeanMetric(std::string name, std::optional<DType> dtype) : BuiltInMetric(std::move(name), dtype) {
  total_ = add_variable("total", {}, this->dtype());
  count_ = add_variable("count", {}, this->dtype());
}

namespace {
Axes from(int begin, int end) {
  Axes axes;
  for (int i = begin; i < end; ++i) axes.push_back(i);
  return axes;
}
}  // namespace

std::pair<Tensor, Tensor> samplewise(const std::string& name, Tensor values, Tensor weight, Reduction reduce) {
  const auto reduce_from = [&](const Tensor& x, int axis) {
    return x.ndim() > axis ? reduce(x, from(axis, x.ndim()), false) : x;
  };
  if (weight.empty()) return {reduce_from(values, 1), weight};
  std::tie(values, weight) = ops::same_rank(values, weight);
  values = reduce_from(values, weight.ndim());
  weight = spread(name, weight, values);
  return {reduce_from(values * weight, 1), reduce_from(weight, 1)};
}

void MeanMetric::update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) {
  Tensor weight = ops::masked_weight(sample_weight, y_pred.empty() ? Tensor() : ops::mask_of(y_pred), dtype(), false);
  // Without a weight, what the values leave out counts as it is: as Keras does.
  if (!weight.empty()) weight = ops::masked_weight(weight, mask(y_true, y_pred), dtype(), false);
  const auto [each, weights] = samplewise(name(), ops::cast(values(y_true, y_pred), dtype()), weight, ops::mean);
  total_.assign(total_ + ops::sum(each));
  if (!weights.empty()) {
    count_.assign(count_ + ops::sum(weights));
  } else if (each.ndim() == 0) {
    count_.assign(count_ + 1);
  } else {
    const Dim samples = each.shape(0);
    count_.assign(count_ + (samples.known() ? Tensor(samples.value()) : ops::sum(ops::ones_like(each))));
  }
}

Tensor MeanMetric::result() const { return ops::divide_no_nan(total_, count_); }

}  // namespace keras::metrics
