// LayerBody: what every layer has: a name, weights, children, a configuration.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/layer.h>

#include <algorithm>

#include "layers/frame.h"
#include "layers/layer_state.h"
#include "layers/reading.h"
#include "ops/names.h"
#include "ops/tensor_node.h"
#include "support/text.h"

namespace keras {

namespace {

void append(std::vector<Variable>& list, const Variable& variable) {
  if (std::find(list.begin(), list.end(), variable) == list.end()) list.push_back(variable);
}

void append_weights(std::vector<Variable>& list, const LayerState& state) {
  for (const bool trainable : {true, false}) {
    for (const OwnWeight& weight : state.weights) {
      if (weight.trainable == trainable) append(list, weight.variable);
    }
  }
  for (const Layer& child : state.children) append_weights(list, child.body()->state());
}

std::string weight_path(const LayerState& state, const std::string& name) {
  const layers::Frame* frame = layers::Frame::current();
  const std::string layer = frame ? frame->path() : state.name;
  return layer.empty() ? name : layer + "/" + name;
}

// The argument of this name where it is given.
const Config* given(const Config& config, const char* name) {
  const Config* value = config.find(name);
  return value && !value->is_null() ? value : nullptr;
}

std::optional<Shape> declared_input(const Config& config, const std::string& who, bool own_input_dim) {
  const Config *dim = own_input_dim ? nullptr : given(config, "input_dim"), *shape = given(config, "input_shape"),
               *batch_shape = given(config, "batch_input_shape");
  if ((dim != nullptr) + (shape != nullptr) + (batch_shape != nullptr) > 1) {
    throw ValueError(
        fmt::format("{}: input_dim, input_shape and batch_input_shape say the same thing. Give one of them.", who));
  }
  Shape declared;
  if (dim) return Shape{None, Dim(dim->as_int())};
  if (shape) {
    read_config(*shape, declared);
    return declared.with_front(None);
  }
  if (!batch_shape) return {};
  read_config(*batch_shape, declared);
  return declared;
}

}  // namespace

LayerBody::LayerBody() : state_(std::make_unique<LayerState>()) { state_->dtype = config::floatx(); }
LayerBody::~LayerBody() = default;

void LayerBody::build(const Shape&) {}

void LayerBody::build_all(const std::vector<Shape>& inputs) { build(inputs.empty() ? Shape() : inputs[0]); }

Tensor LayerBody::call(const Tensor&) {
  throw NotImplementedError(
      fmt::format("{}: the class {} overrides neither call nor call_all, one of which says what the layer computes.",
                  layers::describe(*this), class_name()));
}

std::vector<Tensor> LayerBody::call_all(const Call& call) {
  if (call.inputs.size() != 1) {
    throw ValueError(
        fmt::format("{}: it takes one input. Received: {} inputs.", layers::describe(*this), call.inputs.size()));
  }
  return {this->call(call.inputs[0])};
}

std::vector<Tensor> LayerBody::compute_mask(const Call& call) {
  return state_->supports_masking ? call.masks : std::vector<Tensor>();
}

Config LayerBody::get_config() const {
  const Config made_with = Body::get_config();
  if (made_with.is_null()) return Config::map();
  Config config = Config::map();
  if (made_with.contains("name")) config.set("name", state_->name);
  if (made_with.contains("trainable")) config.set("trainable", state_->trainable);
  if (made_with.contains("dtype")) config.set("dtype", layers::dtype_config(state_->dtype));
  if (const Config* regularizer = given(made_with, "activity_regularizer"))
    config.set("activity_regularizer", *regularizer);
  for (const auto& [key, value] : made_with.entries()) {
    static constexpr std::string_view kElsewhere[] = {"input_dim", "input_shape", "batch_input_shape",
                                                      "activity_regularizer"};
    const bool elsewhere = std::find(std::begin(kElsewhere), std::end(kElsewhere), key) != std::end(kElsewhere);
    if (!config.contains(key) && (!elsewhere || (key == "input_dim" && state_->own_input_dim))) {
      config.set(key, value);
    }
  }
  return config;
}

const std::string& LayerBody::name() const { return state_->name; }
bool LayerBody::trainable() const { return state_->trainable; }
DType LayerBody::dtype() const { return state_->dtype; }
bool LayerBody::built() const { return state_->built; }
std::vector<Layer> LayerBody::layers() const { return state_->children; }

std::vector<Variable> LayerBody::weights() const {
  std::vector<Variable> list;
  append_weights(list, *state_);
  return list;
}

Variable LayerBody::add_weight(const std::string& name, const Shape& shape, const Initializer& initializer,
                               WeightArgs args) {
  if (!shape.known()) {
    throw ValueError(
        fmt::format("{}: the weight \"{}\" cannot have the shape {}: each size must be known when the layer is built. "
                    "Say what the input is, for instance with Input({{…}}).",
                    layers::describe(*this), name, shape.str()));
  }
  const DType dtype = args.dtype.value_or(state_->dtype);
  const std::size_t index = state_->weights.size();
  layers::Reading* const reading = layers::Reading::current();
  const std::string what = fmt::format("{}: the weight \"{}\"", layers::describe(*this), name);
  layers::check_weight(what, shape, dtype);
  Array initial;
  if (index < state_->initial_weights.size()) {
    initial = state_->initial_weights[index].copy();
    if (initial.shape() != shape) {
      throw ValueError(
          fmt::format("{}: weights= expected an array of shape {} for \"{}\". Received: shape={} as array {}.",
                      layers::describe(*this), shape.str(), name, initial.shape().str(), index));
    }
  } else if (reading && reading->blank_weights()) {
    initial = Array::empty(shape, dtype);
  } else if (initializer) {
    initial = initializer(shape, dtype);
  } else {
    initial = dtype.is_floating() ? Initializer("glorot_uniform")(shape, dtype) : zeros(shape, dtype);
  }
  if (initial.shape() != shape) {
    throw ValueError(fmt::format("{}: the initializer of \"{}\" must give an array of shape {}. Received: shape={}.",
                                 layers::describe(*this), name, shape.str(), initial.shape().str()));
  }
  Variable variable(initial, {.name = name, .trainable = args.trainable && state_->trainable, .dtype = dtype});
  variable.state()->path = weight_path(*state_, name);
  state_->weights.push_back({variable, args.regularizer, args.constraint, args.trainable});
  return variable;
}

void LayerBody::set_initial_weights(std::vector<Array> weights) { state_->initial_weights = std::move(weights); }

void LayerBody::set_supports_masking() { state_->supports_masking = true; }

void LayerBody::add_loss(const Tensor& loss) {
  ops::Trace* trace = ops::Trace::current();
  if (trace) trace->add_loss(loss);
}

void LayerBody::add_metric(const Tensor& value, const std::string& name) {
  if (name.empty()) throw ValueError(fmt::format("{}: add_metric needs a name.", layers::describe(*this)));
  if (ops::Trace* trace = ops::Trace::current()) trace->add_metric(name, value);
}

Layer LayerBody::child(const std::string& name, const Layer& layer) {
  if (layer.body().get() == this) throw ValueError(fmt::format("{} cannot be its own child.", layers::describe(*this)));
  if (layers::contains(layer, *this)) {
    throw ValueError(
        fmt::format("{}: {} cannot be its child «{}», because it has the former inside: that would be a "
                    "cycle.",
                    layers::describe(*this), layers::describe(*layer.body()), name));
  }
  auto& names = state_->child_names;
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    throw ValueError(fmt::format("{}: it has a child «{}» already.", layers::describe(*this), name));
  }
  names.push_back(name);
  state_->children.push_back(layer);
  if (!state_->trainable) layer.set_trainable(false);
  return layer;
}

void finish_body(LayerBody& body, const Config& config) {
  LayerState& state = body.state();
  const Config* name = given(config, "name");
  state.name = name ? name->as_string() : ops::unique_name(body.class_name());
  const bool any_name = layers::Reading::current() != nullptr;
  if (state.name.empty() || (!any_name && state.name.find('/') != std::string::npos)) {
    throw ValueError(
        fmt::format("{}: a layer's name must not be empty nor contain «/», which stands between names in paths. "
                    "Received: name=\"{}\".",
                    body.class_name(), support::printable(state.name)));
  }
  if (const Config* dtype = given(config, "dtype")) state.dtype = DType(dtype->as_string());
  state.declared_input = declared_input(config, layers::describe(body), state.own_input_dim);
  for (const OwnWeight& weight : state.weights)
    weight.variable.state()->path = weight_path(state, weight.variable.name());
  if (const Config* trainable = given(config, "trainable"); trainable && !trainable->as_bool()) {
    state.trainable = false;
    for (OwnWeight& weight : state.weights) weight.variable.set_trainable(false);
    for (const Layer& child : state.children) child.set_trainable(false);
  }
}

namespace layers {

std::string describe(const LayerBody& layer) { return fmt::format("{} \"{}\"", layer.class_name(), layer.name()); }

Config dtype_config(DType dtype) {
  return Config::map({{"module", "keras"},
                      {"class_name", "DTypePolicy"},
                      {"config", Config::map({{"name", dtype.name()}})},
                      {"registered_name", nullptr}});
}

std::string list_weights(const std::vector<Variable>& weights) {
  std::vector<std::string> items;
  for (const Variable& weight : weights) items.push_back(weight.name() + " " + weight.shape().str());
  return items.empty() ? "none" : support::list(items);
}

void for_each_layer(const Layer& layer, const std::function<void(const LayerState&)>& visit) {
  std::vector<const LayerState*> seen;
  const std::function<void(const Layer&)> walk = [&](const Layer& next) {
    const LayerState& state = next.body()->state();
    if (std::find(seen.begin(), seen.end(), &state) != seen.end()) return;
    seen.push_back(&state);
    visit(state);
    for (const Layer& child : state.children) walk(child);
  };
  walk(layer);
}

bool contains(const Layer& layer, const LayerBody& inner) {
  bool found = false;
  for_each_layer(layer, [&](const LayerState& state) { found = found || &state == &inner.state(); });
  return found;
}

std::vector<Tensor> regularization_losses(const Layer& layer) {
  std::vector<Tensor> losses;
  std::vector<Variable> seen;
  for_each_layer(layer, [&](const LayerState& state) {
    for (const OwnWeight& weight : state.weights) {
      if (!weight.regularizer || !weight.variable.trainable()) continue;
      if (std::find(seen.begin(), seen.end(), weight.variable) != seen.end()) continue;
      seen.push_back(weight.variable);
      losses.push_back(weight.regularizer(weight.variable));
    }
  });
  return losses;
}

std::vector<Constraint> constraints_of(const Layer& layer, const std::vector<Variable>& variables) {
  std::vector<Constraint> constraints(variables.size());
  for_each_layer(layer, [&](const LayerState& state) {
    for (const OwnWeight& weight : state.weights) {
      const auto at = std::find(variables.begin(), variables.end(), weight.variable);
      if (at != variables.end()) constraints[static_cast<std::size_t>(at - variables.begin())] = weight.constraint;
    }
  });
  return constraints;
}

}  // namespace layers
}  // namespace keras
