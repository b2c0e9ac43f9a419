// Scores of whole columns, whose state has the number of columns that the first update shows: F, and R².
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <limits>

#include "metrics/built_in.h"
#include "ops/samples.h"
#include "support/text.h"

namespace keras::metrics {

namespace {
constexpr std::string_view kAverages[] = {"micro", "macro", "weighted"};
constexpr std::string_view kAggregations[] = {"uniform_average", "variance_weighted_average"};

template <std::size_t N>
void check_choice(const char* what, const char* argument, const std::optional<std::string>& given,
                  const std::string_view (&list)[N]) {
  if (!given) return;
  for (std::string_view known : list) {
    if (*given == known) return;
  }
  throw ValueError(fmt::format("{}: {} must be one of {}, or none. Received: «{}».{}", what, argument,
                               support::list(list), *given, support::did_you_mean(*given, list)));
}

// The columns of y_pred. ValueError unless it is (samples, columns).
std::int64_t columns_of(const std::string& name, const Tensor& y_true, const Tensor& y_pred) {
  if (y_pred.ndim() == 2 && y_pred.shape(1).known()) return y_pred.shape(1).value();
  throw ValueError(
      fmt::format("Metric \"{}\": y_true and y_pred must have the shape (samples, columns). Received: y_true.shape={}, "
                  "y_pred.shape={}.",
                  name, y_true.shape().str(), y_pred.shape().str()));
}

// One weight a sample as a column.
Tensor weight_column(const std::string& name, const Tensor& weight, const Tensor& values) {
  const Tensor own = ops::cast(weight, values.dtype());
  return spread(name,
                own.ndim() == 1   ? ops::expand_dims(own, 1)
                : own.ndim() == 0 ? ops::reshape(own, {1, 1})
                                  : own,
                values);
}

class ColumnMetric : public BuiltInMetric {
 public:
  using BuiltInMetric::BuiltInMetric;
  std::string direction() const override { return "up"; }

 protected:
  [[noreturn]] void no_result() const {
    throw ValueError(fmt::format(
        "Metric \"{}\": there is no result before the first update, which tells the number of columns.", name()));
  }
};

class FMetric : public ColumnMetric {
 public:
  FMetric(const char* what, std::string name, std::optional<DType> dtype, std::optional<std::string> average,
          double beta, std::optional<double> threshold)
      : ColumnMetric(std::move(name), dtype), average_(std::move(average)), beta_(beta), threshold_(threshold) {
    check_choice(what, "average", average_, kAverages);
    if (threshold_ && !(*threshold_ > 0 && *threshold_ <= 1)) {
      throw ValueError(fmt::format("{}: threshold must be above 0 and at most 1. Received: {}.", what, *threshold_));
    }
  }

  void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const auto [wanted, given] = paired(name(), y_true, y_pred, dtype());
    const std::int64_t columns = columns_of(name(), y_true, given);
    const bool together = average_ == "micro";
    if (true_positives_.empty()) {
      const Shape shape = together ? Shape{} : Shape{columns};
      true_positives_ = add_variable("true_positives", shape, dtype());
      false_positives_ = add_variable("false_positives", shape, dtype());
      false_negatives_ = add_variable("false_negatives", shape, dtype());
      weights_ = add_variable("intermediate_weights", shape, dtype());
    }
    const Tensor chosen = threshold_ ? given > *threshold_
                                     : ops::logical_and(given >= ops::max(given, {-1}, true), ops::abs(given) > 1e-9);
    const Tensor found = ops::cast(chosen, dtype());
    const Axes over = together ? Axes{} : Axes{0};
    const auto add = [&](Variable& variable, const Tensor& values) {
      variable.assign(
          variable +
          ops::sum(sample_weight.empty() ? values : values * weight_column(name(), sample_weight, values), over));
    };
    add(true_positives_, found * wanted);
    add(false_positives_, found * (1 - wanted));
    add(false_negatives_, (1 - found) * wanted);
    add(weights_, wanted);
  }

  Tensor result() const override {
    if (true_positives_.empty()) no_result();
    const double epsilon = config::epsilon();
    const Tensor precision = true_positives_ / (true_positives_ + false_positives_ + epsilon);
    const Tensor recall = true_positives_ / (true_positives_ + false_negatives_ + epsilon);
    const double squared = beta_ * beta_;
    const Tensor score = precision * recall / (squared * precision + recall + epsilon) * (1 + squared);
    if (!average_) return score;
    if (*average_ != "weighted") return ops::mean(score);
    return ops::sum(score * (weights_ / (ops::sum(weights_) + epsilon)));
  }

 private:
  const std::optional<std::string> average_;
  const double beta_;
  const std::optional<double> threshold_;
  Variable true_positives_, false_positives_, false_negatives_, weights_;
};
struct FBetaScoreMetric final : FMetric {
  static constexpr auto class_name = "FBetaScore";
  using Args = FBetaScoreArgs;
  explicit FBetaScoreMetric(const Args& a) : FMetric(class_name, a.name, a.dtype, a.average, a.beta, a.threshold) {}
};
struct F1ScoreMetric final : FMetric {
  static constexpr auto class_name = "F1Score";
  using Args = F1ScoreArgs;
  explicit F1ScoreMetric(const Args& a) : FMetric(class_name, a.name, a.dtype, a.average, 1, a.threshold) {}
};

struct R2ScoreMetric final : ColumnMetric {
  static constexpr auto class_name = "R2Score";
  using Args = R2ScoreArgs;
  explicit R2ScoreMetric(const Args& args) : ColumnMetric(args.name, args.dtype), args_(args) {
    check_choice(class_name, "class_aggregation", args_.class_aggregation, kAggregations);
    samples_ = add_variable("num_samples", {}, config::floatx());
  }

  void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    const auto [wanted, given] = paired(name(), y_true, y_pred, dtype());
    const std::int64_t columns = columns_of(name(), y_true, given);
    if (count_.empty()) {
      squares_ = add_variable("squared_sum", {columns}, config::floatx());
      sum_ = add_variable("sum", {columns}, config::floatx());
      residual_ = add_variable("residual", {columns}, config::floatx());
      count_ = add_variable("count", {columns}, config::floatx());
    }
    const Tensor ones = ops::ones_like(wanted);
    const Tensor weight = sample_weight.empty() ? ones : weight_column(name(), sample_weight, wanted);
    const Tensor weighted = wanted * weight;
    sum_.assign(sum_ + ops::sum(weighted, {0}));
    squares_.assign(squares_ + ops::sum(wanted * weighted, {0}));
    residual_.assign(residual_ + ops::sum(ops::square(wanted - given) * weight, {0}));
    count_.assign(count_ + ops::sum(weight, {0}));
    samples_.assign(samples_ + ops::sum(ones));
  }

  Tensor result() const override {
    if (count_.empty()) no_result();
    const Tensor total = squares_ - sum_ * (sum_ / count_);
    const Tensor ratio = 1 - residual_ / total;
    const Tensor each = ops::where(ops::isinf(ratio), 0, ratio);
    Tensor score = each;
    if (args_.class_aggregation == "uniform_average") score = ops::mean(each);
    if (args_.class_aggregation == "variance_weighted_average") score = ops::sum(total * each) / ops::sum(total);
    if (args_.num_regressors == 0) return score;
    // Of too few samples the score stays as it is.
    const double regressors = static_cast<double>(args_.num_regressors);
    const Tensor free = samples_ - regressors - 1;
    const Tensor adjusted = 1 - (1 - score) * (samples_ - 1) / ops::where(free > 0, free, 1);
    return ops::where(free > 0, adjusted, score);
  }

 private:
  const Args args_;
  Variable samples_, squares_, sum_, residual_, count_;
};
}  // namespace

Lines score_lines() {
  return {{custom<F1ScoreMetric>(), {"f1_score"}},
          {custom<FBetaScoreMetric>(), {"f_beta_score", "fbeta_score"}},
          {custom<R2ScoreMetric>(), {"r2_score"}}};
}

Metric FBetaScore(FBetaScoreArgs args) { return make_metric<FBetaScoreMetric>(std::move(args)); }
Metric F1Score(F1ScoreArgs args) { return make_metric<F1ScoreMetric>(std::move(args)); }
Metric R2Score(R2ScoreArgs args) { return make_metric<R2ScoreMetric>(std::move(args)); }

}  // namespace keras::metrics
