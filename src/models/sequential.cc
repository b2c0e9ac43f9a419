// Sequential: a stack of layers, built layer by layer as far as the input is known.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>
#include <keras/ops.h>

#include "layers/core/input_layer.h"
#include "layers/frame.h"
#include "layers/layer_call.h"
#include "layers/layer_state.h"
#include "layers/table.h"
#include "models/graph_config.h"
#include "models/model_state.h"
#include "models/standardize.h"
#include "ops/trace.h"
#include "support/text.h"

namespace keras {
namespace {

struct SequentialBody final : ModelBody {
  static constexpr auto class_name = "Sequential";
  using Args = SequentialArgs;
  explicit SequentialBody(Args) {}

  void add(const Layer& layer) {
    if (layer.body().get() == this)
      throw ValueError(fmt::format("{} cannot be added to itself.", layers::describe(*this)));
    if (layers::contains(layer, *this)) {
      throw ValueError(fmt::format("{}: {} has this model inside, and adding it would make a cycle.",
                                   layers::describe(*this), layers::describe(*layer.body())));
    }
    for (const Layer& other : state().children) {
      if (other == layer || other.name() != layer.name()) continue;
      throw ValueError(
          fmt::format("{}: it has a layer «{}» already, and names must be unique. Give the new {} another name.",
                      layers::describe(*this), layer.name(), layer.class_name()));
    }
    const bool known_before = !model_state().inputs.empty();
    if (!known_before && state().children.empty()) declare_input_of(layer);
    if (!model_state().inputs.empty()) {
      const layers::Frame frame(state(), false);
      try {
        extend(layer);
      } catch (...) {
        if (!known_before) forget_input();
        throw;
      }
      state().built = true;
    }
    state().children.push_back(layer);
    state().child_names.push_back(layer.name());
    if (!state().trainable) layer.set_trainable(false);
    model_state().trainer.reset();
  }

  void add(const Tensor& input) {
    const auto* made_by = dynamic_cast<const LayerCall*>(ops::node_of(input)->made_by.get());
    if (!made_by || !made_by->inputs.empty()) {
      throw ValueError(fmt::format("{}: add takes a layer, or what Input() gives. Received: {}.",
                                   layers::describe(*this), input.str()));
    }
    if (!state().children.empty() || !model_state().inputs.empty()) {
      throw ValueError(fmt::format(
          "{}: an Input comes first and once. The model has {} layer{} already{}.", layers::describe(*this),
          state().children.size(), state().children.size() == 1 ? "" : "s",
          model_state().inputs.empty() ? "" : " and inputs of shape " + model_state().inputs[0].shape.str()));
    }
    declare_input(input);
  }

  void pop() {
    if (state().children.empty()) {
      throw ValueError(fmt::format("{}: there is no layer to take away: the model is empty.", layers::describe(*this)));
    }
    state().children.pop_back();
    state().child_names.pop_back();
    if (!made_.empty()) made_.pop_back();
    if (made_.empty()) {
      state().built = false;
      state().outputs.clear();
      model_state().outputs.clear();
    } else {
      ends_with(made_.back());
    }
    model_state().trainer.reset();
  }

  void build_all(const std::vector<Shape>& inputs) override {
    if (state().children.empty()) {
      throw ValueError(
          fmt::format("{}: a model without layers cannot be built. Call add(layer) first.", layers::describe(*this)));
    }
    if (inputs.size() != 1) {
      throw ValueError(fmt::format("{}: it takes one input. Received: {}.", layers::describe(*this), inputs.size()));
    }
    const std::vector<Layer> layers = state().children;
    if (model_state().inputs.empty()) {
      declare_input(layers::input_tensor(inputs[0], layers[0].body()->dtype()));
    } else if (!fits(model_state().inputs[0].shape, inputs[0])) {
      throw ValueError(
          fmt::format("{}: its inputs are of shape {}, which Input() or the first layer said. Received: build({}).",
                      layers::describe(*this), model_state().inputs[0].shape.str(), inputs[0].str()));
    }
    try {
      for (const Layer& layer : layers) extend(layer);
    } catch (...) {
      forget_input();
      throw;
    }
  }

  std::vector<Tensor> call_all(const Call& call) override {
    if (call.inputs.size() != 1) {
      throw ValueError(
          fmt::format("{}: it takes one input. Received: {}.", layers::describe(*this), call.inputs.size()));
    }
    std::vector<Tensor> values = {standardize(*this, model_state().inputs[0], call.inputs[0])};
    for (const Layer& layer : state().children) values = layer.outputs(values);
    return values;
  }

  Config get_config() const override {
    Config config = LayerBody::get_config().set("dtype", layers::dtype_config(dtype()));
    Config list = Config::list();
    if (!state().inputs.empty()) list.push_back(whole_config(input_layer()));
    for (const Layer& layer : state().children) list.push_back(whole_config(layer));
    config.set("layers", list);
    if (!model_state().inputs.empty()) config.set("build_input_shape", as_config(model_state().inputs[0].shape));
    return config;
  }

 private:
  const Layer& input_layer() const { return static_cast<const LayerCall&>(*state().inputs[0].node()->made_by).layer; }
  void declare_input(const Tensor& input) {
    state().inputs = {input};
    model_state().inputs = {{input.dtype(), input.shape()}};
    state().declared_input = input.shape();
    state().build_shapes = {input.shape()};
  }
  void forget_input() {
    state().inputs.clear();
    state().outputs.clear();
    model_state().inputs.clear();
    model_state().outputs.clear();
    made_.clear();
    state().declared_input.reset();
    state().build_shapes.clear();
  }

  // From the first layer: what its arguments say, or what a model inside takes.
  void declare_input_of(const Layer& first) {
    if (const auto& declared = first.body()->state().declared_input) {
      declare_input(layers::input_tensor(*declared, first.body()->dtype()));
    } else if (const auto* model = dynamic_cast<const ModelBody*>(first.body().get())) {
      const std::vector<ir::Type>& inputs = model->model_state().inputs;
      if (inputs.size() == 1) declare_input(layers::input_tensor(inputs[0].shape, inputs[0].dtype));
    }
  }

  // Builds the layer on what comes out of those before it, and keeps what comes out of it.
  void extend(const Layer& layer) {
    const ops::NoTrace recording;
    const Tensor output = layer(made_.empty() ? state().inputs[0] : made_.back());
    made_.push_back(output);
    ends_with(output);
    layer.body()->state().output_shape = output.shape();
  }
  void ends_with(const Tensor& output) {
    state().outputs = {output};
    model_state().outputs = {{output.dtype(), output.shape()}};
  }

  std::vector<Tensor> made_;  // what comes out of each layer, once the input is known
};

SequentialBody& body_of(const Layer& layer) { return static_cast<SequentialBody&>(*layer.body()); }

const ir::Type& known(const Layer& layer, const std::vector<ir::Type>& types, const char* what) {
  if (!types.empty()) return types[0];
  throw ValueError(
      fmt::format("{} has no {} yet: its input is not known. Add an Input first, give the first layer its input_dim or "
                  "input_shape, or call build(shape).",
                  layers::describe(*layer.body()), what));
}

}  // namespace

Sequential::Sequential(std::vector<Layer> layers, SequentialArgs args)
    : Model(make_body<SequentialBody>(std::move(args))) {
  for (const Layer& layer : layers) add(layer);
}

Sequential Sequential::from_layer(const Layer& layer) {
  if (auto body = std::dynamic_pointer_cast<SequentialBody>(layer.body())) return {Wrap{}, std::move(body)};
  throw TypeError(fmt::format("{} is no Sequential.", layers::describe(*layer.body())));
}

void Sequential::add(const Layer& layer) const { body_of(*this).add(layer); }
void Sequential::add(const Tensor& input) const { body_of(*this).add(input); }
void Sequential::pop() const { body_of(*this).pop(); }

Shape Sequential::input_shape() const { return known(*this, model_body().model_state().inputs, "input_shape").shape; }
Shape Sequential::output_shape() const {
  return known(*this, model_body().model_state().outputs, "output_shape").shape;
}

}  // namespace keras
