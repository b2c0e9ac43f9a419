// EarlyStopping: ends training when a figure no longer gets better, by the rules of Keras 3.15.
#include <fmt/format.h>
#include <keras/callbacks.h>
#include <keras/error.h>
#include <keras/models.h>

#include <cmath>
#include <cstdio>
#include <string_view>

#include "support/log.h"
#include "support/text.h"

namespace keras::callbacks {

namespace {

void warn(const std::string& text) { support::warn("EarlyStopping: " + text); }

void say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

class EarlyStoppingBody final : public CallbackBody {
 public:
  static constexpr auto class_name = "EarlyStopping";
  using Args = EarlyStoppingArgs;

  explicit EarlyStoppingBody(Args args) : args_(std::move(args)) {
    if (args_.mode == "min") direction_ = Direction::down;
    if (args_.mode == "max") direction_ = Direction::up;
    if (args_.mode != "min" && args_.mode != "max" && args_.mode != "auto") {
      warn(fmt::format("mode «{}» is taken as «auto»; the modes are auto, min and max.",
                       support::printable(args_.mode)));
    }
  }
  bool wants_batches() const override { return false; }

  void on_train_begin(const Logs&) override {
    wait_ = 0;
    stopped_ = false;
    warned_ = false;
    best_.reset();
    best_weights_.clear();
    best_epoch_ = 0;
  }

  void on_epoch_end(int epoch, const Logs& logs) override {
    if (direction_ == Direction::unknown) find_direction();
    const double* figure = logs.find(args_.monitor);
    if (!figure) return warn_of_missing(epoch, logs);
    if (epoch < args_.start_from_epoch) return;
    const bool first = args_.restore_best_weights && best_weights_.empty();
    ++wait_;
    const bool better = !best_ || is_better(*figure, *best_);
    if (better || first) remember(epoch);
    if (better) {
      best_ = *figure;
      if (!args_.baseline || is_better(*figure, *args_.baseline)) wait_ = 0;
    } else if (wait_ >= args_.patience && epoch > 0) {
      stopped_ = true;
      stopped_epoch_ = epoch;
      model().set_stop_training(true);
    }
  }

  void on_train_end(const Logs&) override {
    const bool verbose = args_.verbose > 0;
    if (stopped_ && verbose) say(fmt::format("Epoch {}: early stopping", stopped_epoch_ + 1));
    if (best_weights_.empty() || (!stopped_ && !config::dialect().restores_best_at_end)) return;
    if (verbose) say(fmt::format("Restoring model weights from the end of the best epoch: {}.", best_epoch_ + 1));
    model().set_weights(best_weights_);
  }

 private:
  enum class Direction { unknown, up, down };

  void find_direction() {
    const std::string_view monitor = args_.monitor;
    const std::string_view name = monitor.starts_with("val_") ? monitor.substr(4) : monitor;
    if (name == "loss") direction_ = Direction::down;
    std::vector<std::string> names{"loss"};
    for (const Metric& metric : model().metrics()) {
      names.push_back(metric.name());
      if (names.back() != name || !metric.body()) continue;
      const std::string better = metric.body()->direction();
      if (!better.empty()) direction_ = better == "up" ? Direction::up : Direction::down;
    }
    if (direction_ != Direction::unknown) return;
    throw ValueError(
        fmt::format("EarlyStopping: whether a good «{}» is a large or a small one is not known: the model has no "
                    "such metric, or the metric does not say.{} Figures: {}. Pass .mode = \"max\" or .mode = "
                    "\"min\".",
                    support::printable(name), support::did_you_mean(name, names), support::list(names)));
  }

  // In float32, as Keras compares, so that a change of min_delta and a rounding error is none.
  bool is_better(double figure, double reference) const {
    const double delta = std::fabs(args_.min_delta);
    if (direction_ == Direction::up) return static_cast<float>(figure - delta) > static_cast<float>(reference);
    return static_cast<float>(figure + delta) < static_cast<float>(reference);
  }

  void remember(int epoch) {
    best_epoch_ = epoch;
    if (args_.restore_best_weights) best_weights_ = model().get_weights();
  }

  void warn_of_missing(int epoch, const Logs& logs) {
    if (warned_) return;
    warned_ = true;
    std::vector<std::string> names;
    for (const auto& [name, value] : logs) names.push_back(name);
    warn(fmt::format("epoch {} has no figure «{}», by which training was to be stopped.{} Figures: {}.", epoch + 1,
                     support::printable(args_.monitor), support::did_you_mean(args_.monitor, names),
                     names.empty() ? "none" : support::list(names)));
  }

  const Args args_;
  Direction direction_ = Direction::unknown;
  std::int64_t wait_ = 0;
  std::optional<double> best_;
  int best_epoch_ = 0, stopped_epoch_ = 0;
  bool stopped_ = false, warned_ = false;
  std::vector<Array> best_weights_;
};

}  // namespace

Callback EarlyStopping(EarlyStoppingArgs args) { return make_callback<EarlyStoppingBody>(std::move(args)); }

}  // namespace keras::callbacks
