// Model::add_loss and add_metric, and clone_model: what models get beside what compile() is given, or from another one.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include "layers/layer_state.h"
#include "models/clone.h"
#include "models/functional.h"
#include "trainers/trainer_state.h"

namespace keras {

namespace {

FunctionalBody& functional(const Model& model, const char* what) {
  if (auto* body = dynamic_cast<FunctionalBody*>(model.body().get())) return *body;
  throw ValueError(
      fmt::format("{}: {} of a tensor is for functional models, whose calls are known. Received: a {}. Make one of it, "
                  "such as Model(model.input(), model.output()); in an own layer or model call add_loss or add_metric "
                  "in call(); or give a function, for what depends on weights alone.",
                  layers::describe(*model.body()), what, model.class_name()));
}

void check_name(const Model& model, const std::string& name) {
  if (name.empty()) throw ValueError(fmt::format("{}: add_metric needs a name.", layers::describe(*model.body())));
}

void steps_changed(const Model& model) {
  trainer_of(model).on_batch.reset();
  drop_programs(model);
}

}  // namespace

void Model::add_loss(const Tensor& loss) const {
  functional(*this, "add_loss").add_loss(loss);
  steps_changed(*this);
}

void Model::add_loss(std::function<Tensor()> loss) const {
  body_->state().added_losses.push_back(std::move(loss));
  steps_changed(*this);
}

void Model::add_metric(const Tensor& value, const std::string& name) const {
  check_name(*this, name);
  functional(*this, "add_metric").add_metric(value, name);
  steps_changed(*this);
}

void Model::add_metric(std::function<Tensor()> value, const std::string& name) const {
  check_name(*this, name);
  body_->state().added_metrics.emplace_back(name, std::move(value));
  steps_changed(*this);
}

namespace {

bool has_config(const Metric& metric) { return !metric.body() || !metric.body()->class_name().empty(); }

Metric copy_of(const Metric& metric) {
  Metric copy;
  read_config(as_config(metric), copy);
  return copy;
}

// As the model was compiled, with an optimizer and metrics of its own; losses have no state. False where a function or
// an own class has no configuration that can be read.
bool copy_args(const CompileArgs& from, CompileArgs& to) {
  for (const Metrics* metrics : {&from.metrics, &from.weighted_metrics}) {
    for (const Metric& metric : metrics->list()) {
      if (!has_config(metric)) return false;
    }
    for (const auto& list : metrics->values()) {
      for (const Metric& metric : list) {
        if (!has_config(metric)) return false;
      }
    }
  }
  const auto copy = [](const Metrics& metrics) {
    if (!metrics.list().empty()) {
      std::vector<Metric> list;
      for (const Metric& metric : metrics.list()) list.push_back(copy_of(metric));
      return Metrics(std::move(list));
    }
    std::vector<std::vector<Metric>> lists = metrics.values();
    for (auto& each : lists) {
      for (Metric& metric : each) metric = copy_of(metric);
    }
    if (metrics.names().empty()) return lists.empty() ? Metrics() : Metrics(std::move(lists));
    std::vector<Metrics::Named> named;
    for (std::size_t i = 0; i < lists.size(); ++i) named.emplace_back(metrics.names()[i], lists[i]);
    Metrics by_name;
    static_cast<PerOutput<std::vector<Metric>>&>(by_name) = PerOutput<std::vector<Metric>>(named);
    return by_name;
  };
  try {
    to.loss = from.loss;
    to.loss_weights = from.loss_weights;
    to.metrics = copy(from.metrics);
    to.weighted_metrics = copy(from.weighted_metrics);
    read_config(as_config(from.optimizer), to.optimizer);
  } catch (const ValueError&) {  // an own class
    return false;
  }
  return true;
}

}  // namespace

Model clone_model(const Model& model, CloneModelArgs args) {
  Model copy = clone_layers(model, args);
  CompileArgs compiled;
  if (model.compiled() && copy_args(trainer_of(model).args, compiled)) copy.compile(std::move(compiled));
  return copy;
}

}  // namespace keras
