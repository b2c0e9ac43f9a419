// EarlyStopping: ends training when a figure no longer gets better, by the rules of Keras 3.15, or of 2.2.4.
#include <fmt/format.h>
#include <keras/models.h>

#include "callbacks/monitor.h"
#include "callbacks/state.h"

namespace keras::callbacks {

namespace {

class EarlyStoppingBody final : public CallbackBody {
 public:
  static constexpr auto class_name = "EarlyStopping";
  using Args = EarlyStoppingArgs;

  explicit EarlyStoppingBody(const Args& args)
      : args_(args), monitor_(class_name, args.monitor, args.mode, args.min_delta) {}
  bool wants_batches() const override { return false; }

  void on_train_begin(const Logs&) override {
    wait_ = 0;
    stopped_ = false;
    warned_ = false;
    best_.reset();
    if (of_2_2()) best_ = args_.baseline;
    best_weights_.clear();
    best_epoch_ = 0;
  }

  void on_epoch_end(int epoch, const Logs& logs) override {
    monitor_.find_direction(model());
    const double* figure = logs.find(args_.monitor);
    if (!figure) {
      if (!warned_) monitor_.warn_of_missing(epoch, "by which training was to be stopped", logs);
      warned_ = true;
      return;
    }
    if (epoch < args_.start_from_epoch) return;
    if (of_2_2()) return watch_as_2_2(epoch, *figure);
    const bool first = args_.restore_best_weights && best_weights_.empty();
    ++wait_;
    const bool better = monitor_.better(*figure, best_);
    if (better || first) remember(epoch);
    if (better) {
      best_ = *figure;
      if (!args_.baseline || monitor_.better(*figure, args_.baseline)) wait_ = 0;
    } else if (wait_ >= args_.patience && epoch > 0) {
      stop(epoch);
    }
  }

  void on_train_end(const Logs&) override {
    const bool verbose = args_.verbose > 0;
    if (stopped_ && stopped_epoch_ > 0 && verbose) say(epoch_text(stopped_epoch_) + ": early stopping");
    if (best_weights_.empty() || !config::dialect().restores_best_at_end) return;
    if (verbose) say(fmt::format("Restoring model weights from the end of the best epoch: {}.", best_epoch_ + 1));
    model().set_weights(best_weights_);
  }

  CallbackState get_state() const override {
    CallbackState state;
    state.values.set("wait", wait_)
        .set("best", as_config(best_))
        .set("best_epoch", best_epoch_)
        .set("stopped", stopped_)
        .set("stopped_epoch", stopped_epoch_)
        .set("warned", warned_);
    for (const Array& weight : best_weights_) state.arrays.emplace_back("best_weights", weight);
    return state;
  }
  void set_state(const CallbackState& state) override {
    const StateReader read(class_name, state);
    read("wait", wait_), read("best", best_), read("best_epoch", best_epoch_), read("stopped", stopped_);
    read("stopped_epoch", stopped_epoch_), read("warned", warned_);
    best_weights_.clear();
    for (const auto& [name, weight] : state.arrays) best_weights_.push_back(weight);
  }

 private:
  static bool of_2_2() { return config::dialect().plain_callbacks; }

  void watch_as_2_2(int epoch, double figure) {
    if (monitor_.better(figure, best_)) {
      best_ = figure;
      wait_ = 0;
      remember(epoch);
    } else if (++wait_ >= args_.patience) {
      stop(epoch);
      if (best_weights_.empty()) return;
      if (args_.verbose > 0) say("Restoring model weights from the end of the best epoch");
      model().set_weights(best_weights_);
    }
  }

  void stop(int epoch) {
    stopped_ = true;
    stopped_epoch_ = epoch;
    model().set_stop_training(true);
  }

  void remember(int epoch) {
    best_epoch_ = epoch;
    if (!args_.restore_best_weights) return;
    best_weights_ = model().get_weights();
  }

  const Args args_;
  Monitor monitor_;
  std::int64_t wait_ = 0;
  std::optional<double> best_;
  int best_epoch_ = 0, stopped_epoch_ = 0;
  bool stopped_ = false, warned_ = false;
  std::vector<Array> best_weights_;
};

}  // namespace

Callback EarlyStopping(EarlyStoppingArgs args) { return make_callback<EarlyStoppingBody>(std::move(args)); }

}  // namespace keras::callbacks
