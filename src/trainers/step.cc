// A step: forward, loss, gradients, update and metrics, traced once into one graph.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "models/model_state.h"
#include "primitives/row_wise.h"
#include "trainers/trainer_state.h"

namespace keras {

namespace {

constexpr std::size_t kPrograms = 16;

struct Batch {
  std::vector<Tensor> placeholders, x, y;
  Tensor weight;
};

Batch make_batch(const Model& model, const std::vector<ir::Type>& types, std::size_t inputs, bool weighted) {
  Batch batch;
  const DType dtype = model.body()->dtype();
  for (std::size_t i = 0; i < types.size(); ++i) {
    const bool is_x = i < inputs, is_weight = weighted && i + 1 == types.size();
    batch.placeholders.push_back(ops::placeholder(types[i], is_x        ? fmt::format("x{}", i ? std::to_string(i) : "")
                                                            : is_weight ? "sample_weight"
                                                                        : "y"));
    const Tensor& value = batch.placeholders.back();
    if (is_x) {
      batch.x.push_back(ops::cast(value, dtype));
    } else if (is_weight) {
      batch.weight = ops::cast(value, dtype);
    } else {
      batch.y.push_back(value);
    }
  }
  return batch;
}

// The model's outputs, and in training what its layers add to the loss.
std::vector<Tensor> forward(const Model& model, const Batch& batch, bool training) {
  Call call;
  call.training = training;
  return model.outputs(batch.x, call);
}

void resolve_metrics(TrainerState& trainer, const Tensor& y, const Tensor& prediction) {
  if (trainer.resolved) return;
  for (const auto* list : {&trainer.args.metrics, &trainer.args.weighted_metrics}) {
    for (const Metric& metric : *list) {
      trainer.metrics.push_back(metric.resolve(trainer.args.loss, y.shape(), prediction.shape()));
    }
  }
  trainer.loss_total = Variable(Array::scalar(0), {.name = "loss/total", .trainable = false});
  trainer.loss_count = Variable(Array::scalar(0), {.name = "loss/count", .trainable = false});
  trainer.resolved = true;
}

// The loss of the batch: the compiled loss, regularizers, and what layers added.
Tensor total_loss(const Model& model, const TrainerState& trainer, ops::Trace& trace, const Batch& batch,
                  const std::vector<Tensor>& predictions) {
  Tensor total;
  const auto add = [&](const Tensor& part) { total = total.empty() ? part : total + part; };
  if (trainer.args.loss) {
    if (batch.y.size() != predictions.size()) {
      throw ValueError(
          fmt::format("Model \"{}\": the loss needs one target for each of its {} outputs. Received: {} targets (y).",
                      model.name(), predictions.size(), batch.y.size()));
    }
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      const Tensor loss = trainer.args.loss(batch.y[i], predictions[i], batch.weight);
      add(i < trainer.args.loss_weights.size() ? loss * trainer.args.loss_weights[i] : loss);
    }
  }
  for (const Tensor& loss : trace.take_losses()) add(loss);
  for (const Tensor& loss : layers::regularization_losses(model)) add(loss);
  if (total.empty()) {
    throw ValueError(
        fmt::format("Model \"{}\": there is no loss to train or test with. Give compile a loss, such as "
                    "{{.loss = \"mse\"}}, or have a layer add one.",
                    model.name()));
  }
  return total;
}

// The figures after this batch, each a float32 scalar: the running mean of the loss, then the metrics.
std::vector<Tensor> update_figures(TrainerState& trainer, const Tensor& loss, const Batch& batch,
                                   const std::vector<Tensor>& predictions, std::vector<std::string>* names) {
  const double rows = static_cast<double>(batch.x[0].shape(0).value());
  trainer.loss_total.assign(Tensor(trainer.loss_total) + ops::cast(loss, DType::float32) * rows);
  trainer.loss_count.assign(Tensor(trainer.loss_count) + rows);
  std::vector<Tensor> figures{Tensor(trainer.loss_total) / Tensor(trainer.loss_count)};
  names->push_back("loss");
  const std::size_t unweighted = trainer.args.metrics.size();
  for (std::size_t i = 0; i < trainer.metrics.size(); ++i) {
    Metric& metric = trainer.metrics[i];
    metric.update_state(batch.y[0], predictions[0], i < unweighted ? Tensor() : batch.weight);
    figures.push_back(ops::cast(metric.result(), DType::float32));
    names->push_back(metric.name());
  }
  return figures;
}

std::shared_ptr<StepProgram> trace_step(const Model& model, Stage stage, const std::vector<ir::Type>& types,
                                        std::size_t inputs, bool weighted) {
  TrainerState& trainer = trainer_of(model);
  auto program = std::make_shared<StepProgram>();
  program->stage = stage;
  program->types = types;
  const std::string what = fmt::format("{} of the model \"{}\" on {} samples",
                                       stage == Stage::train  ? "a training step"
                                       : stage == Stage::test ? "a test step"
                                                              : "a prediction",
                                       model.name(), types[0].shape[0].value());
  ops::Trace trace(trainer.seed);
  const Batch batch = make_batch(model, types, inputs, weighted);
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
  if (batch.y.empty() && trainer.args.loss) {
    throw ValueError(fmt::format("Model \"{}\": the loss \"{}\" needs targets (y). Received: none.", model.name(),
                                 trainer.args.loss.name()));
  }
  if (!batch.y.empty()) resolve_metrics(trainer, batch.y[0], predictions[0]);
  const Tensor loss = total_loss(model, trainer, trace, batch, predictions);
  if (stage == Stage::train) {
    if (!trainer.trainable_known) {
      trainer.trainable = model.trainable_weights();
      trainer.trainable_known = true;
    }
    OptimizerBody& optimizer = *trainer.args.optimizer.body();
    const std::vector<Tensor> gradients = ops::gradients(optimizer.scale_loss(loss), trainer.trainable);
    std::vector<std::pair<Tensor, Variable>> pairs;
    for (std::size_t i = 0; i < gradients.size(); ++i) pairs.emplace_back(gradients[i], trainer.trainable[i]);
    optimizer.build(trainer.trainable);
    optimizer.apply(pairs, layers::constraints_of(model, trainer.trainable));
  }
  const std::vector<Tensor> figures = update_figures(trainer, loss, batch, predictions, &program->names);
  program->function = ops::Function(figures, trace, batch.placeholders, trainer.memory, what);
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

std::shared_ptr<const StepProgram> step_program(const Model& model, Stage stage, const std::vector<ir::Type>& types,
                                                std::size_t inputs, bool weighted) {
  TrainerState& trainer = trainer_of(model);
  const std::lock_guard lock(trainer.mutex);  // one thread compiles, the others wait for what it made
  auto& programs = trainer.programs;
  const auto it = std::find_if(programs.begin(), programs.end(),
                               [&](const auto& program) { return program->stage == stage && program->types == types; });
  if (it != programs.end()) {
    std::rotate(programs.begin(), it, it + 1);
    return programs.front();
  }
  programs.insert(programs.begin(), trace_step(model, stage, types, inputs, weighted));
  if (programs.size() > kPrograms) programs.pop_back();
  return programs.front();
}

}  // namespace keras
