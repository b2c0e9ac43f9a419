#include "metrics/built_in.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "ops/samples.h"

namespace keras::metrics {

Config BuiltInMetric::get_config() const {
  Config config = MetricBody::get_config();
  return config.set("name", name_).set("dtype", dtype_.name());
}

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

std::pair<Tensor, Tensor> paired(const std::string& name, const Tensor& y_true, const Tensor& y_pred, DType dtype) {
  const auto fitted = ops::same_rank(ops::cast(y_true, dtype), ops::cast(y_pred, dtype));
  if (!ops::compatible(fitted.first.shape(), fitted.second.shape())) {
    throw ValueError(
        fmt::format("Metric \"{}\": y_true must have the shape of y_pred. Received: y_true.shape={}, y_pred.shape={}.",
                    name, y_true.shape().str(), y_pred.shape().str()));
  }
  return fitted;
}

void refuse_missing(const char* what, const char* argument) {
  throw ValueError(fmt::format("{}: {} must be given.", what, argument));
}

}  // namespace keras::metrics
