#include "metrics/mean.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "ops/samples.h"

namespace keras::metrics {

MeanMetric::MeanMetric(std::string name, std::optional<DType> dtype)
    : name_(std::move(name)), dtype_(dtype.value_or(config::floatx())) {
  total_ = add_variable("total", {}, dtype_);
  count_ = add_variable("count", {}, dtype_);
}

namespace {
Axes from(int begin, int end) {
  Axes axes;
  for (int i = begin; i < end; ++i) axes.push_back(i);
  return axes;
}
// The weight for each value, repeated where it holds for a whole axis. ValueError where the shapes do not allow it.
Tensor spread(const std::string& name, const Tensor& weight, const Tensor& values) {
  const Shape a = values.shape(), b = weight.shape();
  bool fits = a.rank() == b.rank();
  for (std::size_t i = 0; fits && i < b.size(); ++i)
    fits = b[i] == Dim(1) || !a[i].known() || !b[i].known() || a[i] == b[i];
  if (!fits) {
    throw ValueError(
        fmt::format("Metric \"{}\": sample_weight must have one weight for each of the values, of shape {}, or "
                    "fewer axes. Received: sample_weight.shape={}.",
                    name, a.str(), b.str()));
  }
  return a == b ? weight : ops::broadcast_to(weight, a);
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
  Tensor weight = sample_weight;  // without one, masked samples count as they are: as Keras does
  if (!weight.empty()) weight = ops::masked_weight(weight, mask(y_true, y_pred), dtype_, false);
  const auto [each, weights] = samplewise(name_, ops::cast(values(y_true, y_pred), dtype_), weight, ops::mean);
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

Config MeanMetric::get_config() const {
  Config config = MetricBody::get_config();
  return config.set("name", name_).set("dtype", dtype_.name());
}

}  // namespace keras::metrics
