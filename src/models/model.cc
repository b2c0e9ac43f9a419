// Model and ModelBody: what all models share apart from training.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include "layers/layer_state.h"
#include "models/model_state.h"
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
