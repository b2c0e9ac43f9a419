// Model and ModelBody: what all models share apart from training.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "models/model_state.h"
#include "ops/record.h"
#include "ops/tensor_node.h"
#include "ops/trace.h"
#include "support/text.h"

namespace keras {

ModelBody::ModelBody() : model_state_(std::make_unique<ModelState>()) {}
ModelBody::~ModelBody() = default;

void ModelBody::build_all(const std::vector<Shape>& inputs) {
  LayerBody::build_all(inputs);
  const ops::Trace scratch;  // only shapes are kept
  ModelState& model = model_state();
  model.inputs.clear();
  model.outputs.clear();
  Call call;
  for (const Shape& shape : inputs) {
    model.inputs.push_back({dtype(), shape});
    call.inputs.push_back(ops::placeholder(model.inputs.back(), "input"));
  }
  for (const Tensor& output : call_all(call)) model.outputs.push_back({output.dtype(), output.shape()});
}

Model::Model(std::shared_ptr<ModelBody> body) : Layer(std::move(body)) {}

Model Model::from_layer(const Layer& layer) {
  if (auto body = std::dynamic_pointer_cast<ModelBody>(layer.body())) return Model(std::move(body));
  throw TypeError(fmt::format("{} is a layer and no model.", layers::describe(*layer.body())));
}

std::vector<std::string> Model::input_names() const {
  std::vector<std::string> names = model_body().model_state().input_names;
  for (const Tensor& input : body_->state().inputs) {
    if (names.size() < body_->state().inputs.size() && input.node()->made_by)
      names.push_back(input.node()->made_by->name);
  }
  if (names.empty()) {
    const std::size_t count = std::max<std::size_t>(1, model_body().model_state().inputs.size());
    for (std::size_t i = 0; i < count; ++i) names.push_back(i == 0 ? "input" : fmt::format("input_{}", i));
  }
  return names;
}

std::vector<std::string> Model::output_names() const {
  std::vector<std::string> names = model_body().model_state().output_names;
  if (!names.empty()) return names;
  const std::size_t count = model_body().model_state().outputs.size();
  if (count <= 1) return {layers().empty() ? "output" : layers().back().name()};
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("output_{}", i));
  return names;
}

Layer Model::get_layer(const std::string& name) const {
  std::vector<std::string> names;
  for (const Layer& layer : layers()) {
    if (layer.name() == name) return layer;
    names.push_back(layer.name());
  }
  throw ValueError(fmt::format("{} has no layer «{}».{} Its layers are: {}.", layers::describe(*body_),
                               support::printable(name), support::did_you_mean(name, names),
                               names.empty() ? "none" : support::list(names)));
}

Layer Model::get_layer(int index) const {
  const std::vector<Layer> all = layers();
  const int count = static_cast<int>(all.size());
  if (index < -count || index >= count) {
    throw ValueError(fmt::format("{} has {} layer{}. Received: index={}.", layers::describe(*body_), count,
                                 count == 1 ? "" : "s", index));
  }
  return all[static_cast<std::size_t>(index < 0 ? index + count : index)];
}

}  // namespace keras
