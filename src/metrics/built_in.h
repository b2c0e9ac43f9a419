// BuiltInMetric: a name that can be changed, and a dtype, which all the library's own metrics have.
#pragma once

#include <keras/config.h>
#include <keras/metrics.h>

#include <string>
#include <vector>

#include "tensor/shelf.h"

namespace keras::metrics {

class BuiltInMetric : public MetricBody {
 public:
  BuiltInMetric(std::string name, DType dtype) : name_(std::move(name)), dtype_(dtype) {}
  BuiltInMetric(std::string name, std::optional<DType> dtype)
      : BuiltInMetric(std::move(name), dtype.value_or(config::floatx())) {}
  std::string name() const override { return name_; }
  void rename(std::string name) { name_ = std::move(name); }
  DType dtype() const { return dtype_; }
  Config get_config() const override;

 private:
  std::string name_;
  DType dtype_;
};

// What the families of classes add to the table.
using Lines = std::vector<Shelf::Line>;
Lines mean_lines();
Lines confusion_lines();
Lines auc_lines();
Lines iou_lines();
Lines score_lines();

const Shelf& shelf();

// The sample weights as `values` has them, repeated where they hold for a whole axis. ValueError of the metric `name`
// where they do not fit.
Tensor spread(const std::string& name, const Tensor& weight, const Tensor& values);

// y_true and y_pred in `dtype`, with their ranks brought together. ValueError of the metric `name` where the shapes
// differ.
std::pair<Tensor, Tensor> paired(const std::string& name, const Tensor& y_true, const Tensor& y_pred, DType dtype);

// ValueError for a class that cannot do without this argument.
[[noreturn]] void refuse_missing(const char* what, const char* argument);

}  // namespace keras::metrics
