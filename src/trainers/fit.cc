// Model::fit: epochs, batches, callbacks, History.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include <algorithm>
#include <tuple>

#include "callbacks/interrupt.h"
#include "callbacks/progress_bar.h"
#include "tensor/random_stream.h"
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

// What fit_generator says beside.
struct Feeding {
  const char* what = "Model.fit";
  std::optional<int> workers = {}, max_queue_size = {};
};

struct Sources {
  std::unique_ptr<BatchSource> train, test;  // test: none without validation
};

Sources make_sources(const Model& model, const Data& x, const Data& y, const FitArgs& args, const Feeding& feeding) {
  const std::int64_t epochs = std::max(0, args.epochs - args.initial_epoch);
  Feed train{feeding.what, Stage::train, args.batch_size, args.shuffle, args.class_weight};
  train.workers = feeding.workers, train.max_queue_size = feeding.max_queue_size;
  if (args.steps_per_epoch) train.most = *args.steps_per_epoch * epochs;
  Feed test{"Model.fit (validation_data)", Stage::test, args.validation_batch_size.value_or(args.batch_size)};
  test.workers = feeding.workers, test.max_queue_size = feeding.max_queue_size;
  if (args.validation_steps) test.most = *args.validation_steps * epochs / args.validation_freq;
  const ValidationData& validation = args.validation_data;
  Sources sources;
  if (validation.x.empty() && args.validation_split > 0) {
    std::tie(sources.train, sources.test) =
        split_sources(model, x, y, args.sample_weight, args.validation_split, train, test);
  } else {
    sources.train = make_source(model, x, y, args.sample_weight, train);
    if (!validation.x.empty())
      sources.test = make_source(model, validation.x, validation.y, validation.sample_weight, test);
  }
  require_steps(*sources.train, x, args.steps_per_epoch, feeding.what, "steps_per_epoch");
  if (sources.test) require_steps(*sources.test, validation.x, args.validation_steps, feeding.what, "validation_steps");
  return sources;
}

History run_fit(Model& model, const Data& x, const Data& y, FitArgs args, const Feeding& feeding) {
  require_compiled(model, "fit");
  warn_of_trainable(model);
  check_args(args);
  const Sources sources = make_sources(model, x, y, args, feeding);
  BatchSource& source = *sources.train;
  Runner train(model, Stage::train, source);
  std::optional<Runner> test;
  if (sources.test) test.emplace(model, Stage::test, *sources.test);
  if (const Dataset* const whole = source.whole())
    diagnose(model, *whole, args.validation_data.x.empty() && sources.test ? sources.test->whole() : nullptr);
  const std::optional<std::int64_t> steps = args.steps_per_epoch ? args.steps_per_epoch : source.steps();

  History history;
  history.params = {{"verbose", args.verbose}, {"epochs", args.epochs}};
  if (steps) history.params["steps"] = static_cast<double>(*steps);
  if (args.verbose > 0) add_progress_bar(args.callbacks, args.verbose);
  std::map<std::string, double> params = history.params;
  if (!args.steps_per_epoch && source.rows()) {
    params["samples"] = static_cast<double>(*source.rows());
    params["batch_size"] = static_cast<double>(source.batch_size());
  }
  if (test && sources.test->rows()) params["validation_samples"] = static_cast<double>(*sources.test->rows());
  const Hooks hooks(model, args.callbacks, params);
  const InterruptGuard interrupt;
  model.set_stop_training(false);
  hooks.all(&CallbackBody::on_train_begin, Logs());
  const RunKeeper keeper(model, hooks.callbacks(),
                         Config::map({{"samples", source.rows().value_or(0)},
                                      {"batch_size", source.batch_size()},
                                      {"steps", steps.value_or(0)},
                                      {"shuffle", as_config(args.shuffle)}}));
  RunPlace at{.epoch = args.initial_epoch};
  if (keeper.keeps() && model.built() && !source.whole()) {
    const RandomState now = random_state();
    if (const BatchView* const batch = source.sample()) train.make_ready(*batch);
    set_random_state(now);
  }
  const bool restored = keeper.restore(train, at, history);
  bool in_epoch = restored && at.step > 0;
  if (restored && at.next > 0) {  // in the middle of a pass over the data
    const RandomState now = random_state();
    set_random_state(at.before_order);
    source.resume(at.next);
    if (in_epoch) source.begin_epoch();
    set_random_state(now);
  }
  NonFinite nonfinite(model, args.on_nonfinite);
  const Runner::Guard guard = [&](const StepProgram& program, std::span<const void* const> inputs, double loss) {
    return nonfinite.meet(at.epoch, static_cast<int>(at.step), program, inputs, loss);
  };
  const Runner::Guard none;
  Logs logs;
  bool kept = false;  // the state at an interruption
  for (; at.epoch < args.epochs && (in_epoch || !model.stop_training()) && !interrupt.interrupted(); ++at.epoch) {
    if (!in_epoch) {
      train.reset();
      hooks.all(&CallbackBody::on_epoch_begin, at.epoch, Logs());
      if (at.next == 0) at.before_order = random_state();
      source.begin_epoch();
    }
    in_epoch = false;
    bool out_of_data = false;
    while (!at.trained && !interrupt.interrupted()) {
      const int step = static_cast<int>(at.step);
      const BatchView* const batch = source.next();  // an epoch ends with the data
      if (!batch) {
        out_of_data = step == 0;
        if (out_of_data && at.epoch == args.initial_epoch) refuse_empty(source, feeding.what);
        at.next = 0;
        break;
      }
      hooks.batch(&CallbackBody::on_train_batch_begin, step, Logs());
      train.run(*batch, nonfinite.watches() ? guard : none);
      hooks.batch(&CallbackBody::on_train_batch_end, step, train.logs());
      at.next = source.position();
      at.trained = ++at.step == steps || model.stop_training() || at.next == 0;
      keeper.after_batch(step, train, at, history);
    }
    source.end_epoch();
    const bool short_epoch = args.steps_per_epoch && at.next == 0 && at.step < *steps && !model.stop_training();
    if (short_epoch || out_of_data) warn_of_end(source, feeding.what, at.step, steps.value_or(1), "steps_per_epoch");
    if (out_of_data) break;
    nonfinite.end_epoch(at.epoch);
    if (at.epoch == args.initial_epoch) diagnose_learning_rate(model);
    logs = train.logs();
    if (interrupt.interrupted()) keeper.save(train, at, history), kept = true;
    if (test && (at.epoch + 1) % args.validation_freq == 0 && !kept) {
      const Logs& figures = run_tests(*test, args.validation_steps, hooks, feeding.what, "validation_steps",
                                      [&] { return interrupt.interrupted(); });
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
  trainer_of(model).args.optimizer.finalize_variable_values();
  hooks.all(&CallbackBody::on_train_end, logs);
  if (!interrupt.interrupted()) keeper.end();
  return history;
}

}  // namespace

History Model::fit(const Data& x, const Data& y, FitArgs args) { return run_fit(*this, x, y, std::move(args), {}); }

History Model::fit_generator(const Data& generator, FitGeneratorArgs args) {
  constexpr const char* kWhat = "Model.fit_generator";
  require_generator(generator, args.steps_per_epoch, kWhat, "steps_per_epoch");
  if (args.validation_data.x.generator())
    require_generator(args.validation_data.x, args.validation_steps, kWhat, "validation_steps");
  FitArgs fit{.epochs = args.epochs, .verbose = args.verbose, .callbacks = std::move(args.callbacks)};
  fit.validation_data = std::move(args.validation_data);
  fit.shuffle = args.shuffle;
  fit.class_weight = std::move(args.class_weight);
  fit.initial_epoch = args.initial_epoch;
  fit.steps_per_epoch = args.steps_per_epoch;
  fit.validation_steps = args.validation_steps;
  return run_fit(*this, generator, {}, std::move(fit), {kWhat, args.workers, args.max_queue_size});
}

}  // namespace keras
