// A step: forward, loss, gradients, update and metrics, traced once into one graph.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "models/model_state.h"
#include "ops/samples.h"
#include "primitives/row_wise.h"
#include "support/text.h"
#include "trainers/diagnose.h"
#include "trainers/trainer_state.h"

namespace keras {

namespace {

constexpr std::size_t kPrograms = 16;

struct Batch {
  std::vector<Tensor> placeholders, x, y, weights;

  // Of an output: its own, or the one for all. Empty where there is none.
  Tensor weight(std::size_t output) const {
    if (weights.empty()) return {};
    return weights.size() == 1 ? weights[0] : output < weights.size() ? weights[output] : Tensor();
  }
};

std::string numbered(const char* name, std::size_t i) { return i == 0 ? name : name + std::to_string(i); }

Batch make_batch(const Model& model, const std::vector<ir::Type>& types, Columns columns) {
  Batch batch;
  const DType dtype = model.body()->dtype();
  const std::size_t weights = types.size() - columns.weights;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const bool is_x = i < columns.inputs, is_weight = i >= weights;
    const std::string name = is_x        ? numbered("x", i)
                             : is_weight ? numbered("sample_weight", i - weights)
                                         : numbered("y", i - columns.inputs);
    const Tensor value = batch.placeholders.emplace_back(ops::placeholder(types[i], name));
    if (is_x)
      batch.x.push_back(value.dtype().is_floating() ? ops::cast(value, dtype) : value);
    else if (is_weight)
      batch.weights.push_back(ops::cast(value, dtype));
    else
      batch.y.push_back(value);
  }
  return batch;
}

// The model's outputs, and in training what its layers add to the loss.
std::vector<Tensor> forward(const Model& model, const Batch& batch, bool training) {
  Call call;
  call.training = training;
  return model.outputs(batch.x, call);
}

// What compile was given for each of the outputs; `none` for those without.
template <class T>
std::vector<T> for_outputs(const Model& model, const PerOutput<T>& given, std::size_t outputs, const char* what,
                           const T& none) {
  std::vector<T> list(outputs, none);
  if (given.empty()) return list;
  if (given.for_all()) return std::vector<T>(outputs, given.values()[0]);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < outputs; ++i) names.push_back(output_name(model, i));
  if (given.names().empty()) {
    if (given.values().size() != outputs) {
      throw ValueError(fmt::format(
          "Model \"{}\": {} must have an entry for each of the {} output{} ({}). Received: {}.", model.name(), what,
          outputs, outputs == 1 ? "" : "s", support::list(names), given.values().size()));
    }
    return given.values();
  }
  for (std::size_t i = 0; i < given.names().size(); ++i) {
    const auto at = std::find(names.begin(), names.end(), given.names()[i]);
    if (at == names.end()) {
      throw ValueError(fmt::format("Model \"{}\": {} names the output «{}», which it has not.{} Its outputs are: {}.",
                                   model.name(), what, support::printable(given.names()[i]),
                                   support::did_you_mean(given.names()[i], names), support::list(names)));
    }
    list[static_cast<std::size_t>(at - names.begin())] = given.values()[i];
  }
  return list;
}

// The target of each output: one for each, or one for each that has a loss. Empty Tensors for the others.
std::vector<Tensor> targets_of(const Model& model, const std::vector<Loss>& losses, const std::vector<Tensor>& y) {
  const auto wanted =
      static_cast<std::size_t>(std::count_if(losses.begin(), losses.end(), [](const Loss& l) { return bool(l); }));
  if (y.empty() && wanted == 0) return std::vector<Tensor>(losses.size());
  if (y.size() == losses.size()) return y;
  if (y.size() != wanted) {
    throw ValueError(
        fmt::format("Model \"{}\": the loss needs one target for each of its {} outputs. Received: {} targets (y).",
                    model.name(), losses.size(), y.size()));
  }
  std::vector<Tensor> targets;
  std::size_t next = 0;
  for (const Loss& loss : losses) targets.push_back(loss ? y[next++] : Tensor());
  return targets;
}

// The name that a metric of output number `index` is reported under.
std::string metric_name(const Model& model, const TrainerState& trainer, std::string name, std::size_t index,
                        bool weighted) {
  const bool of_2_2 = config::dialect().metrics_by_function;
  if (of_2_2 && weighted) name = "weighted_" + name;
  if (trainer.losses.size() > 1) name = output_name(model, index) + "_" + name;
  int same = 0;
  for (const OutputMetric& other : trainer.metrics) same += other.name == name;
  if (same == 0) return name;
  return weighted && !of_2_2 ? "weighted_" + name : fmt::format("{}_{}", name, same);
}

void resolve_metrics(const Model& model, TrainerState& trainer, const Metrics& given, bool weighted,
                     const std::vector<Tensor>& targets, const std::vector<Tensor>& predictions) {
  const std::size_t outputs = predictions.size();
  const char* what = weighted ? "weighted_metrics" : "metrics";
  std::vector<std::vector<Metric>> lists(outputs);
  if (outputs == 1 && !given.list().empty()) {
    lists[0] = given.list();
  } else if (!given.list().empty() && config::dialect().metrics_by_function) {
    lists.assign(outputs, given.list());  // of each output
    for (std::size_t i = 1; i < outputs; ++i) {
      for (Metric& metric : lists[i]) {
        if (metric.body()) read_config(as_config(metric), metric);  // with a state of its own
      }
    }
  } else if (!given.list().empty()) {
    std::vector<std::vector<Metric>> each;
    for (const Metric& metric : given.list()) each.push_back({metric});
    lists = for_outputs(model, PerOutput<std::vector<Metric>>(std::move(each)), outputs, what, {});
  } else {
    lists = for_outputs(model, static_cast<const PerOutput<std::vector<Metric>>&>(given), outputs, what, {});
  }
  for (std::size_t i = 0; i < outputs; ++i) {
    for (const Metric& metric : lists[i]) {
      if (targets[i].empty()) {
        throw ValueError(fmt::format("Model \"{}\": the metric \"{}\" of the output «{}» needs a target (y).",
                                     model.name(), metric.name(), output_name(model, i)));
      }
      const Metric resolved = metric.resolve(trainer.losses[i], targets[i].shape(), predictions[i].shape());
      trainer.metrics.push_back({resolved, i, weighted, metric_name(model, trainer, resolved.name(), i, weighted)});
    }
  }
}

void resolve(const Model& model, TrainerState& trainer, const Batch& batch, const std::vector<Tensor>& predictions) {
  if (trainer.resolved) return;
  const std::size_t outputs = predictions.size();
  trainer.losses = losses_of(model, outputs);
  trainer.loss_weights = for_outputs(model, trainer.args.loss_weights, outputs, "loss_weights", 1.0);
  const std::vector<Tensor> targets = targets_of(model, trainer.losses, batch.y);
  trainer.metrics.clear();
  resolve_metrics(model, trainer, trainer.args.metrics, false, targets, predictions);
  resolve_metrics(model, trainer, trainer.args.weighted_metrics, true, targets, predictions);
  const auto running = [](const std::string& name) {
    return Variable(Array::scalar(0), {.name = name, .trainable = false});
  };
  trainer.loss_total = running("loss/total");
  trainer.loss_count = running("loss/count");
  trainer.loss_totals.clear();
  for (std::size_t i = 0; i < outputs && outputs > 1; ++i) {
    if (trainer.losses[i]) trainer.loss_totals.push_back(running(output_name(model, i) + "_loss/total"));
  }
  trainer.resolved = true;
}

// The loss of the batch, that of all outputs first, then that of each.
struct BatchLoss {
  Tensor total;
  std::vector<Tensor> of_outputs;
};

// The compiled losses, regularizers, and what layers added.
BatchLoss batch_loss(const Model& model, const TrainerState& trainer, ops::Trace& trace, const Batch& batch,
                     const std::vector<Tensor>& predictions) {
  BatchLoss loss;
  const auto add = [&](const Tensor& part) { loss.total = loss.total.empty() ? part : loss.total + part; };
  const std::vector<Tensor> targets = targets_of(model, trainer.losses, batch.y);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (!trainer.losses[i]) continue;
    const Tensor part = trainer.losses[i](targets[i], predictions[i], batch.weight(i));
    if (predictions.size() > 1) loss.of_outputs.push_back(part);
    add(trainer.loss_weights[i] == 1 ? part : part * trainer.loss_weights[i]);
  }
  for (const Tensor& part : trace.take_losses()) add(part.ndim() > 0 ? ops::sum(part) : part);
  for (const Tensor& part : layers::regularization_losses(model)) add(part);
  if (loss.total.empty()) {
    throw ValueError(
        fmt::format("Model \"{}\": there is no loss to train or test with. Give compile a loss, such as "
                    "{{.loss = \"mse\"}}, or have a layer add one.",
                    model.name()));
  }
  return loss;
}

// What layers reported, as means of their values over all batches.
std::vector<Tensor> update_added(TrainerState& trainer, const std::vector<ops::Trace::Figure>& figures) {
  for (const ops::Trace::Figure& figure : figures) {
    const auto same = [&](const AddedMetric& each) { return each.path == figure.path && each.key == figure.name; };
    auto at = std::find_if(trainer.added.begin(), trainer.added.end(), same);
    if (at == trainer.added.end()) {
      const auto taken = std::count_if(trainer.added.begin(), trainer.added.end(),
                                       [&](const AddedMetric& each) { return each.key == figure.name; });
      const auto running = [&](const char* what) {
        return Variable(Array::scalar(0), {.name = figure.name + what, .trainable = false});
      };
      trainer.added.push_back({figure.path, figure.name,
                               taken == 0 ? figure.name : fmt::format("{}_{}", figure.name, taken), running("/total"),
                               running("/count")});
      at = trainer.added.end() - 1;
    }
    const Tensor values = ops::cast(figure.value, DType::float32);
    at->total.assign(Tensor(at->total) + ops::sum(values));
    at->count.assign(Tensor(at->count) + static_cast<double>(values.shape().elements()));
  }
  std::vector<Tensor> means;
  for (const AddedMetric& each : trainer.added) means.push_back(ops::divide_no_nan(each.total, each.count));
  return means;
}

// The figures after this batch, each a float32 scalar, in Keras 3's order: the running mean of the loss, the metrics,
// the running means of the outputs' losses, what layers report.
std::vector<Tensor> update_figures(const Model& model, TrainerState& trainer, const BatchLoss& loss, const Batch& batch,
                                   const std::vector<Tensor>& predictions,
                                   const std::vector<ops::Trace::Figure>& reported, std::vector<std::string>* names) {
  const double rows = static_cast<double>(batch.x[0].shape(0).value());
  trainer.loss_count.assign(Tensor(trainer.loss_count) + rows);
  const auto mean = [&](Variable& total, const Tensor& value) {
    total.assign(Tensor(total) + ops::cast(value, DType::float32) * rows);
    return Tensor(total) / Tensor(trainer.loss_count);
  };
  std::vector<Tensor> figures{mean(trainer.loss_total, loss.total)};
  const auto add_losses = [&] {
    for (std::size_t i = 0; i < loss.of_outputs.size(); ++i)
      figures.push_back(mean(trainer.loss_totals[i], loss.of_outputs[i]));
  };
  if (config::dialect().losses_first) add_losses();
  const std::vector<Tensor> targets = targets_of(model, trainer.losses, batch.y);
  for (OutputMetric& each : trainer.metrics) {
    each.metric.update_state(targets[each.output], predictions[each.output],
                             each.weighted ? batch.weight(each.output) : Tensor());
    figures.push_back(ops::cast(each.metric.result(), DType::float32));
  }
  if (!config::dialect().losses_first) add_losses();
  for (Tensor& figure : update_added(trainer, reported)) figures.push_back(std::move(figure));
  *names = model.metrics_names();
  return figures;
}

std::shared_ptr<StepProgram> trace_step(const Model& model, Stage stage, const std::vector<ir::Type>& types,
                                        Columns columns) {
  TrainerState& trainer = trainer_of(model);
  auto program = std::make_shared<StepProgram>();
  program->stage = stage;
  program->types = types;
  program->columns = columns;
  const std::string what = fmt::format("{} of the model \"{}\" on {} samples",
                                       stage == Stage::train  ? "a training step"
                                       : stage == Stage::test ? "a test step"
                                                              : "a prediction",
                                       model.name(), types[0].shape[0].value());
  ops::Trace trace(trainer.seed);
  const Batch batch = make_batch(model, types, columns);
  if (stage == Stage::train) {
    trace.set_step(Tensor(trainer.args.optimizer.body()->iterations()));
  }
  const std::vector<Tensor> predictions = forward(model, batch, stage == Stage::train);
  for (const Tensor& prediction : predictions) program->outputs.push_back({prediction.dtype(), prediction.shape()});
  if (stage == Stage::predict) {
    program->function = ops::Function(predictions, trace, batch.placeholders, trainer.memory, what);
    program->row_wise = primitives::row_wise(program->function.stages().traced());
    return program;
  }
  for (const Loss& loss : losses_of(model, predictions.size())) {
    if (!loss || !batch.y.empty()) continue;
    throw ValueError(
        fmt::format("Model \"{}\": the loss \"{}\" needs targets (y). Received: none.", model.name(), loss.name()));
  }
  resolve(model, trainer, batch, predictions);
  note_outputs(model, predictions);
  const BatchLoss loss = batch_loss(model, trainer, trace, batch, predictions);
  if (stage == Stage::train) {
    if (!trainer.trainable_known) {
      trainer.trainable = model.trainable_weights();
      trainer.trainable_known = true;
    }
    OptimizerBody& optimizer = *trainer.args.optimizer.body();
    optimizer.build(trainer.trainable);
    const std::vector<Tensor> gradients = ops::gradients(optimizer.scale_loss(loss.total), trainer.trainable);
    std::vector<std::pair<Tensor, Variable>> pairs;
    for (std::size_t i = 0; i < gradients.size(); ++i) pairs.emplace_back(gradients[i], trainer.trainable[i]);
    optimizer.apply(pairs, layers::constraints_of(model, trainer.trainable));
  }
  std::vector<Tensor> figures =
      update_figures(model, trainer, loss, batch, predictions, trace.take_metrics(), &program->names);
  // In training the loss of the batch guards what the step updates; behind the figures.
  std::optional<std::size_t> guard;
  if (stage == Stage::train) {
    guard = figures.size();
    figures.push_back(ops::cast(loss.total, DType::float32));
  }
  program->function = ops::Function(figures, trace, batch.placeholders, trainer.memory, what, guard);
  return program;
}

}  // namespace

TrainerState& trainer_of(const Model& model) {
  std::shared_ptr<TrainerState>& trainer = model.model_body().model_state().trainer;
  if (!trainer) trainer = std::make_shared<TrainerState>();
  return *trainer;
}

void drop_programs(const Model& model) {
  TrainerState& trainer = trainer_of(model);
  const std::lock_guard lock(trainer.mutex);
  trainer.programs.clear();
  trainer.memory = std::make_shared<runtime::MemoryPool>();
}

std::vector<Loss> losses_of(const Model& model, std::size_t outputs) {
  return for_outputs(model, trainer_of(model).args.loss, outputs, "loss", Loss());
}

std::string output_name(const Model& model, std::size_t index) {
  const std::vector<std::string>& names = model.model_body().model_state().output_names;
  return index < names.size() ? names[index] : fmt::format("output_{}", index + 1);
}

std::shared_ptr<const StepProgram> step_program(const Model& model, Stage stage, const std::vector<ir::Type>& types,
                                                Columns columns) {
  TrainerState& trainer = trainer_of(model);
  const std::lock_guard lock(trainer.mutex);  // one thread compiles, the others wait for what it made
  auto& programs = trainer.programs;
  const auto it = std::find_if(programs.begin(), programs.end(), [&](const auto& program) {
    return program->stage == stage && program->types == types && program->columns == columns;
  });
  if (it != programs.end()) {
    std::rotate(programs.begin(), it, it + 1);
    return programs.front();
  }
  programs.insert(programs.begin(), trace_step(model, stage, types, columns));
  if (programs.size() > kPrograms) programs.pop_back();
  return programs.front();
}

}  // namespace keras
