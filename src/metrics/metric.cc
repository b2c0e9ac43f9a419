// Metric: the handle, and the state that all metrics have.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/metrics.h>

#include <algorithm>
#include <initializer_list>

#include "metrics/mean.h"
#include "ops/samples.h"
#include "ops/tensor_node.h"
#include "ops/trace.h"
#include "support/text.h"
#include "tensor/custom.h"

namespace keras {

namespace {
// A function of the user's, averaged.
class FunctionMetric final : public metrics::MeanMetric {
 public:
  explicit FunctionMetric(Metric::Function function) : MeanMetric("metric", {}), function_(function) {}
  std::string direction() const override {
    return function_ == losses::mean_squared_error || function_ == losses::mean_absolute_error ? "down" : "";
  }

 private:
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return function_(y_true, y_pred); }
  Metric::Function function_;
};

bool one_of(const std::string& name, std::initializer_list<const char*> names) {
  for (const char* candidate : names) {
    if (support::lower(name) == candidate) return true;
  }
  return false;
}
bool is_accuracy(const std::string& name) { return one_of(name, {"accuracy", "acc"}); }

// What is reported is the name that was asked for.
std::shared_ptr<MetricBody> named(const std::shared_ptr<Body>& body, const std::string& name) {
  if (auto* own = dynamic_cast<metrics::BuiltInMetric*>(body.get())) own->rename(name);
  return std::static_pointer_cast<MetricBody>(body);
}

MetricBody& body_of(const Metric& metric) {
  if (metric.body()) return *metric.body();
  if (!metric) throw ValueError("A Metric was used before it was given a value: it is empty.");
  throw ValueError(
      fmt::format("The metric \"{0}\" has no state yet, because the shapes of y_true and y_pred decide what it is. "
                  "Take one of metrics::BinaryAccuracy, CategoricalAccuracy and SparseCategoricalAccuracy (or the "
                  "crossentropies), or give \"{0}\" to model.compile.",
                  metric.name()));
}
}  // namespace

MetricBody::~MetricBody() = default;

Variable MetricBody::add_variable(const std::string& name, const Shape& shape, DType dtype) {
  return variables_.emplace_back(Array(shape, dtype), VariableArgs{.name = name, .trainable = false});
}

void MetricBody::reset_state() {
  for (Variable& variable : variables_) {
    if (ops::Trace::current()) {
      variable.assign(Array(variable.shape(), variable.dtype()));
    } else {  // in place, because train_on_batch does it each time
      Array& value = variable.state()->value;
      std::fill_n(static_cast<char*>(value.mutable_data()), value.nbytes(), 0);
    }
  }
}

Metric::Metric(const char* name) {
  const std::string wanted = name;
  if (is_accuracy(wanted) || one_of(wanted, {"crossentropy", "ce"})) {
    unresolved_ = wanted;
    return;
  }
  const std::shared_ptr<Body> body = metrics::shelf().make(wanted);
  body_ = config::dialect().metrics_by_function ? std::static_pointer_cast<MetricBody>(body) : named(body, wanted);
}
Metric::Metric(Function function) : body_(function ? std::make_shared<FunctionMetric>(function) : nullptr) {}

std::string Metric::name() const {
  if (body_ || unresolved_.empty()) return body_ ? body_->name() : "";
  if (!config::dialect().metrics_by_function) return unresolved_;
  return is_accuracy(unresolved_) ? "acc" : "ce";
}
void Metric::update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) {
  body_of(*this).update_state(y_true, y_pred, sample_weight);
}
Tensor Metric::result() const { return body_of(*this).result(); }
void Metric::reset_state() { body_of(*this).reset_state(); }

namespace {
// By the shapes alone, as in Keras 3; Keras 2.2 looks at the width of the output and at the loss.
ops::Problem problem_of(const Loss& loss, const Shape& y_true, const Shape& y_pred) {
  if (!config::dialect().metrics_by_function) return ops::problem_of(y_true, y_pred);
  const std::string name = loss.body() ? loss.body()->class_name() : "";
  if (y_pred.empty() || y_pred.back() == Dim(1) || name == "BinaryCrossentropy") return ops::Problem::binary;
  return name == "SparseCategoricalCrossentropy" ? ops::Problem::sparse : ops::Problem::categorical;
}
}  // namespace

Metric Metric::resolve(const Loss& loss, const Shape& y_true, const Shape& y_pred) const {
  if (unresolved_.empty()) return *this;
  const bool accuracy = is_accuracy(unresolved_);
  std::string wanted;
  switch (problem_of(loss, y_true, y_pred)) {
    case ops::Problem::binary:
      wanted = accuracy ? "binary_accuracy" : "binary_crossentropy";
      break;
    case ops::Problem::sparse:
      wanted = accuracy ? "sparse_categorical_accuracy" : "sparse_categorical_crossentropy";
      break;
    case ops::Problem::categorical:
      wanted = accuracy ? "categorical_accuracy" : "categorical_crossentropy";
      break;
  }
  return Metric(named(metrics::shelf().make(wanted), name()));
}

Config as_config(const Metric& metric) {
  if (!metric) return {};
  if (!metric.body()) return metric.name();
  if (metric.body()->class_name().empty()) {
    throw ValueError(
        "A metric made from a C++ function has no configuration. Make it a MetricBody with a class_name, so that "
        "it can be saved.");
  }
  return metrics::shelf().write(metric.body());
}

void read_config(const Config& config, Metric& metric) {
  const Config* called = config.is_string() ? &config : config.is_map() ? config.find("class_name") : nullptr;
  if (called && called->is_string()) {
    if (const std::any* own = CustomScope::find_function("loss", called->as_string())) {
      metric = Metric(std::any_cast<Metric::Function>(*own));
      return;
    }
  }
  if (config.is_string()) {
    metric = Metric(config.as_string());
    return;
  }
  metric = Metric(std::static_pointer_cast<MetricBody>(metrics::shelf().read(config)));
}

Config as_config(const Thresholds& thresholds) {
  const std::vector<double>& values = thresholds.values();
  if (values.empty()) return {};
  return values.size() == 1 ? Config(values[0]) : as_config(values);
}

void read_config(const Config& config, Thresholds& thresholds) {
  thresholds.values_.clear();
  if (config.is_null()) return;
  if (config.is_number()) {
    thresholds.values_.push_back(config.as_real());
    return;
  }
  read_config(config, thresholds.values_);
}

namespace metrics {
// "accuracy" is none of these names: it goes by the shapes, see Metric::resolve.
const Shelf& shelf() {
  static const Shelf shelf("metric", "keras.metrics", [] {
    Lines all;
    for (Lines (*family)() : {auc_lines, confusion_lines, iou_lines, mean_lines, score_lines}) {
      for (Shelf::Line& line : family()) all.push_back(std::move(line));
    }
    return all;
  }());
  return shelf;
}
}  // namespace metrics

}  // namespace keras
