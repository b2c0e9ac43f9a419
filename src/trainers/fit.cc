// Model::fit: epochs, batches, callbacks, History.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>
#include <keras/random.h>

#include <algorithm>

#include "callbacks/interrupt.h"
#include "callbacks/progress_bar.h"
#include "trainers/diagnose.h"
#include "trainers/hooks.h"
#include "trainers/nonfinite.h"
#include "trainers/run.h"
#include "trainers/runner.h"

namespace keras {

namespace {

void check_args(const FitArgs& args) {
  const auto refuse = [](const char* name, auto value, const char* expected) {
    throw ValueError(fmt::format("Model.fit: {} must be {}. Received: {}.", name, expected, value));
  };
  if (args.batch_size < 1) refuse("batch_size", args.batch_size, "1 or more");
  if (args.epochs < 1) refuse("epochs", args.epochs, "1 or more");
  if (args.initial_epoch < 0) refuse("initial_epoch", args.initial_epoch, "0 or more");
  if (args.verbose < 0 || args.verbose > 2) refuse("verbose", args.verbose, "0, 1 or 2");
  if (!(args.validation_split >= 0 && args.validation_split < 1)) {
    refuse("validation_split", args.validation_split, "a number of 0 or more and below 1");
  }
  if (args.validation_freq < 1) refuse("validation_freq", args.validation_freq, "1 or more");
  if (args.steps_per_epoch && *args.steps_per_epoch < 1) refuse("steps_per_epoch", *args.steps_per_epoch, "1 or more");
  if (args.validation_steps && *args.validation_steps < 1)
    refuse("validation_steps", *args.validation_steps, "1 or more");
  if (args.validation_batch_size && *args.validation_batch_size < 1) {
    refuse("validation_batch_size", *args.validation_batch_size, "1 or more");
  }
}

// Training rows and validation rows: the last part of the data, taken before any shuffling.
std::pair<Dataset, std::optional<Dataset>> split(const Model& model, const Dataset& data, const FitArgs& args) {
  if (!args.validation_data.x.empty()) {
    Dataset validation(model, "Model.fit (validation_data)", args.validation_data.x, args.validation_data.y,
                       args.validation_data.sample_weight);
    validation.check_values("Model.fit (validation_data)");
    return {data, validation};
  }
  if (args.validation_split == 0) return {data, std::nullopt};
  const auto rows = static_cast<std::int64_t>(static_cast<double>(data.rows()) * (1 - args.validation_split));
  if (rows == 0 || rows == data.rows()) {
    throw ValueError(fmt::format("Model.fit: validation_split={} of {} samples leaves none for {}.",
                                 args.validation_split, data.rows(), rows == 0 ? "training" : "validation"));
  }
  return {data.rows(0, rows), data.rows(rows, data.rows())};
}

}  // namespace

History Model::fit(const Data& x, const Data& y, FitArgs args) {
  require_compiled(*this, "fit");
  warn_of_trainable(*this);
  check_args(args);
  if (!args.class_weight.empty()) args.sample_weight = weigh_classes(y, args.class_weight, args.sample_weight);
  const Dataset all(*this, "Model.fit", x, y, args.sample_weight);
  all.check_values("Model.fit");
  const auto [data, validation] = split(*this, all, args);

  Runner train(*this, Stage::train, data, args.batch_size);
  std::optional<Runner> test;
  if (validation) test.emplace(*this, Stage::test, *validation, args.validation_batch_size.value_or(args.batch_size));
  diagnose(*this, data, args.validation_data.x.empty() && validation ? &*validation : nullptr);
  const std::int64_t steps = args.steps_per_epoch.value_or(train.steps());
  const std::int64_t test_steps = test ? std::min(test->steps(), args.validation_steps.value_or(test->steps())) : 0;

  History history;
  history.params = {{"verbose", args.verbose}, {"epochs", args.epochs}, {"steps", static_cast<double>(steps)}};
  if (args.verbose > 0) add_progress_bar(args.callbacks, args.verbose);
  std::map<std::string, double> params = history.params;
  if (!args.steps_per_epoch) {
    params["samples"] = static_cast<double>(data.rows());
    params["batch_size"] = static_cast<double>(train.batch_size());
  }
  if (validation) params["validation_samples"] = static_cast<double>(validation->rows());
  const Hooks hooks(*this, args.callbacks, params);
  const InterruptGuard interrupt;
  set_stop_training(false);
  hooks.all(&CallbackBody::on_train_begin, Logs());
  const RunKeeper keeper(
      *this, hooks.callbacks(),
      Config::map(
          {{"samples", data.rows()}, {"batch_size", train.batch_size()}, {"steps", steps}, {"shuffle", args.shuffle}}));
  RunPlace at{.epoch = args.initial_epoch};
  Array shuffled(Shape{0}, DType::int64);
  const auto shuffle = [&] {
    at.before_order = random_state();
    if (args.shuffle) shuffled = random::permutation(data.rows());
  };
  bool in_epoch = false;
  if (keeper.restore(train, at, history)) {
    in_epoch = at.step > 0;
    if (at.next > 0) {  // in the middle of a pass over the data
      const RandomState now = random_state();
      set_random_state(at.before_order);
      shuffle();
      set_random_state(now);
    }
  }
  NonFinite nonfinite(*this, args.on_nonfinite);
  const Runner::Guard guard = [&](const StepProgram& program, std::span<const void* const> inputs, double loss) {
    return nonfinite.meet(at.epoch, static_cast<int>(at.step), program, inputs, loss);
  };
  const Runner::Guard none;
  Logs logs;
  bool kept = false;  // the state at an interruption
  for (; at.epoch < args.epochs && (in_epoch || !stop_training()) && !interrupt.interrupted(); ++at.epoch) {
    if (!in_epoch) {
      train.reset();
      hooks.all(&CallbackBody::on_epoch_begin, at.epoch, Logs());
      if (at.next == 0) shuffle();
    }
    in_epoch = false;
    const auto order = shuffled.values<std::int64_t>();
    while (!at.trained && !interrupt.interrupted()) {
      const int step = static_cast<int>(at.step);
      hooks.batch(&CallbackBody::on_train_batch_begin, step, Logs());
      train.run(at.next * train.batch_size(), order, nonfinite.watches() ? guard : none);
      hooks.batch(&CallbackBody::on_train_batch_end, step, train.logs());
      at.next = (at.next + 1) % train.steps();
      at.trained = ++at.step == steps || stop_training() || at.next == 0;  // an epoch ends with the data
      keeper.after_batch(step, train, at, history);
    }
    nonfinite.end_epoch(at.epoch);
    if (at.epoch == args.initial_epoch) diagnose_learning_rate(*this);
    logs = train.logs();
    if (interrupt.interrupted()) keeper.save(train, at, history), kept = true;
    if (test && (at.epoch + 1) % args.validation_freq == 0 && !kept) {
      const Logs& figures = run_tests(*test, test_steps, hooks, [&] { return interrupt.interrupted(); });
      for (const auto& [name, value] : figures) logs.set("val_" + name, value);
      if (interrupt.interrupted()) keeper.save(train, at, history), kept = true;
    }
    hooks.epoch_end(at.epoch, logs);
    history.epoch.push_back(at.epoch);
    for (const auto& [name, value] : logs) history.history[name].push_back(value);
    if (kept) break;
    RunPlace next{.epoch = at.epoch + 1, .next = at.next, .before_order = at.before_order};
    keeper.after_epoch(train, next, history);
    at.step = 0;
    at.trained = false;
  }
  if (interrupt.interrupted() && !kept) keeper.save(train, at, history);
  trainer_of(*this).args.optimizer.finalize_variable_values();
  hooks.all(&CallbackBody::on_train_end, logs);
  if (!interrupt.interrupted()) keeper.end();
  return history;
}

}  // namespace keras
