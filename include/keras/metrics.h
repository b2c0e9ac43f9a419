// keras::metrics: what is measured while training and evaluating.
#pragma once

#include <keras/fields.h>
#include <keras/losses.h>
#include <keras/tensor.h>

namespace keras {

// A stateful metric: variables that update_state changes and result reads. The methods are traced into the step once.
class KERAS_API MetricBody : public Body {
 public:
  static constexpr auto category = "metric";
  ~MetricBody() override;
  virtual std::string name() const = 0;
  virtual std::string direction() const { return ""; }  // "up" or "down", where better values lie; "": it does not say
  virtual void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) = 0;
  virtual Tensor result() const = 0;  // a scalar
  virtual void reset_state();         // sets every variable to 0
  const std::vector<Variable>& variables() const { return variables_; }

 protected:
  Variable add_variable(const std::string& name, const Shape& shape, DType dtype = DType::float32);  // starts at 0

 private:
  std::vector<Variable> variables_;
};

// A handle: a Keras name ("accuracy", "mse", …; ValueError with a suggestion for an unknown one), a class below, a
// function of (y_true, y_pred), or an own MetricBody. Copies share the state. "accuracy" and "acc" become binary,
// categorical or sparse categorical accuracy by the shapes and the loss they meet, as in Keras; "crossentropy" and "ce"
// likewise.
class KERAS_API Metric {
 public:
  using Function = Tensor (*)(const Tensor& y_true, const Tensor& y_pred);
  Metric() = default;
  Metric(const char* name);
  Metric(const std::string& name) : Metric(name.c_str()) {}
  Metric(Function function);
  explicit Metric(std::shared_ptr<MetricBody> body) : body_(std::move(body)) {}
  explicit operator bool() const { return body_ != nullptr || !unresolved_.empty(); }
  std::string name() const;
  void update_state(const Tensor& y_true, const Tensor& y_pred = {}, const Tensor& sample_weight = {});
  Tensor result() const;
  void reset_state();
  MetricBody* body() const { return body_.get(); }

  // The metric that a name such as "accuracy" stands for beside this loss and these shapes; itself for any other
  // metric.
  Metric resolve(const Loss& loss, const Shape& y_true, const Shape& y_pred) const;

 private:
  std::string unresolved_;
  std::shared_ptr<MetricBody> body_;
};
KERAS_API Config as_config(const Metric& metric);
KERAS_API void read_config(const Config& config, Metric& metric);
template <class B>
Metric make_metric(typename B::Args args = {}) {
  return Metric(make_body<B>(std::move(args)));
}

struct MeanMetricArgs {
  std::string name = "mean";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("name", &MeanMetricArgs::name, "Name of the metric.");
    f("dtype", &MeanMetricArgs::dtype, "Of the result; floatx if none.");
  }
};
struct MetricNameArgs {
  std::optional<std::string> name = {};  // the class's name in snake_case
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("name", &MetricNameArgs::name, "Name of the metric.");
    f("dtype", &MetricNameArgs::dtype, "Of the result; floatx if none.");
  }
};
struct BinaryAccuracyArgs {
  std::string name = "binary_accuracy";
  std::optional<DType> dtype = {};
  double threshold = 0.5;
  static void fields(auto&& f) {
    f("name", &BinaryAccuracyArgs::name, "Name of the metric.");
    f("dtype", &BinaryAccuracyArgs::dtype, "Of the result; floatx if none.");
    f("threshold", &BinaryAccuracyArgs::threshold, "Above it a prediction counts as 1.");
  }
};

struct CategoricalCrossentropyMetricArgs {
  std::string name = "categorical_crossentropy";
  std::optional<DType> dtype = {};
  bool from_logits = false;
  double label_smoothing = 0;
  int axis = -1;
  static void fields(auto&& f) {
    using A = CategoricalCrossentropyMetricArgs;
    f("name", &A::name, "Name of the metric.");
    f("dtype", &A::dtype, "Of the result; floatx if none.");
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("label_smoothing", &A::label_smoothing, "Moves labels towards 1 / classes by this part.", fraction);
    f("axis", &A::axis, "Axis of the classes.");
  }
};
struct SparseCategoricalCrossentropyMetricArgs {
  std::string name = "sparse_categorical_crossentropy";
  std::optional<DType> dtype = {};
  bool from_logits = false;
  std::optional<std::int64_t> ignore_class = {};
  int axis = -1;
  static void fields(auto&& f) {
    using A = SparseCategoricalCrossentropyMetricArgs;
    f("name", &A::name, "Name of the metric.");
    f("dtype", &A::dtype, "Of the result; floatx if none.");
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("ignore_class", &A::ignore_class, "A label that counts for nothing.");
    f("axis", &A::axis, "Axis of the classes.");
  }
};
struct BinaryCrossentropyMetricArgs {
  std::string name = "binary_crossentropy";
  std::optional<DType> dtype = {};
  bool from_logits = false;
  double label_smoothing = 0;
  static void fields(auto&& f) {
    using A = BinaryCrossentropyMetricArgs;
    f("name", &A::name, "Name of the metric.");
    f("dtype", &A::dtype, "Of the result; floatx if none.");
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("label_smoothing", &A::label_smoothing, "Moves labels towards 1/2 by this part.", fraction);
  }
};

namespace metrics {
KERAS_API Metric Mean(MeanMetricArgs args = {});  // of y_true, weighted by sample_weight
KERAS_API Metric Sum(MetricNameArgs args = {});   // of y_true times sample_weight
KERAS_API Metric Accuracy(MetricNameArgs args = {});
KERAS_API Metric BinaryAccuracy(BinaryAccuracyArgs args = {});
KERAS_API Metric CategoricalAccuracy(MetricNameArgs args = {});
KERAS_API Metric SparseCategoricalAccuracy(MetricNameArgs args = {});
KERAS_API Metric MeanSquaredError(MetricNameArgs args = {});
KERAS_API Metric RootMeanSquaredError(MetricNameArgs args = {});
KERAS_API Metric MeanAbsoluteError(MetricNameArgs args = {});
KERAS_API Metric CategoricalCrossentropy(CategoricalCrossentropyMetricArgs args = {});
KERAS_API Metric SparseCategoricalCrossentropy(SparseCategoricalCrossentropyMetricArgs args = {});
KERAS_API Metric BinaryCrossentropy(BinaryCrossentropyMetricArgs args = {});

KERAS_API Tensor binary_accuracy(const Tensor& y_true, const Tensor& y_pred, double threshold = 0.5);
KERAS_API Tensor categorical_accuracy(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor sparse_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred);
}  // namespace metrics

}  // namespace keras
