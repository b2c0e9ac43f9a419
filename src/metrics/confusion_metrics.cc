// The counts of a confusion matrix, precision and recall, and the best of one where the other is large enough.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "metrics/built_in.h"
#include "metrics/confusion.h"
#include "ops/samples.h"
#include "support/arguments.h"

namespace keras::metrics {

namespace {
class ConfusionMetric : public BuiltInMetric {
 public:
  ConfusionMetric(std::string name, std::optional<DType> dtype, Confusion how)
      : BuiltInMetric(std::move(name), dtype), how_(std::move(how)) {}

 protected:
  Variable add_counts(const char* name) {
    return add_variable(name, {static_cast<std::int64_t>(how_.thresholds.size())}, config::floatx());
  }
  Counts count(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) const {
    return metrics::count(name(), how_, y_true, y_pred, sample_weight, config::floatx());
  }
  static void add(Variable& variable, const Tensor& counts) { variable.assign(variable + counts); }
  // The one number where there is one threshold.
  static Tensor each(const Tensor& results) {
    return results.shape() == Shape{1} ? ops::squeeze(results, {0}) : results;
  }
  const Confusion how_;
};

Confusion at(const char* what, const Thresholds& given, double otherwise = 0.5) {
  check_thresholds(what, given.values());
  Confusion how;
  how.thresholds = given.values().empty() ? std::vector<double>{otherwise} : given.values();
  how.evenly = evenly_distributed(how.thresholds);
  return how;
}

template <Tensor Counts::*counts>
class CountMetric : public ConfusionMetric {
 public:
  using Args = ConfusionCountArgs;
  CountMetric(const Args& args, const char* what, const char* name)
      : ConfusionMetric(args.name.value_or(name), args.dtype, at(what, args.thresholds)),
        counts_(add_counts("accumulator")) {}
  void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    add(counts_, count(y_true, y_pred, sample_weight).*counts);
  }
  Tensor result() const override { return each(counts_); }

 private:
  Variable counts_;
};
struct TruePositivesMetric final : CountMetric<&Counts::true_positives> {
  static constexpr auto class_name = "TruePositives";
  explicit TruePositivesMetric(const Args& args) : CountMetric(args, class_name, "true_positives") {}
};
struct TrueNegativesMetric final : CountMetric<&Counts::true_negatives> {
  static constexpr auto class_name = "TrueNegatives";
  explicit TrueNegativesMetric(const Args& args) : CountMetric(args, class_name, "true_negatives") {}
};
struct FalsePositivesMetric final : CountMetric<&Counts::false_positives> {
  static constexpr auto class_name = "FalsePositives";
  explicit FalsePositivesMetric(const Args& args) : CountMetric(args, class_name, "false_positives") {}
};
struct FalseNegativesMetric final : CountMetric<&Counts::false_negatives> {
  static constexpr auto class_name = "FalseNegatives";
  explicit FalseNegativesMetric(const Args& args) : CountMetric(args, class_name, "false_negatives") {}
};

// True positives over them and the false positives, or the false negatives.
template <Tensor Counts::*others>
class PartMetric : public ConfusionMetric {
 public:
  using Args = PrecisionRecallArgs;
  PartMetric(const Args& args, const char* what, const char* name, const char* others_name)
      : ConfusionMetric(args.name.value_or(name), args.dtype, how(args, what)),
        right_(add_counts("true_positives")),
        others_(add_counts(others_name)) {}
  std::string direction() const override { return "up"; }
  void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const Counts counts = count(y_true, y_pred, sample_weight);
    add(right_, counts.true_positives);
    add(others_, counts.*others);
  }
  Tensor result() const override { return each(ops::divide_no_nan(right_, right_ + others_)); }

 private:
  static Confusion how(const Args& args, const char* what) {
    Confusion how = at(what, args.thresholds, args.top_k ? -1e10 : 0.5);
    how.top_k = args.top_k;
    how.class_id = args.class_id;
    return how;
  }
  Variable right_, others_;
};
struct PrecisionMetric final : PartMetric<&Counts::false_positives> {
  static constexpr auto class_name = "Precision";
  explicit PrecisionMetric(const Args& args) : PartMetric(args, class_name, "precision", "false_positives") {}
};
struct RecallMetric final : PartMetric<&Counts::false_negatives> {
  static constexpr auto class_name = "Recall";
  explicit RecallMetric(const Args& args) : PartMetric(args, class_name, "recall", "false_negatives") {}
};

// The largest `best` among the thresholds at which `bounded` is at least `bound`.
class AtMetric : public ConfusionMetric {
 public:
  template <class A>
  AtMetric(const A& args, const char* what, const char* argument, std::optional<double> bound, const char* name)
      : ConfusionMetric(args.name.value_or(name), args.dtype, how(args)),
        true_positives_(add_counts("true_positives")),
        false_positives_(add_counts("false_positives")),
        true_negatives_(add_counts("true_negatives")),
        false_negatives_(add_counts("false_negatives")) {
    if (!bound) refuse_missing(what, argument);
    bound_ = *bound;
  }
  std::string direction() const override { return "up"; }
  void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const Counts counts = count(y_true, y_pred, sample_weight);
    add(true_positives_, counts.true_positives);
    add(false_positives_, counts.false_positives);
    add(true_negatives_, counts.true_negatives);
    add(false_negatives_, counts.false_negatives);
  }

 protected:
  Tensor recall() const { return part(true_positives_, false_negatives_); }
  Tensor specificity() const { return part(true_negatives_, false_positives_); }
  Tensor precision() const { return part(true_positives_, false_positives_); }
  Tensor largest(const Tensor& best, const Tensor& bounded) const {
    return ops::max(ops::where(bounded >= bound_, best, 0));
  }

 private:
  static Tensor part(const Variable& some, const Variable& others) { return ops::divide_no_nan(some, some + others); }
  template <class A>
  static Confusion how(const A& args) {
    Confusion how;
    how.evenly = args.num_thresholds > 1;
    how.thresholds = how.evenly ? even_thresholds(args.num_thresholds) : std::vector<double>{0.5};
    how.class_id = args.class_id;
    return how;
  }
  double bound_ = 0;
  Variable true_positives_, false_positives_, true_negatives_, false_negatives_;
};
struct SensitivityAtSpecificityMetric final : AtMetric {
  static constexpr auto class_name = "SensitivityAtSpecificity";
  using Args = SensitivityAtSpecificityArgs;
  explicit SensitivityAtSpecificityMetric(const Args& args)
      : AtMetric(args, class_name, "specificity", args.specificity, "sensitivity_at_specificity") {}
  Tensor result() const override { return largest(recall(), specificity()); }
};
struct SpecificityAtSensitivityMetric final : AtMetric {
  static constexpr auto class_name = "SpecificityAtSensitivity";
  using Args = SpecificityAtSensitivityArgs;
  explicit SpecificityAtSensitivityMetric(const Args& args)
      : AtMetric(args, class_name, "sensitivity", args.sensitivity, "specificity_at_sensitivity") {}
  Tensor result() const override { return largest(specificity(), recall()); }
};
struct PrecisionAtRecallMetric final : AtMetric {
  static constexpr auto class_name = "PrecisionAtRecall";
  using Args = PrecisionAtRecallArgs;
  explicit PrecisionAtRecallMetric(const Args& args)
      : AtMetric(args, class_name, "recall", args.recall, "precision_at_recall") {}
  Tensor result() const override { return largest(precision(), recall()); }
};
struct RecallAtPrecisionMetric final : AtMetric {
  static constexpr auto class_name = "RecallAtPrecision";
  using Args = RecallAtPrecisionArgs;
  explicit RecallAtPrecisionMetric(const Args& args)
      : AtMetric(args, class_name, "precision", args.precision, "recall_at_precision") {}
  Tensor result() const override { return largest(recall(), precision()); }
};
}  // namespace

Lines confusion_lines() {
  return {{custom<FalseNegativesMetric>(), {"false_negatives"}},
          {custom<FalsePositivesMetric>(), {"false_positives"}},
          {custom<PrecisionMetric>(), {"precision"}},
          {custom<PrecisionAtRecallMetric>(), {"precision_at_recall"}},
          {custom<RecallMetric>(), {"recall"}},
          {custom<RecallAtPrecisionMetric>(), {"recall_at_precision"}},
          {custom<SensitivityAtSpecificityMetric>(), {"sensitivity_at_specificity"}},
          {custom<SpecificityAtSensitivityMetric>(), {"specificity_at_sensitivity"}},
          {custom<TrueNegativesMetric>(), {"true_negatives"}},
          {custom<TruePositivesMetric>(), {"true_positives"}}};
}

Metric TruePositives(ConfusionCountArgs args) { return make_metric<TruePositivesMetric>(std::move(args)); }
Metric TrueNegatives(ConfusionCountArgs args) { return make_metric<TrueNegativesMetric>(std::move(args)); }
Metric FalsePositives(ConfusionCountArgs args) { return make_metric<FalsePositivesMetric>(std::move(args)); }
Metric FalseNegatives(ConfusionCountArgs args) { return make_metric<FalseNegativesMetric>(std::move(args)); }
Metric Precision(PrecisionRecallArgs args) { return make_metric<PrecisionMetric>(std::move(args)); }
Metric Recall(PrecisionRecallArgs args) { return make_metric<RecallMetric>(std::move(args)); }
Metric SensitivityAtSpecificity(double specificity, SensitivityAtSpecificityArgs args) {
  if (args.specificity) support::refuse_twice("SensitivityAtSpecificity", "specificity");
  args.specificity = specificity;
  return make_metric<SensitivityAtSpecificityMetric>(std::move(args));
}
Metric SpecificityAtSensitivity(double sensitivity, SpecificityAtSensitivityArgs args) {
  if (args.sensitivity) support::refuse_twice("SpecificityAtSensitivity", "sensitivity");
  args.sensitivity = sensitivity;
  return make_metric<SpecificityAtSensitivityMetric>(std::move(args));
}
Metric PrecisionAtRecall(double recall, PrecisionAtRecallArgs args) {
  if (args.recall) support::refuse_twice("PrecisionAtRecall", "recall");
  args.recall = recall;
  return make_metric<PrecisionAtRecallMetric>(std::move(args));
}
Metric RecallAtPrecision(double precision, RecallAtPrecisionArgs args) {
  if (args.precision) support::refuse_twice("RecallAtPrecision", "precision");
  args.precision = precision;
  return make_metric<RecallAtPrecisionMetric>(std::move(args));
}

}  // namespace keras::metrics
