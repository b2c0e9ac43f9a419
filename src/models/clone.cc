// clone_model: a model of the same layers, or of those that stand for them, with new weights.
#include "models/clone.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <map>
#include <unordered_map>

#include "layers/core/input_layer.h"
#include "layers/layer_state.h"
#include "layers/table.h"
#include "models/functional.h"
#include "models/model_state.h"

namespace keras {
namespace {

using Copies = std::map<const LayerBody*, Layer>;

Model clone(const Model& model, const CloneModelArgs& args, Copies& copies);

bool is_sequential(const Layer& layer) { return layer.class_name() == "Sequential"; }
const FunctionalBody* as_functional(const Layer& layer) {
  return dynamic_cast<const FunctionalBody*>(layer.body().get());
}

Layer copy_of(const Layer& layer, const CloneModelArgs& args, Copies& copies) {
  const auto known = copies.find(layer.body().get());
  if (known != copies.end()) return known->second;
  const bool model = is_sequential(layer) || as_functional(layer);
  const auto make = [&] {
    if (model && args.recursive) {
      CloneModelArgs inner = args;
      inner.input_tensors.clear();
      if (is_sequential(layer)) inner.call_function = {};
      return static_cast<Layer>(clone(layer.as<Model>(), inner, copies));
    }
    if (args.clone_function) return args.clone_function(layer);
    if (!model) return layers::clone(layer);
    Copies own;
    return static_cast<Layer>(clone(layer.as<Model>(), {}, own));
  };
  const Layer copy = make();
  copies.emplace(layer.body().get(), copy);
  return copy;
}

std::vector<Tensor> new_inputs(const Model& model, const CloneModelArgs& args) {
  const std::vector<Tensor>& inputs = model.body()->state().inputs;
  if (args.input_tensors.empty()) {
    std::vector<Tensor> copies;
    for (const Tensor& input : inputs) {
      const CallPtr call = input.node()->made_by;
      const bool own = call && call->inputs.empty();
      copies.push_back(
          layers::input_tensor(input.shape(), input.dtype(), own ? std::optional(call->name) : std::nullopt));
    }
    return copies;
  }
  if (args.input_tensors.size() != inputs.size()) {
    throw ValueError(fmt::format("clone_model: {} takes {} input{}. Received: {} input_tensors.",
                                 layers::describe(*model.body()), inputs.size(), inputs.size() == 1 ? "" : "s",
                                 args.input_tensors.size()));
  }
  for (const Tensor& input : args.input_tensors) {
    if (input.empty() || !input.node()->made_by) {
      throw ValueError(fmt::format("clone_model: input_tensors must come of Input(…). Received: {}.",
                                   input.empty() ? "an empty Tensor" : input.str()));
    }
  }
  return args.input_tensors;
}

Model clone_sequential(const Model& model, const CloneModelArgs& args, Copies& copies) {
  if (args.call_function) {
    throw ValueError(
        fmt::format("clone_model: call_function is for functional models, whose layers are called when they "
                    "are made. Received: {}.",
                    layers::describe(*model.body())));
  }
  const Sequential copy(std::vector<Layer>{}, {.name = model.name(), .trainable = model.trainable()});
  const LayerState& state = model.body()->state();
  if (!state.inputs.empty() || !args.input_tensors.empty()) copy.add(new_inputs(model, args).at(0));
  for (const Layer& layer : model.layers()) copy.add(copy_of(layer, args, copies));
  return copy;
}

Model clone_functional(const Model& model, const CloneModelArgs& args, Copies& copies) {
  const auto& body = static_cast<const FunctionalBody&>(*model.body());
  const LayerState& state = body.state();
  std::unordered_map<const ops::TensorNode*, Tensor> values;
  const std::vector<Tensor> inputs = new_inputs(model, args);
  for (std::size_t i = 0; i < inputs.size(); ++i) values[state.inputs[i].node().get()] = inputs[i];
  const auto value = [&](const Tensor& tensor) {
    const auto known = tensor.empty() ? values.end() : values.find(tensor.node().get());
    return known == values.end() ? tensor : known->second;
  };
  for (const CallPtr& call : body.calls()) {
    std::vector<Tensor> arguments;
    for (const Tensor& input : call->inputs) arguments.push_back(value(input));
    std::vector<Tensor> results;
    if (const auto* layer = dynamic_cast<const LayerCall*>(call.get())) {
      const Layer copy = copy_of(layer->layer, args, copies);
      results = args.call_function ? args.call_function(copy, arguments) : layer->call_on(copy, arguments);
    } else {
      results = call->call(arguments);
    }
    if (results.size() != call->results.size()) {
      throw ValueError(fmt::format("clone_model: what stands for «{}» must give {} tensor{}. Received: {}.", call->name,
                                   call->results.size(), call->results.size() == 1 ? "" : "s", results.size()));
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (const ops::NodePtr node = call->results[i].lock()) values[node.get()] = results[i];
    }
  }
  std::vector<Tensor> outputs;
  for (const Tensor& output : state.outputs) outputs.push_back(value(output));
  const Model copy(inputs, outputs, {.name = model.name(), .trainable = model.trainable()});
  auto& copied = static_cast<FunctionalBody&>(*copy.body());
  for (const Tensor& loss : body.losses()) copied.add_loss(value(loss));
  for (const auto& [name, figure] : body.metrics()) copied.add_metric(value(figure), name);
  return copy;
}

Model clone(const Model& model, const CloneModelArgs& args, Copies& copies) {
  if (is_sequential(model)) return clone_sequential(model, args, copies);
  if (as_functional(model)) return clone_functional(model, args, copies);
  throw ValueError(
      fmt::format("clone_model: {} is an own model, and how its layers are called is known to its class "
                  "alone. Make another one with make_model.",
                  layers::describe(*model.body())));
}

}  // namespace

Model clone_layers(const Model& model, const CloneModelArgs& args) {
  Copies copies;
  return clone(model, args, copies);
}

}  // namespace keras
