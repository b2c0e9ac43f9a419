// The classes of metrics, and the table of their names.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/losses.h>
#include <keras/metrics.h>
#include <keras/ops.h>

#include <algorithm>

#include "metrics/accuracy.h"
#include "metrics/mean.h"
#include "ops/samples.h"
#include "support/text.h"

namespace keras::metrics {

namespace {
enum Better { up, down };

// A mean of function(y_true, y_pred), with no arguments of its own.
template <Tensor (*function)(const Tensor&, const Tensor&), Better better>
struct MeanOf : MeanMetric {
  using Args = MetricNameArgs;
  MeanOf(const MetricNameArgs& args, const char* name) : MeanMetric(args.name.value_or(name), args.dtype) {}
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return function(y_true, y_pred); }
  std::string direction() const override { return better == up ? "up" : "down"; }
};
struct AccuracyMetric final : MeanOf<accuracy, up> {
  static constexpr auto class_name = "Accuracy";
  explicit AccuracyMetric(const Args& args) : MeanOf(args, "accuracy") {}
};
struct CategoricalAccuracyMetric final : MeanOf<categorical_accuracy, up> {
  static constexpr auto class_name = "CategoricalAccuracy";
  explicit CategoricalAccuracyMetric(const Args& args) : MeanOf(args, "categorical_accuracy") {}
};
struct SparseCategoricalAccuracyMetric final : MeanOf<sparse_categorical_accuracy, up> {
  static constexpr auto class_name = "SparseCategoricalAccuracy";
  explicit SparseCategoricalAccuracyMetric(const Args& args) : MeanOf(args, "sparse_categorical_accuracy") {}
};
struct MeanSquaredErrorMetric final : MeanOf<losses::mean_squared_error, down> {
  static constexpr auto class_name = "MeanSquaredError";
  explicit MeanSquaredErrorMetric(const Args& args) : MeanOf(args, "mean_squared_error") {}
};
struct MeanAbsoluteErrorMetric final : MeanOf<losses::mean_absolute_error, down> {
  static constexpr auto class_name = "MeanAbsoluteError";
  explicit MeanAbsoluteErrorMetric(const Args& args) : MeanOf(args, "mean_absolute_error") {}
};
struct RootMeanSquaredErrorMetric final : MeanOf<losses::mean_squared_error, down> {
  static constexpr auto class_name = "RootMeanSquaredError";
  explicit RootMeanSquaredErrorMetric(const Args& args) : MeanOf(args, "root_mean_squared_error") {}
  Tensor result() const override { return ops::sqrt(MeanMetric::result()); }
};

struct MeanBody final : MeanMetric {
  static constexpr auto class_name = "Mean";
  using Args = MeanMetricArgs;
  explicit MeanBody(const Args& args) : MeanMetric(args.name, args.dtype) {}
  Tensor values(const Tensor& y_true, const Tensor&) const override { return y_true; }
};

struct SumBody final : MetricBody {
  static constexpr auto class_name = "Sum";
  using Args = MetricNameArgs;
  explicit SumBody(const Args& args) : name_(args.name.value_or("sum")), dtype_(args.dtype.value_or(config::floatx())) {
    total_ = add_variable("total", {}, dtype_);
  }
  std::string name() const override { return name_; }
  void update_state(const Tensor& y_true, const Tensor&, const Tensor& sample_weight) override {
    const Tensor weight = ops::masked_weight(sample_weight, {}, dtype_, false);
    total_.assign(total_ + ops::sum(samplewise(name_, ops::cast(y_true, dtype_), weight, ops::sum).first));
  }
  Tensor result() const override { return total_; }
  Config get_config() const override {
    Config config = MetricBody::get_config();
    return config.set("name", name_).set("dtype", dtype_.name());
  }

 private:
  std::string name_;
  DType dtype_;
  Variable total_;
};

struct BinaryAccuracyMetric final : MeanMetric {
  static constexpr auto class_name = "BinaryAccuracy";
  using Args = BinaryAccuracyArgs;
  explicit BinaryAccuracyMetric(const Args& args) : MeanMetric(args.name, args.dtype), threshold(args.threshold) {}
  std::string direction() const override { return "up"; }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return binary_accuracy(y_true, y_pred, threshold);
  }
  double threshold;
};

struct CategoricalCrossentropyMetric final : MeanMetric {
  static constexpr auto class_name = "CategoricalCrossentropy";
  using Args = CategoricalCrossentropyMetricArgs;
  explicit CategoricalCrossentropyMetric(const Args& a) : MeanMetric(a.name, a.dtype), args(a) {}
  std::string direction() const override { return "down"; }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return losses::categorical_crossentropy(y_true, y_pred, args.from_logits, args.label_smoothing, args.axis);
  }
  Args args;
};

struct SparseCategoricalCrossentropyMetric final : MeanMetric {
  static constexpr auto class_name = "SparseCategoricalCrossentropy";
  using Args = SparseCategoricalCrossentropyMetricArgs;
  explicit SparseCategoricalCrossentropyMetric(const Args& a) : MeanMetric(a.name, a.dtype), args(a) {}
  std::string direction() const override { return "down"; }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return losses::sparse_categorical_crossentropy(y_true, y_pred, args.from_logits, args.ignore_class, args.axis);
  }
  Tensor mask(const Tensor& y_true, const Tensor& y_pred) const override {
    if (!args.ignore_class) return {};
    const bool column = y_true.ndim() == y_pred.ndim();
    return ops::not_equal(column ? ops::squeeze(y_true, {args.axis}) : y_true, *args.ignore_class);
  }
  Args args;
};

struct BinaryCrossentropyMetric final : MeanMetric {
  static constexpr auto class_name = "BinaryCrossentropy";
  using Args = BinaryCrossentropyMetricArgs;
  explicit BinaryCrossentropyMetric(const Args& a) : MeanMetric(a.name, a.dtype), args(a) {}
  std::string direction() const override { return "down"; }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return losses::binary_crossentropy(y_true, y_pred, args.from_logits, args.label_smoothing);
  }
  Args args;
};

// What Keras has beyond these, as classes; the names in snake_case are made from them.
constexpr std::string_view kLater[] = {"AUC",
                                       "BinaryIoU",
                                       "CategoricalHinge",
                                       "ConcordanceCorrelation",
                                       "CosineSimilarity",
                                       "F1Score",
                                       "FBetaScore",
                                       "FalseNegatives",
                                       "FalsePositives",
                                       "Hinge",
                                       "IoU",
                                       "KLDivergence",
                                       "LogCoshError",
                                       "MeanAbsolutePercentageError",
                                       "MeanIoU",
                                       "MeanSquaredLogarithmicError",
                                       "OneHotIoU",
                                       "OneHotMeanIoU",
                                       "PearsonCorrelation",
                                       "Poisson",
                                       "Precision",
                                       "PrecisionAtRecall",
                                       "R2Score",
                                       "Recall",
                                       "RecallAtPrecision",
                                       "SensitivityAtSpecificity",
                                       "SparseTopKCategoricalAccuracy",
                                       "SpecificityAtSensitivity",
                                       "SquaredHinge",
                                       "TopKCategoricalAccuracy",
                                       "TrueNegatives",
                                       "TruePositives",
                                       "mape",
                                       "msle"};

std::string letters(std::string_view name) {  // in lower case, without underscores
  std::string result = support::lower(name);
  result.erase(std::remove(result.begin(), result.end(), '_'), result.end());
  return result;
}
}  // namespace

// "accuracy" is none of these names: it goes by the shapes, see Metric::resolve.
const Shelf& shelf() {
  static const Shelf shelf("metric", "keras.metrics",
                           {{custom<AccuracyMetric>()},
                            {custom<BinaryAccuracyMetric>(), {"binary_accuracy"}},
                            {custom<BinaryCrossentropyMetric>(), {"binary_crossentropy", "bce", "BCE"}},
                            {custom<CategoricalAccuracyMetric>(), {"categorical_accuracy"}},
                            {custom<CategoricalCrossentropyMetric>(), {"categorical_crossentropy"}},
                            {custom<MeanBody>(), {"mean"}},
                            {custom<MeanAbsoluteErrorMetric>(), {"mean_absolute_error", "mae", "MAE"}},
                            {custom<MeanSquaredErrorMetric>(), {"mean_squared_error", "mse", "MSE"}},
                            {custom<RootMeanSquaredErrorMetric>(), {"root_mean_squared_error"}},
                            {custom<SparseCategoricalAccuracyMetric>(), {"sparse_categorical_accuracy"}},
                            {custom<SparseCategoricalCrossentropyMetric>(), {"sparse_categorical_crossentropy"}},
                            {custom<SumBody>(), {"sum"}}});
  return shelf;
}

void refuse_later(const std::string& name) {
  for (std::string_view later : kLater) {
    if (letters(later) != letters(name)) continue;
    throw NotImplementedError(
        fmt::format("The metric \"{}\" of Keras is not in this version. It can be written as a function of "
                    "(y_true, y_pred) that gives one value a sample.",
                    name));
  }
}

Metric Mean(MeanMetricArgs args) { return make_metric<MeanBody>(std::move(args)); }
Metric Sum(MetricNameArgs args) { return make_metric<SumBody>(std::move(args)); }
Metric Accuracy(MetricNameArgs args) { return make_metric<AccuracyMetric>(std::move(args)); }
Metric BinaryAccuracy(BinaryAccuracyArgs args) { return make_metric<BinaryAccuracyMetric>(std::move(args)); }
Metric CategoricalAccuracy(MetricNameArgs args) { return make_metric<CategoricalAccuracyMetric>(std::move(args)); }
Metric SparseCategoricalAccuracy(MetricNameArgs args) {
  return make_metric<SparseCategoricalAccuracyMetric>(std::move(args));
}
Metric MeanSquaredError(MetricNameArgs args) { return make_metric<MeanSquaredErrorMetric>(std::move(args)); }
Metric RootMeanSquaredError(MetricNameArgs args) { return make_metric<RootMeanSquaredErrorMetric>(std::move(args)); }
Metric MeanAbsoluteError(MetricNameArgs args) { return make_metric<MeanAbsoluteErrorMetric>(std::move(args)); }
Metric CategoricalCrossentropy(CategoricalCrossentropyMetricArgs args) {
  return make_metric<CategoricalCrossentropyMetric>(std::move(args));
}
Metric SparseCategoricalCrossentropy(SparseCategoricalCrossentropyMetricArgs args) {
  return make_metric<SparseCategoricalCrossentropyMetric>(std::move(args));
}
Metric BinaryCrossentropy(BinaryCrossentropyMetricArgs args) {
  return make_metric<BinaryCrossentropyMetric>(std::move(args));
}

}  // namespace keras::metrics
