// The area under a curve of two rates over all thresholds.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>

#include "metrics/built_in.h"
#include "metrics/confusion.h"
#include "ops/samples.h"
#include "support/text.h"

namespace keras::metrics {

namespace {
// `given` in capitals or small letters, as the list has it.
std::string choice(const char* argument, const std::string& given, std::initializer_list<std::string_view> list) {
  for (std::string_view known : list) {
    if (support::lower(given) == support::lower(known)) return std::string(known);
  }
  const std::vector<std::string_view> all(list);
  throw ValueError(fmt::format("AUC: {} must be one of {}. Received: «{}».{}", argument, support::list(all), given,
                               support::did_you_mean(given, all)));
}

struct AUCMetric final : BuiltInMetric {
  static constexpr auto class_name = "AUC";
  using Args = AUCArgs;
  explicit AUCMetric(Args args)
      : BuiltInMetric(args.name.value_or("auc"), args.dtype),
        args_(std::move(args)),
        curve_(choice("curve", args_.curve, {"ROC", "PR", "PRGAIN"})),
        method_(choice("summation_method", args_.summation_method, {"interpolation", "minoring", "majoring"})) {
    if (args_.num_labels && !args_.multi_label)
      throw ValueError("AUC: num_labels is the number of columns with multi_label alone.");
    check_thresholds(class_name, args_.thresholds.values());
    std::vector<double> all = args_.thresholds.values();
    if (all.empty()) {
      if (args_.num_thresholds < 2) {
        throw ValueError(fmt::format("AUC: num_thresholds must be 2 or more. Received: {}.", args_.num_thresholds));
      }
      all = even_thresholds(args_.num_thresholds);
      how_.evenly = true;
    } else {
      std::sort(all.begin(), all.end());
      all.insert(all.begin(), 0);
      all.push_back(1);
      how_.evenly = evenly_distributed(all);
    }
    all.front() = -config::epsilon();  // so that 0 and 1 are among what exceeds them
    all.back() = 1 + config::epsilon();
    how_.thresholds = std::move(all);
    how_.multi_label = args_.multi_label;
    if (!args_.multi_label) how_.label_weights = args_.label_weights;
    if (!args_.multi_label || args_.num_labels) make_state(args_.num_labels);
  }

  std::string direction() const override { return "up"; }

  void update_state(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) override {
    if (true_positives_.empty()) {
      if (y_pred.ndim() != 2 || !y_pred.shape(1).known()) {
        throw ValueError(fmt::format(
            "Metric \"{}\": with multi_label y_pred must have the shape (samples, labels). Received: shape={}.", name(),
            y_pred.shape().str()));
      }
      make_state(y_pred.shape(1).value());
    }
    const Tensor given = args_.from_logits ? ops::sigmoid(y_pred) : y_pred;
    const Counts counts = count(name(), how_, y_true, given, sample_weight, config::floatx());
    true_positives_.assign(true_positives_ + counts.true_positives);
    true_negatives_.assign(true_negatives_ + counts.true_negatives);
    false_positives_.assign(false_positives_ + counts.false_positives);
    false_negatives_.assign(false_negatives_ + counts.false_negatives);
  }

  Tensor result() const override {
    if (true_positives_.empty()) {
      throw ValueError(
          fmt::format("Metric \"{}\": there is no result before the first update, which tells the number "
                      "of labels. Give num_labels.",
                      name()));
    }
    if (curve_ == "PR" && method_ == "interpolation") return area(precision_recall_parts());
    const auto [x, y] = curve();
    const auto [above, below] = neighbours(y);
    const Tensor height = method_ == "interpolation" ? (above + below) / 2
                          : method_ == "minoring"    ? ops::minimum(above, below)
                                                     : ops::maximum(above, below);
    const auto [right, left] = neighbours(x);
    return area((right - left) * height);
  }

  Config get_config() const override {
    Config config = BuiltInMetric::get_config();
    if (args_.label_weights.empty()) config.set("label_weights", nullptr);
    return config.set("num_thresholds", static_cast<std::int64_t>(how_.thresholds.size()));
  }

 private:
  void make_state(std::optional<std::int64_t> columns) {
    Shape shape{static_cast<std::int64_t>(how_.thresholds.size())};
    if (columns) shape.push_back(*columns);
    true_positives_ = add_variable("true_positives", shape, config::floatx());
    false_positives_ = add_variable("false_positives", shape, config::floatx());
    true_negatives_ = add_variable("true_negatives", shape, config::floatx());
    false_negatives_ = add_variable("false_negatives", shape, config::floatx());
  }

  // All rows but the last, and all but the first.
  std::pair<Tensor, Tensor> neighbours(const Tensor& x) const {
    const auto rows = static_cast<std::int64_t>(how_.thresholds.size());
    std::vector<std::int64_t> front(static_cast<std::size_t>(x.ndim()), 0), size(front.size(), -1), second = front;
    size[0] = rows - 1;
    second[0] = 1;
    return {ops::slice(x, front, size), ops::slice(x, second, size)};
  }

  std::pair<Tensor, Tensor> curve() const {
    const Tensor tp = true_positives_, fp = false_positives_, tn = true_negatives_, fn = false_negatives_;
    const Tensor recall = ops::divide_no_nan(tp, tp + fn);
    if (curve_ == "ROC") return {ops::divide_no_nan(fp, fp + tn), recall};
    if (curve_ == "PR") return {recall, ops::divide_no_nan(tp, tp + fp)};
    // Flach and Kull, 2015.
    const Tensor scale = ops::divide_no_nan(tp + fn, tn + fp), none = ops::equal(tp, 0);
    const Tensor recall_gain = ops::where(none, 0, 1 - scale * ops::divide_no_nan(fn, tp));
    const Tensor precision_gain = ops::where(none, 1, 1 - scale * ops::divide_no_nan(fp, tp));
    return {ops::maximum(recall_gain, 0), precision_gain};
  }

  // Between two points of the curve of precision over recall, the true positives grow with all positives in a line
  // (Davis and Goadrich, 2006).
  Tensor precision_recall_parts() const {
    const Tensor tp = true_positives_, positives = tp + false_positives_;
    const auto [tp_right, tp_left] = neighbours(tp);
    const auto [right, left] = neighbours(positives);
    const Tensor rise = tp_right - tp_left;
    const Tensor slope = ops::divide_no_nan(rise, ops::maximum(right - left, 0));
    const Tensor intercept = tp_left - slope * left;
    const Tensor ratio = ops::where(ops::logical_and(right > 0, left > 0),
                                    ops::divide_no_nan(right, ops::maximum(left, 0)), ops::ones_like(left));
    const Tensor all = tp_left + neighbours(false_negatives_).second;
    return ops::divide_no_nan(slope * (rise + intercept * ops::log(ratio)), ops::maximum(all, 0));
  }

  // The sum of the parts; with columns, the mean of theirs.
  Tensor area(const Tensor& parts) const {
    if (!args_.multi_label) return ops::sum(parts);
    const Tensor each = ops::sum(parts, {0});
    if (args_.label_weights.empty()) return ops::mean(each);
    const Tensor weights = Array(args_.label_weights).astype(each.dtype());
    return ops::divide_no_nan(ops::sum(each * weights), ops::sum(weights));
  }

  const Args args_;
  const std::string curve_, method_;
  Confusion how_;
  Variable true_positives_, false_positives_, true_negatives_, false_negatives_;
};
}  // namespace

Lines auc_lines() { return {{custom<AUCMetric>(), {"auc"}}}; }

Metric AUC(AUCArgs args) { return make_metric<AUCMetric>(std::move(args)); }

}  // namespace keras::metrics
