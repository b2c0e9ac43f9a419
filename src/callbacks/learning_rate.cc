// LearningRateScheduler and ReduceLROnPlateau: callbacks that change the optimizer's learning rate.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include "callbacks/monitor.h"
#include "callbacks/state.h"
#include "support/text.h"

namespace keras::callbacks {

namespace {

void add_learning_rate(const Model& model, Logs& logs) {
  const bool of_2_2 = config::dialect().plain_callbacks;
  logs.set(of_2_2 ? "lr" : "learning_rate", model.optimizer().learning_rate());
}

void set_learning_rate(const Model& model, double learning_rate) {
  Optimizer optimizer = model.optimizer();
  optimizer.set_learning_rate(learning_rate);
}

class LearningRateSchedulerBody final : public CallbackBody {
 public:
  static constexpr auto class_name = "LearningRateScheduler";
  using Args = LearningRateSchedulerArgs;

  explicit LearningRateSchedulerBody(Args args) : args_(std::move(args)) {
    if (!args_.schedule) throw ValueError("LearningRateScheduler: needs a function of the epoch. Received: none.");
  }
  bool wants_batches() const override { return false; }

  void on_epoch_begin(int epoch, const Logs&) override {
    const double learning_rate = args_.schedule(epoch, model().optimizer().learning_rate());
    set_learning_rate(model(), learning_rate);
    if (args_.verbose == 0) return;
    say(fmt::format("\n{}: LearningRateScheduler setting learning rate to {}.", epoch_text(epoch),
                    support::number(learning_rate)));
  }
  void add_figures(int, Logs& logs) override { add_learning_rate(model(), logs); }

 private:
  const Args args_;
};

class ReduceLROnPlateauBody final : public CallbackBody {
 public:
  static constexpr auto class_name = "ReduceLROnPlateau";
  using Args = ReduceLROnPlateauArgs;

  explicit ReduceLROnPlateauBody(const Args& args)
      : args_(args), monitor_(class_name, args.monitor, args.mode, args.min_delta) {
    if (args_.factor < 1) return;
    throw ValueError(
        fmt::format("ReduceLROnPlateau: factor must be below 1, or the learning rate would not fall. "
                    "Received: {}.",
                    support::number(args_.factor)));
  }
  bool wants_batches() const override { return false; }

  void on_train_begin(const Logs&) override {
    best_.reset();
    cooldown_left_ = wait_ = 0;
    warned_ = false;
  }
  void add_figures(int, Logs& logs) override { add_learning_rate(model(), logs); }

  void on_epoch_end(int epoch, const Logs& logs) override {
    monitor_.find_direction(model());
    const double* figure = logs.find(args_.monitor);
    if (!figure) {
      if (!warned_) monitor_.warn_of_missing(epoch, "by which the learning rate was to be reduced", logs);
      warned_ = true;
      return;
    }
    if (cooldown_left_ > 0) {
      --cooldown_left_;
      wait_ = 0;
    }
    if (monitor_.better(*figure, best_)) {
      best_ = *figure;
      wait_ = 0;
    } else if (cooldown_left_ <= 0 && ++wait_ >= args_.patience) {
      reduce(epoch);
    }
  }

  CallbackState get_state() const override {
    CallbackState state;
    state.values.set("wait", wait_)
        .set("best", as_config(best_))
        .set("cooldown_left", cooldown_left_)
        .set("warned", warned_);
    return state;
  }
  void set_state(const CallbackState& state) override {
    const StateReader read(class_name, state);
    read("wait", wait_), read("best", best_), read("cooldown_left", cooldown_left_), read("warned", warned_);
  }

 private:
  void reduce(int epoch) {
    const double old = model().optimizer().learning_rate();
    const bool above = config::dialect().plain_callbacks
                           ? old > args_.min_lr
                           : static_cast<float>(old) > static_cast<float>(args_.min_lr);  // as Keras 3 compares
    if (!above) return;
    const double learning_rate = std::max(old * args_.factor, args_.min_lr);
    set_learning_rate(model(), learning_rate);
    if (args_.verbose > 0) {
      say(fmt::format("\n{}: ReduceLROnPlateau reducing learning rate to {}.", epoch_text(epoch),
                      support::number(learning_rate)));
    }
    cooldown_left_ = args_.cooldown;
    wait_ = 0;
  }

  const Args args_;
  Monitor monitor_;
  std::optional<double> best_;
  std::int64_t cooldown_left_ = 0, wait_ = 0;
  bool warned_ = false;
};

}  // namespace

Callback LearningRateScheduler(LearningRateFunction schedule, LearningRateSchedulerArgs args) {
  if (args.schedule) throw ValueError("LearningRateScheduler: schedule is given twice, positionally and as a field.");
  args.schedule = std::move(schedule);
  return make_callback<LearningRateSchedulerBody>(std::move(args));
}
Callback ReduceLROnPlateau(ReduceLROnPlateauArgs args) { return make_callback<ReduceLROnPlateauBody>(std::move(args)); }

}  // namespace keras::callbacks
