// Sequential: a stack of layers, built layer by layer as far as the input is known.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>
#include <keras/ops.h>

#include "layers/frame.h"
#include "layers/layer_state.h"
#include "layers/names.h"
#include "layers/table.h"
#include "models/model_state.h"
#include "ops/trace.h"
#include "support/text.h"

namespace keras {
namespace {

// Whether `shape` is one of those that `expected`, which may have None, stands for; the batch does not count.
bool fits(const Shape& expected, const Shape& shape) {
  bool same = expected.rank() == shape.rank();
  for (std::size_t i = 1; same && i < expected.size(); ++i) {
    same = !expected[i].known() || !shape[i].known() || expected[i] == shape[i];
  }
  return same;
}

struct SequentialBody final : ModelBody {
  static constexpr auto class_name = "Sequential";
  using Args = SequentialArgs;
  explicit SequentialBody(Args) {}

  void add(const Layer& layer) {
    if (layer.body().get() == this)
      throw ValueError(fmt::format("{} cannot be added to itself.", layers::describe(*this)));
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
    const ops::NodePtr& node = ops::node_of(input);
    if (node->kind != ops::TensorNode::Kind::placeholder) {
      throw ValueError(fmt::format("{}: add takes a layer, or what Input() gives. Received: {}.",
                                   layers::describe(*this), input.str()));
    }
    if (!state().children.empty() || !model_state().inputs.empty()) {
      throw ValueError(fmt::format(
          "{}: an Input comes first and once. The model has {} layer{} already{}.", layers::describe(*this),
          state().children.size(), state().children.size() == 1 ? "" : "s",
          model_state().inputs.empty() ? "" : " and inputs of shape " + model_state().inputs[0].shape.str()));
    }
    declare_input(node->type, node->name);
  }

  void pop() {
    if (state().children.empty()) {
      throw ValueError(fmt::format("{}: there is no layer to take away: the model is empty.", layers::describe(*this)));
    }
    state().children.pop_back();
    state().child_names.pop_back();
    if (!shapes_.empty()) shapes_.pop_back();
    if (shapes_.empty()) {
      state().built = false;
      model_state().outputs.clear();
    } else {
      model_state().outputs = {shapes_.back()};
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
      declare_input({layers[0].body()->dtype(), inputs[0]}, layers::unique_name("InputLayer"));
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
    std::vector<Tensor> values = {standardize(call.inputs[0])};
    for (const Layer& layer : state().children) values = layer.outputs(values);
    return values;
  }

  Config get_config() const override {
    Config config = LayerBody::get_config().set("dtype", layers::dtype_config(dtype()));
    Config list = Config::list();
    if (!model_state().inputs.empty()) {
      const ir::Type& input = model_state().inputs[0];
      list.push_back(Config::map({{"module", "keras.layers"},
                                  {"class_name", "InputLayer"},
                                  {"config", Config::map({{"batch_shape", as_config(input.shape)},
                                                          {"dtype", input.dtype.name()},
                                                          {"sparse", false},
                                                          {"ragged", false},
                                                          {"name", input_name_},
                                                          {"optional", false}})},
                                  {"registered_name", nullptr}}));
    }
    for (const Layer& layer : state().children) list.push_back(layers::shelf().write(layer.body().get()));
    config.set("layers", list);
    if (!model_state().inputs.empty()) config.set("build_input_shape", as_config(model_state().inputs[0].shape));
    return config;
  }

 private:
  void declare_input(const ir::Type& type, const std::string& name) {
    model_state().inputs = {type};
    input_name_ = name;
    state().declared_input = type.shape;
    state().build_shapes = {type.shape};
  }
  void forget_input() {
    model_state().inputs.clear();
    model_state().outputs.clear();
    shapes_.clear();
    state().declared_input.reset();
    state().build_shapes.clear();
  }

  // From the first layer: what its arguments say, or what a model inside takes.
  void declare_input_of(const Layer& first) {
    if (const auto& declared = first.body()->state().declared_input) {
      declare_input({first.body()->dtype(), *declared}, layers::unique_name("InputLayer"));
    } else if (const auto* model = dynamic_cast<const ModelBody*>(first.body().get())) {
      const std::vector<ir::Type>& inputs = model->model_state().inputs;
      if (inputs.size() == 1) declare_input(inputs[0], layers::unique_name("InputLayer"));
    }
  }

  // Builds the layer on what comes out of those before it, and notes what comes out of it.
  void extend(const Layer& layer) {
    const ops::Trace scratch;
    const ir::Type& before = shapes_.empty() ? model_state().inputs[0] : shapes_.back();
    const Tensor output = layer(ops::placeholder(before, "input"));
    shapes_.push_back({output.dtype(), output.shape()});
    model_state().outputs = {shapes_.back()};
    layer.body()->state().output_shape = output.shape();
  }

  // The input in the model's dtype, with an axis of 1 at its end where there is one too many or too few, as Keras does.
  Tensor standardize(const Tensor& given) const {
    const ir::Type& expected = model_state().inputs[0];
    const Shape& shape = given.shape();
    Tensor x = given;
    if (shape.rank() == expected.shape.rank() + 1 && shape.back() == Dim(1)) {
      x = ops::squeeze(x, {-1});
    } else if (shape.rank() + 1 == expected.shape.rank() && expected.shape.back() == Dim(1)) {
      x = ops::expand_dims(x, -1);
    }
    if (!fits(expected.shape, x.shape())) {
      throw ValueError(fmt::format(
          "{}: expected an input of shape {}. Received: shape={}. Reshape the data, or say in the first layer "
          "what they are.",
          layers::describe(*this), expected.shape.str(), shape.str()));
    }
    return ops::cast(x, expected.dtype);
  }

  std::vector<ir::Type> shapes_;  // what comes out of each layer, once the input is known
  std::string input_name_;
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
