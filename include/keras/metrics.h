// keras::metrics: what is measured while training and evaluating.
#pragma once

#include <keras/fields.h>
#include <keras/losses.h>
#include <keras/tensor.h>

#include <initializer_list>
#include <utility>

namespace keras {

// Numbers from 0 to 1 that predictions are compared with: `0.5` or `{0.25, 0.75}`; nullptr: the metric's own.
class Thresholds {
 public:
  Thresholds(std::nullptr_t = nullptr) {}
  Thresholds(double threshold) : values_{threshold} {}
  Thresholds(std::initializer_list<double> thresholds) : values_(thresholds) {}
  Thresholds(std::vector<double> thresholds) : values_(std::move(thresholds)) {}
  const std::vector<double>& values() const { return values_; }

 private:
  friend KERAS_API void read_config(const Config& config, Thresholds& thresholds);
  std::vector<double> values_;
};
KERAS_API Config as_config(const Thresholds& thresholds);
KERAS_API void read_config(const Config& config, Thresholds& thresholds);

// A stateful metric: variables that update_state changes and result reads. The methods are traced into the step once.
class KERAS_API MetricBody : public Body {
 public:
  static constexpr auto category = "metric";
  ~MetricBody() override;
  virtual std::string name() const = 0;
  virtual std::string direction() const { return ""; }  // "up" or "down", where better values lie; "": it does not say
  virtual void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) = 0;
  virtual Tensor result() const = 0;  // a scalar, or a vector whose mean is reported
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

// Arguments that several metrics share. Spelled out in each Args struct, because designated initializers cannot name a
// base's members.
#define KERAS_METRIC_NAME(A) f("name", &A::name, "Name of the metric; none: its class's in snake_case.");
#define KERAS_METRIC_DTYPE(A) f("dtype", &A::dtype, "Of the result; floatx if none.");
#define KERAS_METRIC_FIELDS(A) KERAS_METRIC_NAME(A) KERAS_METRIC_DTYPE(A)

struct MeanMetricArgs {
  std::string name = "mean";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) { KERAS_METRIC_FIELDS(MeanMetricArgs) }
};
struct MetricNameArgs {
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  static void fields(auto&& f) { KERAS_METRIC_FIELDS(MetricNameArgs) }
};
struct AxisMetricArgs {
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  int axis = -1;
  static void fields(auto&& f) {
    KERAS_METRIC_FIELDS(AxisMetricArgs)
    f("axis", &AxisMetricArgs::axis, "Axis of the vectors that are compared.");
  }
};
struct MeanRelativeErrorArgs {
  std::vector<double> normalizer = {};
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("normalizer", &MeanRelativeErrorArgs::normalizer, "Numbers the errors of the columns are divided by; required.");
    KERAS_METRIC_FIELDS(MeanRelativeErrorArgs)
  }
};
struct BinaryAccuracyArgs {
  std::string name = "binary_accuracy";
  std::optional<DType> dtype = {};
  double threshold = 0.5;
  static void fields(auto&& f) {
    KERAS_METRIC_FIELDS(BinaryAccuracyArgs)
    f("threshold", &BinaryAccuracyArgs::threshold, "Above it a prediction counts as 1.");
  }
};
struct TopKCategoricalAccuracyArgs {
  std::int64_t k = 5;
  std::string name = "top_k_categorical_accuracy";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("k", &TopKCategoricalAccuracyArgs::k, "So many of the largest predictions count.", positive);
    KERAS_METRIC_FIELDS(TopKCategoricalAccuracyArgs)
  }
};
struct SparseTopKCategoricalAccuracyArgs {
  std::int64_t k = 5;
  std::string name = "sparse_top_k_categorical_accuracy";
  std::optional<DType> dtype = {};
  bool from_sorted_ids = false;
  static void fields(auto&& f) {
    using A = SparseTopKCategoricalAccuracyArgs;
    f("k", &A::k, "So many of the largest predictions count.", positive);
    KERAS_METRIC_FIELDS(A)
    f("from_sorted_ids", &A::from_sorted_ids, "Whether y_pred are classes, the likeliest first, not their scores.");
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
    KERAS_METRIC_FIELDS(A)
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
    KERAS_METRIC_FIELDS(A)
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
    KERAS_METRIC_FIELDS(A)
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
    f("label_smoothing", &A::label_smoothing, "Moves labels towards 1/2 by this part.", fraction);
  }
};

// Of TruePositives, TrueNegatives, FalsePositives and FalseNegatives.
struct ConfusionCountArgs {
  Thresholds thresholds = nullptr;
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("thresholds", &ConfusionCountArgs::thresholds,
      "Above it a prediction counts as 1; several: a count for each. 0.5.");
    KERAS_METRIC_FIELDS(ConfusionCountArgs)
  }
};
// Of Precision and Recall.
struct PrecisionRecallArgs {
  Thresholds thresholds = nullptr;
  std::optional<std::int64_t> top_k = {};
  std::optional<std::int64_t> class_id = {};
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    using A = PrecisionRecallArgs;
    f("thresholds", &A::thresholds,
      "Above it a prediction counts as 1; several: a result for each. 0.5, and with top_k none.");
    f("top_k", &A::top_k, "Only so many of the largest predictions of a sample count as 1.", positive);
    f("class_id", &A::class_id, "The one class that is looked at.", not_negative);
    KERAS_METRIC_FIELDS(A)
  }
};
#define KERAS_AT_ARGS(Struct, field, doc)                                                                \
  struct Struct {                                                                                        \
    std::optional<double> field = {};                                                                    \
    std::int64_t num_thresholds = 200;                                                                   \
    std::optional<std::int64_t> class_id = {};                                                           \
    std::optional<std::string> name = {};                                                                \
    std::optional<DType> dtype = {};                                                                     \
    static void fields(auto&& f) {                                                                       \
      f(#field, &Struct::field, doc, fraction);                                                          \
      f("num_thresholds", &Struct::num_thresholds, "Thresholds that are tried, from 0 to 1.", positive); \
      f("class_id", &Struct::class_id, "The one class that is looked at.", not_negative);                \
      KERAS_METRIC_FIELDS(Struct)                                                                        \
    }                                                                                                    \
  };
KERAS_AT_ARGS(SensitivityAtSpecificityArgs, specificity, "Smallest specificity; required.")
KERAS_AT_ARGS(SpecificityAtSensitivityArgs, sensitivity, "Smallest sensitivity; required.")
KERAS_AT_ARGS(PrecisionAtRecallArgs, recall, "Smallest recall; required.")
KERAS_AT_ARGS(RecallAtPrecisionArgs, precision, "Smallest precision; required.")
#undef KERAS_AT_ARGS
struct AUCArgs {
  std::int64_t num_thresholds = 200;
  std::string curve = "ROC";
  std::string summation_method = "interpolation";
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  Thresholds thresholds = nullptr;
  bool multi_label = false;
  std::optional<std::int64_t> num_labels = {};
  std::vector<double> label_weights = {};
  bool from_logits = false;
  static void fields(auto&& f) {
    using A = AUCArgs;
    f("num_thresholds", &A::num_thresholds, "Points of the curve, 2 or more.");
    f("curve", &A::curve, "ROC, PR (precision over recall) or PRGAIN (precision gain over recall gain).");
    f("summation_method", &A::summation_method, "interpolation, minoring or majoring.");
    KERAS_METRIC_FIELDS(A)
    f("thresholds", &A::thresholds, "The points themselves, beside 0 and 1.");
    f("multi_label", &A::multi_label, "Whether each column has a curve of its own, whose areas are averaged.");
    f("num_labels", &A::num_labels, "Columns, with multi_label; none: those of the first y_pred.", positive);
    f("label_weights", &A::label_weights, "Weights of the columns; none: 1.");
    f("from_logits", &A::from_logits, "Whether y_pred are logits, not probabilities.");
  }
};

#define KERAS_IOU_IGNORE(A) f("ignore_class", &A::ignore_class, "A label that counts for nothing.");
#define KERAS_IOU_CLASSES(A) f("num_classes", &A::num_classes, "Number of classes; required.");
#define KERAS_IOU_SPARSE_TRUE(A) f("sparse_y_true", &A::sparse_y_true, "Whether y_true are classes, not one-hot.");
#define KERAS_IOU_SPARSE_PRED(A) \
  f("sparse_y_pred", &A::sparse_y_pred, "Whether y_pred are classes, not scores of each.");
#define KERAS_IOU_AXIS(A) f("axis", &A::axis, "Axis of the classes, where they are not sparse.");
#define KERAS_IOU_TARGETS(A) f("target_class_ids", &A::target_class_ids, "Classes whose overlaps are averaged.");
#define KERAS_IOU_NAME(A) \
  KERAS_METRIC_NAME(A)    \
  f("dtype", &A::dtype, "Of the counts; int64 if none.");
struct IoUArgs {
  std::int64_t num_classes = 0;
  std::vector<std::int64_t> target_class_ids = {};
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  std::optional<std::int64_t> ignore_class = {};
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  int axis = -1;
  static void fields(auto&& f) {
    KERAS_IOU_CLASSES(IoUArgs)
    KERAS_IOU_TARGETS(IoUArgs)
    KERAS_IOU_NAME(IoUArgs)
    KERAS_IOU_IGNORE(IoUArgs)
    KERAS_IOU_SPARSE_TRUE(IoUArgs)
    KERAS_IOU_SPARSE_PRED(IoUArgs)
    KERAS_IOU_AXIS(IoUArgs)
  }
};
struct BinaryIoUArgs {
  std::vector<std::int64_t> target_class_ids = {0, 1};
  double threshold = 0.5;
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    KERAS_IOU_TARGETS(BinaryIoUArgs)
    f("threshold", &BinaryIoUArgs::threshold, "From it on a prediction counts as 1.");
    KERAS_IOU_NAME(BinaryIoUArgs)
  }
};
struct MeanIoUArgs {
  std::int64_t num_classes = 0;
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  std::optional<std::int64_t> ignore_class = {};
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  int axis = -1;
  static void fields(auto&& f) {
    KERAS_IOU_CLASSES(MeanIoUArgs)
    KERAS_IOU_NAME(MeanIoUArgs)
    KERAS_IOU_IGNORE(MeanIoUArgs)
    KERAS_IOU_SPARSE_TRUE(MeanIoUArgs)
    KERAS_IOU_SPARSE_PRED(MeanIoUArgs)
    KERAS_IOU_AXIS(MeanIoUArgs)
  }
};
struct OneHotIoUArgs {
  std::int64_t num_classes = 0;
  std::vector<std::int64_t> target_class_ids = {};
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  std::optional<std::int64_t> ignore_class = {};
  bool sparse_y_pred = false;
  int axis = -1;
  static void fields(auto&& f) {
    KERAS_IOU_CLASSES(OneHotIoUArgs)
    KERAS_IOU_TARGETS(OneHotIoUArgs)
    KERAS_IOU_NAME(OneHotIoUArgs)
    KERAS_IOU_IGNORE(OneHotIoUArgs)
    KERAS_IOU_SPARSE_PRED(OneHotIoUArgs)
    KERAS_IOU_AXIS(OneHotIoUArgs)
  }
};
struct OneHotMeanIoUArgs {
  std::int64_t num_classes = 0;
  std::optional<std::string> name = {};
  std::optional<DType> dtype = {};
  std::optional<std::int64_t> ignore_class = {};
  bool sparse_y_pred = false;
  int axis = -1;
  static void fields(auto&& f) {
    KERAS_IOU_CLASSES(OneHotMeanIoUArgs)
    KERAS_IOU_NAME(OneHotMeanIoUArgs)
    KERAS_IOU_IGNORE(OneHotMeanIoUArgs)
    KERAS_IOU_SPARSE_PRED(OneHotMeanIoUArgs)
    KERAS_IOU_AXIS(OneHotMeanIoUArgs)
  }
};
#undef KERAS_IOU_IGNORE
#undef KERAS_IOU_CLASSES
#undef KERAS_IOU_SPARSE_TRUE
#undef KERAS_IOU_SPARSE_PRED
#undef KERAS_IOU_AXIS
#undef KERAS_IOU_TARGETS
#undef KERAS_IOU_NAME
#define KERAS_F_AVERAGE(A) \
  f("average", &A::average, "micro (all counts together), macro, weighted by class, or none: a score of each class.");
#define KERAS_F_THRESHOLD(A) \
  f("threshold", &A::threshold, "Above it a prediction counts as 1; none: the largest of a sample does.");
struct FBetaScoreArgs {
  std::optional<std::string> average = {};
  double beta = 1;
  std::optional<double> threshold = {};
  std::string name = "fbeta_score";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    KERAS_F_AVERAGE(FBetaScoreArgs)
    f("beta", &FBetaScoreArgs::beta, "Weight of recall against precision.", positive);
    KERAS_F_THRESHOLD(FBetaScoreArgs)
    KERAS_METRIC_FIELDS(FBetaScoreArgs)
  }
};
struct F1ScoreArgs {
  std::optional<std::string> average = {};
  std::optional<double> threshold = {};
  std::string name = "f1_score";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    KERAS_F_AVERAGE(F1ScoreArgs)
    KERAS_F_THRESHOLD(F1ScoreArgs)
    KERAS_METRIC_FIELDS(F1ScoreArgs)
  }
};
#undef KERAS_F_AVERAGE
#undef KERAS_F_THRESHOLD
struct R2ScoreArgs {
  std::optional<std::string> class_aggregation = "uniform_average";
  std::int64_t num_regressors = 0;
  std::string name = "r2_score";
  std::optional<DType> dtype = {};
  static void fields(auto&& f) {
    f("class_aggregation", &R2ScoreArgs::class_aggregation,
      "uniform_average, variance_weighted_average, or none: a score of each column.");
    f("num_regressors", &R2ScoreArgs::num_regressors, "For the adjusted score; 0: the score itself.", not_negative);
    KERAS_METRIC_FIELDS(R2ScoreArgs)
  }
};

namespace metrics {
KERAS_API Metric Mean(MeanMetricArgs args = {});  // of y_true, weighted by sample_weight
KERAS_API Metric Sum(MetricNameArgs args = {});   // of y_true times sample_weight

KERAS_API Metric Accuracy(MetricNameArgs args = {});
KERAS_API Metric BinaryAccuracy(BinaryAccuracyArgs args = {});
KERAS_API Metric CategoricalAccuracy(MetricNameArgs args = {});
KERAS_API Metric SparseCategoricalAccuracy(MetricNameArgs args = {});
KERAS_API Metric TopKCategoricalAccuracy(TopKCategoricalAccuracyArgs args = {});
KERAS_API Metric SparseTopKCategoricalAccuracy(SparseTopKCategoricalAccuracyArgs args = {});

KERAS_API Metric MeanSquaredError(MetricNameArgs args = {});
KERAS_API Metric RootMeanSquaredError(MetricNameArgs args = {});
KERAS_API Metric MeanAbsoluteError(MetricNameArgs args = {});
KERAS_API Metric MeanAbsolutePercentageError(MetricNameArgs args = {});
KERAS_API Metric MeanSquaredLogarithmicError(MetricNameArgs args = {});
KERAS_API Metric LogCoshError(MetricNameArgs args = {});      // reported as logcosh
KERAS_API Metric CosineSimilarity(AxisMetricArgs args = {});  // 1: the same direction, unlike the loss
KERAS_API Metric PearsonCorrelation(AxisMetricArgs args = {});
KERAS_API Metric ConcordanceCorrelation(AxisMetricArgs args = {});
KERAS_API Metric R2Score(R2ScoreArgs args = {});
KERAS_API Metric MeanRelativeError(std::vector<double> normalizer, MeanRelativeErrorArgs args = {});  // tf.keras's

KERAS_API Metric Hinge(MetricNameArgs args = {});
KERAS_API Metric SquaredHinge(MetricNameArgs args = {});
KERAS_API Metric CategoricalHinge(MetricNameArgs args = {});
KERAS_API Metric KLDivergence(MetricNameArgs args = {});
KERAS_API Metric Poisson(MetricNameArgs args = {});
KERAS_API Metric CategoricalCrossentropy(CategoricalCrossentropyMetricArgs args = {});
KERAS_API Metric SparseCategoricalCrossentropy(SparseCategoricalCrossentropyMetricArgs args = {});
KERAS_API Metric BinaryCrossentropy(BinaryCrossentropyMetricArgs args = {});

KERAS_API Metric TruePositives(ConfusionCountArgs args = {});
KERAS_API Metric TrueNegatives(ConfusionCountArgs args = {});
KERAS_API Metric FalsePositives(ConfusionCountArgs args = {});
KERAS_API Metric FalseNegatives(ConfusionCountArgs args = {});
KERAS_API Metric Precision(PrecisionRecallArgs args = {});
KERAS_API Metric Recall(PrecisionRecallArgs args = {});
KERAS_API Metric SensitivityAtSpecificity(double specificity, SensitivityAtSpecificityArgs args = {});
KERAS_API Metric SpecificityAtSensitivity(double sensitivity, SpecificityAtSensitivityArgs args = {});
KERAS_API Metric PrecisionAtRecall(double recall, PrecisionAtRecallArgs args = {});
KERAS_API Metric RecallAtPrecision(double precision, RecallAtPrecisionArgs args = {});
KERAS_API Metric AUC(AUCArgs args = {});
KERAS_API Metric FBetaScore(FBetaScoreArgs args = {});
KERAS_API Metric F1Score(F1ScoreArgs args = {});

KERAS_API Metric IoU(std::int64_t num_classes, std::vector<std::int64_t> target_class_ids, IoUArgs args = {});
KERAS_API Metric BinaryIoU(BinaryIoUArgs args = {});
KERAS_API Metric MeanIoU(std::int64_t num_classes, MeanIoUArgs args = {});
KERAS_API Metric OneHotIoU(std::int64_t num_classes, std::vector<std::int64_t> target_class_ids,
                           OneHotIoUArgs args = {});
KERAS_API Metric OneHotMeanIoU(std::int64_t num_classes, OneHotMeanIoUArgs args = {});

// One value a sample: what the classes average. Those below are losses too.
KERAS_API Tensor binary_accuracy(const Tensor& y_true, const Tensor& y_pred, double threshold = 0.5);
KERAS_API Tensor categorical_accuracy(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor sparse_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred);
KERAS_API Tensor top_k_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred, std::int64_t k = 5);
KERAS_API Tensor sparse_top_k_categorical_accuracy(const Tensor& y_true, const Tensor& y_pred, std::int64_t k = 5,
                                                   bool from_sorted_ids = false);
KERAS_API Tensor pearson_correlation(const Tensor& y_true, const Tensor& y_pred, int axis = -1);
KERAS_API Tensor concordance_correlation(const Tensor& y_true, const Tensor& y_pred, int axis = -1);
using losses::binary_crossentropy;
using losses::binary_focal_crossentropy;
using losses::categorical_crossentropy;
using losses::categorical_focal_crossentropy;
using losses::categorical_hinge;
using losses::hinge;
using losses::huber;
using losses::kl_divergence;
using losses::log_cosh;
using losses::mean_absolute_error;
using losses::mean_absolute_percentage_error;
using losses::mean_squared_error;
using losses::mean_squared_logarithmic_error;
using losses::poisson;
using losses::sparse_categorical_crossentropy;
using losses::squared_hinge;
}  // namespace metrics

}  // namespace keras
