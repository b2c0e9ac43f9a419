// Model::compile and what it fixes.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include "layers/layer_state.h"
#include "models/model_state.h"
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
  trainer.resolved = false;
  trainer.trainable_known = built();
  trainer.trainable = trainer.trainable_known ? trainable_weights() : std::vector<Variable>();
  const LossBody* loss = trainer.args.loss.body();
  trainer.takes_labels = loss && loss->class_name() == "SparseCategoricalCrossentropy";
  trainer.ignored_label = trainer.takes_labels ? loss->get_config().get("ignore_class", nullptr) : Config();
  trainer.seed = next_stream();
  trainer.on_batch.reset();
  trainer.compiled = true;
}

bool Model::compiled() const { return trainer_of(*this).compiled; }

const Optimizer& Model::optimizer() const {
  require_compiled(*this, "optimizer");
  return trainer_of(*this).args.optimizer;
}

std::vector<Metric> Model::metrics() const {
  const TrainerState& trainer = trainer_of(*this);
  if (trainer.resolved) return trainer.metrics;
  std::vector<Metric> metrics = trainer.args.metrics;
  metrics.insert(metrics.end(), trainer.args.weighted_metrics.begin(), trainer.args.weighted_metrics.end());
  return metrics;
}

std::vector<std::string> Model::metrics_names() const {
  require_compiled(*this, "metrics_names");
  std::vector<std::string> names{"loss"};
  for (const Metric& metric : metrics()) names.push_back(metric.name());
  return names;
}

void require_compiled(const Model& model, const char* what) {
  if (trainer_of(model).compiled) return;
  throw RuntimeError(
      fmt::format("Model \"{}\": {} was called before compile. Call model.compile({{.optimizer = \"sgd\", .loss = "
                  "\"mse\"}}) first.",
                  model.name(), what));
}

bool Model::stop_training() const { return model_body().model_state().stop_training; }
void Model::set_stop_training(bool stop) const { model_body().model_state().stop_training = stop; }

Array fit_input(const Model& model, const Array& x) {
  const LayerState& state = model.body()->state();
  std::optional<Shape> expected = state.declared_input;
  if (!expected && state.built && !state.build_shapes.empty()) expected = state.build_shapes[0];
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
