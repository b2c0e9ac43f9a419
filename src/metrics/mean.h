// MeanMetric: a weighted mean over all samples seen, the state of every metric that averages a function of (y_true,
// y_pred).
#pragma once

#include <keras/metrics.h>
#include <keras/ops.h>

#include <utility>

#include "metrics/built_in.h"

namespace keras::metrics {

// One value a sample and the weight of each (empty where none is given), by Keras's reduce_to_samplewise_values: axes
// that the weight does not have are reduced first, those after the batch last. `name`: of the metric, for the error
// message.
using Reduction = Tensor (*)(const Tensor& x, const Axes& axes, bool keepdims);
std::pair<Tensor, Tensor> samplewise(const std::string& name, Tensor values, Tensor weight, Reduction reduce);

class MeanMetric : public BuiltInMetric {
 public:
  MeanMetric(std::string name, std::optional<DType> dtype);
  void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override;
  Tensor result() const override;

 protected:
  virtual Tensor values(const Tensor& y_true, const Tensor& y_pred) const = 0;  // one a sample, or with more axes
  virtual Tensor mask(const Tensor& /*y_true*/, const Tensor& /*y_pred*/) const { return {}; }  // samples that count

 private:
  Variable total_, count_;
};

}  // namespace keras::metrics
