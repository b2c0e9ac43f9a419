// The metrics that average one value a sample, and Sum.
#include <keras/losses.h>
#include <keras/metrics.h>
#include <keras/ops.h>

#include "metrics/accuracy.h"
#include "metrics/mean.h"
#include "ops/samples.h"
#include "support/arguments.h"

namespace keras::metrics {

namespace {
enum Better { up, down, unsaid };

// A mean of function(y_true, y_pred), with no arguments of its own.
template <Tensor (*function)(const Tensor&, const Tensor&), Better better>
struct MeanOf : MeanMetric {
  using Args = MetricNameArgs;
  MeanOf(const MetricNameArgs& args, const char* name) : MeanMetric(args.name.value_or(name), args.dtype) {}
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return function(y_true, y_pred); }
  std::string direction() const override { return better == up ? "up" : better == down ? "down" : ""; }
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
struct MeanAbsolutePercentageErrorMetric final : MeanOf<losses::mean_absolute_percentage_error, down> {
  static constexpr auto class_name = "MeanAbsolutePercentageError";
  explicit MeanAbsolutePercentageErrorMetric(const Args& args) : MeanOf(args, "mean_absolute_percentage_error") {}
};
struct MeanSquaredLogarithmicErrorMetric final : MeanOf<losses::mean_squared_logarithmic_error, down> {
  static constexpr auto class_name = "MeanSquaredLogarithmicError";
  explicit MeanSquaredLogarithmicErrorMetric(const Args& args) : MeanOf(args, "mean_squared_logarithmic_error") {}
};
struct LogCoshErrorMetric final : MeanOf<losses::log_cosh, down> {
  static constexpr auto class_name = "LogCoshError";
  explicit LogCoshErrorMetric(const Args& args) : MeanOf(args, "logcosh") {}
};
struct HingeMetric final : MeanOf<losses::hinge, down> {
  static constexpr auto class_name = "Hinge";
  explicit HingeMetric(const Args& args) : MeanOf(args, "hinge") {}
};
struct SquaredHingeMetric final : MeanOf<losses::squared_hinge, down> {
  static constexpr auto class_name = "SquaredHinge";
  explicit SquaredHingeMetric(const Args& args) : MeanOf(args, "squared_hinge") {}
};
struct CategoricalHingeMetric final : MeanOf<losses::categorical_hinge, down> {
  static constexpr auto class_name = "CategoricalHinge";
  explicit CategoricalHingeMetric(const Args& args) : MeanOf(args, "categorical_hinge") {}
};
struct KLDivergenceMetric final : MeanOf<losses::kl_divergence, unsaid> {
  static constexpr auto class_name = "KLDivergence";
  explicit KLDivergenceMetric(const Args& args) : MeanOf(args, "kl_divergence") {}
};
struct PoissonMetric final : MeanOf<losses::poisson, unsaid> {
  static constexpr auto class_name = "Poisson";
  explicit PoissonMetric(const Args& args) : MeanOf(args, "poisson") {}
};

struct RootMeanSquaredErrorMetric final : MeanMetric {
  static constexpr auto class_name = "RootMeanSquaredError";
  using Args = MetricNameArgs;
  explicit RootMeanSquaredErrorMetric(const Args& args)
      : MeanMetric(args.name.value_or("root_mean_squared_error"), args.dtype) {}
  std::string direction() const override { return "down"; }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    const auto [wanted, given] = paired(name(), y_true, y_pred, dtype());
    return ops::square(given - wanted);
  }
  Tensor result() const override { return ops::sqrt(MeanMetric::result()); }
};

// The cosine of the angle between two vectors; the loss is that with the sign turned.
Tensor cosine(const Tensor& y_true, const Tensor& y_pred, int axis) {
  return -losses::cosine_similarity(y_true, y_pred, axis);
}
template <Tensor (*function)(const Tensor&, const Tensor&, int)>
struct MeanAlong : MeanMetric {
  using Args = AxisMetricArgs;
  MeanAlong(const Args& args, const char* name) : MeanMetric(args.name.value_or(name), args.dtype), axis(args.axis) {}
  std::string direction() const override { return "up"; }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override { return function(y_true, y_pred, axis); }
  const int axis;
};
struct CosineSimilarityMetric final : MeanAlong<cosine> {
  static constexpr auto class_name = "CosineSimilarity";
  explicit CosineSimilarityMetric(const Args& args) : MeanAlong(args, "cosine_similarity") {}
};
struct PearsonCorrelationMetric final : MeanAlong<pearson_correlation> {
  static constexpr auto class_name = "PearsonCorrelation";
  explicit PearsonCorrelationMetric(const Args& args) : MeanAlong(args, "pearson_correlation") {}
};
struct ConcordanceCorrelationMetric final : MeanAlong<concordance_correlation> {
  static constexpr auto class_name = "ConcordanceCorrelation";
  explicit ConcordanceCorrelationMetric(const Args& args) : MeanAlong(args, "concordance_correlation") {}
};
// The name that Keras 2.2 has for both the loss and the metric; there the metric has the loss's sign.
struct CosineProximityMetric final : MeanMetric {
  static constexpr auto class_name = "CosineProximity";
  using Args = MetricNameArgs;
  explicit CosineProximityMetric(const Args& args)
      : MeanMetric(args.name.value_or("cosine_proximity"), args.dtype),
        negative(config::dialect().cosine_proximity_is_negative) {}
  std::string direction() const override { return negative ? "down" : "up"; }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    const Tensor loss = losses::cosine_similarity(y_true, y_pred);
    return negative ? loss : -loss;
  }
  const bool negative;
};

struct MeanRelativeErrorMetric final : MeanMetric {
  static constexpr auto class_name = "MeanRelativeError";
  using Args = MeanRelativeErrorArgs;
  explicit MeanRelativeErrorMetric(const Args& args)
      : MeanMetric(args.name.value_or("mean_relative_error"), args.dtype), normalizer(args.normalizer) {
    if (normalizer.empty()) refuse_missing(class_name, "normalizer");
  }
  std::string direction() const override { return "down"; }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    const auto [wanted, given] = paired(name(), y_true, y_pred, dtype());
    return ops::divide_no_nan(ops::abs(wanted - given), Array(normalizer).astype(dtype()));
  }
  const std::vector<double> normalizer;
};

struct TopKCategoricalAccuracyMetric final : MeanMetric {
  static constexpr auto class_name = "TopKCategoricalAccuracy";
  using Args = TopKCategoricalAccuracyArgs;
  explicit TopKCategoricalAccuracyMetric(const Args& args) : MeanMetric(args.name, args.dtype), k(args.k) {}
  std::string direction() const override { return "up"; }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return top_k_categorical_accuracy(y_true, y_pred, k);
  }
  const std::int64_t k;
};
struct SparseTopKCategoricalAccuracyMetric final : MeanMetric {
  static constexpr auto class_name = "SparseTopKCategoricalAccuracy";
  using Args = SparseTopKCategoricalAccuracyArgs;
  explicit SparseTopKCategoricalAccuracyMetric(const Args& a) : MeanMetric(a.name, a.dtype), args(a) {}
  std::string direction() const override { return "up"; }
  Tensor values(const Tensor& y_true, const Tensor& y_pred) const override {
    return sparse_top_k_categorical_accuracy(y_true, y_pred, args.k, args.from_sorted_ids);
  }
  const Args args;
};

struct MeanBody final : MeanMetric {
  static constexpr auto class_name = "Mean";
  using Args = MeanMetricArgs;
  explicit MeanBody(const Args& args) : MeanMetric(args.name, args.dtype) {}
  Tensor values(const Tensor& y_true, const Tensor&) const override { return y_true; }
};

struct SumBody final : BuiltInMetric {
  static constexpr auto class_name = "Sum";
  using Args = MetricNameArgs;
  explicit SumBody(const Args& args) : BuiltInMetric(args.name.value_or("sum"), args.dtype) {
    total_ = add_variable("total", {}, dtype());
  }
  void update_state(const Tensor& y_true, const Tensor&, const Tensor& sample_weight) override {
    const Tensor weight = ops::masked_weight(sample_weight, {}, dtype(), false);
    total_.assign(total_ + ops::sum(samplewise(name(), ops::cast(y_true, dtype()), weight, ops::sum).first));
  }
  Tensor result() const override { return total_; }

 private:
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

}  // namespace

Lines mean_lines() {
  return {{custom<AccuracyMetric>()},
          {custom<BinaryAccuracyMetric>(), {"binary_accuracy"}},
          {custom<BinaryCrossentropyMetric>(), {"binary_crossentropy", "bce", "BCE"}},
          {custom<CategoricalAccuracyMetric>(), {"categorical_accuracy"}},
          {custom<CategoricalCrossentropyMetric>(), {"categorical_crossentropy"}},
          {custom<CategoricalHingeMetric>(), {"categorical_hinge"}},
          {custom<ConcordanceCorrelationMetric>(), {"concordance_correlation"}},
          {custom<CosineProximityMetric>(), {"cosine_proximity", "cosine"}},
          {custom<CosineSimilarityMetric>(), {"cosine_similarity"}},
          {custom<HingeMetric>(), {"hinge"}},
          {custom<KLDivergenceMetric>(), {"kl_divergence", "kld", "KLD", "kullback_leibler_divergence"}},
          {custom<LogCoshErrorMetric>(), {"log_cosh_error", "log_cosh", "logcosh"}},
          {custom<MeanBody>(), {"mean"}},
          {custom<MeanAbsoluteErrorMetric>(), {"mean_absolute_error", "mae", "MAE"}},
          {custom<MeanAbsolutePercentageErrorMetric>(), {"mean_absolute_percentage_error", "mape", "MAPE"}},
          {custom<MeanRelativeErrorMetric>(), {"mean_relative_error"}},
          {custom<MeanSquaredErrorMetric>(), {"mean_squared_error", "mse", "MSE"}},
          {custom<MeanSquaredLogarithmicErrorMetric>(), {"mean_squared_logarithmic_error", "msle", "MSLE"}},
          {custom<PearsonCorrelationMetric>(), {"pearson_correlation"}},
          {custom<PoissonMetric>(), {"poisson"}},
          {custom<RootMeanSquaredErrorMetric>(), {"root_mean_squared_error"}},
          {custom<SparseCategoricalAccuracyMetric>(), {"sparse_categorical_accuracy"}},
          {custom<SparseCategoricalCrossentropyMetric>(), {"sparse_categorical_crossentropy"}},
          {custom<SparseTopKCategoricalAccuracyMetric>(), {"sparse_top_k_categorical_accuracy"}},
          {custom<SquaredHingeMetric>(), {"squared_hinge"}},
          {custom<SumBody>(), {"sum"}},
          {custom<TopKCategoricalAccuracyMetric>(), {"top_k_categorical_accuracy"}}};
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

Metric MeanAbsolutePercentageError(MetricNameArgs args) {
  return make_metric<MeanAbsolutePercentageErrorMetric>(std::move(args));
}
Metric MeanSquaredLogarithmicError(MetricNameArgs args) {
  return make_metric<MeanSquaredLogarithmicErrorMetric>(std::move(args));
}
Metric LogCoshError(MetricNameArgs args) { return make_metric<LogCoshErrorMetric>(std::move(args)); }
Metric Hinge(MetricNameArgs args) { return make_metric<HingeMetric>(std::move(args)); }
Metric SquaredHinge(MetricNameArgs args) { return make_metric<SquaredHingeMetric>(std::move(args)); }
Metric CategoricalHinge(MetricNameArgs args) { return make_metric<CategoricalHingeMetric>(std::move(args)); }
Metric KLDivergence(MetricNameArgs args) { return make_metric<KLDivergenceMetric>(std::move(args)); }
Metric Poisson(MetricNameArgs args) { return make_metric<PoissonMetric>(std::move(args)); }
Metric CosineSimilarity(AxisMetricArgs args) { return make_metric<CosineSimilarityMetric>(std::move(args)); }
Metric PearsonCorrelation(AxisMetricArgs args) { return make_metric<PearsonCorrelationMetric>(std::move(args)); }
Metric ConcordanceCorrelation(AxisMetricArgs args) {
  return make_metric<ConcordanceCorrelationMetric>(std::move(args));
}
Metric TopKCategoricalAccuracy(TopKCategoricalAccuracyArgs args) {
  return make_metric<TopKCategoricalAccuracyMetric>(std::move(args));
}
Metric SparseTopKCategoricalAccuracy(SparseTopKCategoricalAccuracyArgs args) {
  return make_metric<SparseTopKCategoricalAccuracyMetric>(std::move(args));
}
Metric MeanRelativeError(std::vector<double> normalizer, MeanRelativeErrorArgs args) {
  if (!args.normalizer.empty()) support::refuse_twice("MeanRelativeError", "normalizer");
  args.normalizer = std::move(normalizer);
  return make_metric<MeanRelativeErrorMetric>(std::move(args));
}

}  // namespace keras::metrics
