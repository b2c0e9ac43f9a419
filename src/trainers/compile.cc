// Model::compile and what it fixes.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include "layers/layer_state.h"
#include "models/model_state.h"
#include "support/log.h"
#include "tensor/random_stream.h"
#include "trainers/runner.h"

namespace keras {

void Model::compile(CompileArgs args) {
  TrainerState& trainer = trainer_of(*this);
  drop_programs(*this);
  if (!args.optimizer)
    throw ValueError(fmt::format("Model \"{}\": compile needs an optimizer, such as \"sgd\".", name()));
  trainer.args = std::move(args);
  trainer.metrics.clear();
  trainer.added.clear();
  trainer.resolved = false;
  trainer.trainable_known = built();
  trainer.trainable = trainer.trainable_known ? trainable_weights() : std::vector<Variable>();
  trainer.trainable_changes = layers::trainable_changes();
  trainer.seed = next_stream();
  trainer.told.clear();
  trainer.on_batch.reset();
  trainer.compiled = true;
  model_body().model_state().unread_compile_config = {};
}

const CompileArgs* Model::compile_args() const {
  const TrainerState& trainer = trainer_of(*this);
  return trainer.compiled ? &trainer.args : nullptr;
}

bool Model::compiled() const { return trainer_of(*this).compiled; }

const Optimizer& Model::optimizer() const {
  require_compiled(*this, "optimizer");
  return trainer_of(*this).args.optimizer;
}

std::vector<Metric> Model::metrics() const {
  const TrainerState& trainer = trainer_of(*this);
  std::vector<Metric> metrics;
  if (trainer.resolved) {
    for (const OutputMetric& each : trainer.metrics) metrics.push_back(each.metric);
    return metrics;
  }
  for (const Metrics* list : {&trainer.args.metrics, &trainer.args.weighted_metrics}) {
    metrics.insert(metrics.end(), list->list().begin(), list->list().end());
    for (const auto& each : list->values()) metrics.insert(metrics.end(), each.begin(), each.end());
  }
  return metrics;
}

std::vector<std::string> Model::metrics_names() const {
  require_compiled(*this, "metrics_names");
  const TrainerState& trainer = trainer_of(*this);
  std::vector<std::string> names{"loss"};
  if (!trainer.resolved) {
    for (const Metric& metric : metrics()) names.push_back(metric.name());
    return names;
  }
  const auto add_losses = [&] {
    for (std::size_t i = 0; i < trainer.losses.size() && trainer.losses.size() > 1; ++i) {
      if (trainer.losses[i]) names.push_back(output_name(*this, i) + "_loss");
    }
  };
  if (config::dialect().losses_first) add_losses();
  for (const OutputMetric& each : trainer.metrics) names.push_back(each.name);
  if (!config::dialect().losses_first) add_losses();
  for (const AddedMetric& each : trainer.added) names.push_back(each.name);
  return names;
}

void require_compiled(const Model& model, const char* what) {
  if (trainer_of(model).compiled) return;
  throw RuntimeError(
      fmt::format("Model \"{}\": {} was called before compile. Call model.compile({{.optimizer = \"sgd\", .loss = "
                  "\"mse\"}}) first.",
                  model.name(), what));
}

void warn_of_trainable(const Model& model) {
  TrainerState& trainer = trainer_of(model);
  const std::uint64_t changes = layers::trainable_changes();
  if (!trainer.trainable_known || trainer.trainable_changes == changes) return;
  trainer.trainable_changes = changes;
  const std::size_t now = model.trainable_weights().size();
  if (now == trainer.trainable.size()) return;
  support::warn(
      fmt::format("Model \"{}\": trainable was set after compile, and training goes on with the {} weights that were "
                  "trainable then, not with the {} that are now. Call compile again for that.",
                  model.name(), trainer.trainable.size(), now));
}

bool Model::stop_training() const { return model_body().model_state().stop_training; }
void Model::set_stop_training(bool stop) const { model_body().model_state().stop_training = stop; }

Array fit_input(const Model& model, const Array& x, std::size_t index) {
  const LayerState& state = model.body()->state();
  std::optional<Shape> expected = state.declared_input;
  if (!expected && state.built && index < state.build_shapes.size()) expected = state.build_shapes[index];
  if (!expected) return x.ndim() == 1 ? x.reshape({x.shape(0), 1}) : x;
  Shape shape = x.shape();
  if (shape.rank() + 1 == expected->rank() && expected->back() == Dim(1)) shape.push_back(1);
  if (shape.rank() == expected->rank() + 1 && shape.back() == Dim(1)) shape = shape.slice(0, -1);
  bool fits = shape.rank() == expected->rank();
  for (std::size_t i = 1; fits && i < shape.size(); ++i) fits = !(*expected)[i].known() || (*expected)[i] == shape[i];
  if (!fits) {
    Shape wanted = *expected;
    wanted[0] = Dim();
    throw ValueError(fmt::format(
        "Model \"{}\" takes input of shape {}. Received: shape={}.{}", model.name(), wanted.str(), x.shape().str(),
        wanted.slice(1).known() && x.length() > 0 && x.size() / x.length() == wanted.slice(1).elements()
            ? fmt::format(" It has as many numbers a sample: x.reshape({{-1, {}}}) would fit.",
                          fmt::join(wanted.slice(1).sizes(), ", "))
            : ""));
  }
  return shape == x.shape() ? x : x.reshape(shape);
}

}  // namespace keras
