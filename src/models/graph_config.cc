#include "models/graph_config.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <span>
#include <unordered_map>

#include "layers/layer_state.h"
#include "layers/table.h"
#include "models/functional.h"
#include "models/model_state.h"

namespace keras {
namespace {

bool is_functional(const Layer& layer) { return dynamic_cast<const FunctionalBody*>(layer.body().get()) != nullptr; }
bool is_model(const Layer& layer) { return dynamic_cast<const ModelBody*>(layer.body().get()) != nullptr; }

// Whether Keras 3 writes the shapes of the inputs: where its class has a build() of its own.
bool has_build_config(const Layer& layer) {
  const LayerState& state = layer.body()->state();
  if (!state.built || state.build_shapes.empty() || layer.class_name() == "InputLayer") return false;
  static constexpr std::string_view kBuilt[] = {
      "Add",          "Average",      "Concatenate",  "Cropping1D",    "Cropping2D",    "Cropping3D",   "Dot",
      "Flatten",      "Maximum",      "Minimum",      "Multiply",      "Permute",       "RepeatVector", "Subtract",
      "UpSampling1D", "UpSampling2D", "UpSampling3D", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"};
  const bool built = std::find(std::begin(kBuilt), std::end(kBuilt), layer.class_name()) != std::end(kBuilt);
  return built || is_model(layer) || !state.weights.empty() || !state.children.empty();
}

Config build_config(const Layer& layer) {
  const std::vector<Shape>& shapes = layer.body()->state().build_shapes;
  if (is_functional(layer)) return Config::map({{"input_shape", nullptr}});
  if (shapes.size() == 1 || takes_states(layer)) return Config::map({{"input_shape", as_config(shapes[0])}});
  return Config::map({{"input_shape", as_config(shapes)}});
}

class Writer {
 public:
  explicit Writer(const FunctionalBody& model) : model_(model) {
    for (const FunctionalBody::Operation& operation : model.operations()) {
      for (std::size_t i = 0; i < operation.calls.size(); ++i)
        nodes_[operation.calls[i].get()] = static_cast<std::int64_t>(i);
    }
  }

  Config graph() const {
    Config layers = Config::list();
    for (const FunctionalBody::Operation& operation : model_.operations()) layers.push_back(entry(operation));
    return Config::map({{"name", model_.name()},
                        {"trainable", model_.trainable()},
                        {"layers", std::move(layers)},
                        {"input_layers", ends(model_.state().inputs)},
                        {"output_layers", ends(model_.state().outputs)}});
  }

 private:
  static const LayerCall* as_layer(const ops::CallRecord& call) { return dynamic_cast<const LayerCall*>(&call); }

  Config entry(const FunctionalBody::Operation& operation) const {
    const ops::CallRecord& first = *operation.calls[0];
    const LayerCall* layer = as_layer(first);
    Config written = layer ? whole_config(layer->layer) : op_config(first);
    Config nodes = Config::list();
    for (const CallPtr& call : operation.calls) {
      if (is_input(call)) continue;
      const LayerCall* each = as_layer(*call);
      nodes.push_back(each ? layer_node(*each) : op_node(*call));
    }
    return written.set("name", first.name).set("inbound_nodes", std::move(nodes));
  }

  // Where the model begins: at its own inputs, also where they are what another model's layer gave.
  bool is_input(const CallPtr& call) const {
    return std::any_of(model_.state().inputs.begin(), model_.state().inputs.end(),
                       [&](const Tensor& input) { return model_.source(input) == call; });
  }

  static Config op_config(const ops::CallRecord& call) {
    const Config text = call.description();
    if (text.is_null()) {
      throw NotImplementedError(
          fmt::format("The op {} (\"{}\") cannot be written into a configuration. Put it into a layer of its own, "
                      "a LayerBody, which is saved with its class's name.",
                      call.class_name(), call.name));
    }
    std::string class_name = text.at("class_name").as_string();
    if (class_name == "Abs") class_name = "Absolute";
    Config config = Config::map({{"name", call.name}});
    for (const auto& [key, value] : text.at("config").entries()) config.set(key, value);
    return Config::map({{"module", module_of_op(class_name)},
                        {"class_name", class_name},
                        {"config", std::move(config)},
                        {"registered_name", class_name}});
  }

  Config op_node(const ops::CallRecord& call) const {
    const Config text = call.description();
    return Config::map({{"args", filled(text.at("args"), call)}, {"kwargs", filled(text.at("kwargs"), call)}});
  }

  // With tensors in place of the slots.
  Config filled(const Config& item, const ops::CallRecord& call) const {
    if (const auto slot = ops::slot_of(item)) return tensor(call.inputs.at(*slot), call);
    if (item.is_list()) {
      Config list = Config::list();
      for (const Config& each : item.items()) list.push_back(filled(each, call));
      return list;
    }
    if (!item.is_map()) return item;
    Config map = Config::map();
    for (const auto& [key, value] : item.entries()) map.set(key, filled(value, call));
    return map;
  }

  Config layer_node(const LayerCall& call) const {
    const Layer& layer = call.layer;
    std::vector<Config> inputs, masks, states;
    Config kwargs = Config::map();
    for (const Tensor& each : call.given_inputs()) inputs.push_back(tensor(each, call));
    if (takes_states(layer)) {
      states.assign(inputs.begin() + 1, inputs.end());
      inputs.resize(1);
    }
    bool masked = false;
    for (const Tensor& each : call.given_masks()) {
      masks.push_back(each.empty() ? Config() : tensor(each, call));
      masked = masked || !each.empty();
    }
    std::vector<std::pair<std::string, std::vector<Config>>> extra;
    for (const auto& [key, value] : call.given_extra()) {
      if (key == "initial_state") {
        states.push_back(tensor(value, call));
        continue;
      }
      auto found =
          std::find_if(extra.begin(), extra.end(), [&name = key](const auto& each) { return each.first == name; });
      if (found == extra.end()) found = extra.insert(extra.end(), {key, {}});
      found->second.push_back(tensor(value, call));
    }
    if (!states.empty())
      kwargs.set("initial_state", states.size() == 1 ? std::move(states[0]) : Config::list(std::move(states)));
    for (auto& [key, values] : extra)
      kwargs.set(key, values.size() == 1 ? std::move(values[0]) : Config::list(std::move(values)));
    if (call.training) kwargs.set("training", *call.training);
    if (masked || is_model(layer)) {
      if (!masked) masks.assign(inputs.size(), {});
      kwargs.set("mask", masks.size() == 1 ? std::move(masks[0]) : Config::list(std::move(masks)));
    }
    Config args = Config::list({inputs.size() == 1 ? std::move(inputs[0]) : Config::list(std::move(inputs))});
    return Config::map({{"args", std::move(args)}, {"kwargs", std::move(kwargs)}});
  }

  Config tensor(const Tensor& tensor, const ops::CallRecord& user) const {
    if (const CallPtr source = model_.source(tensor)) {
      const auto node = nodes_.find(source.get());
      if (node != nodes_.end()) {
        Config history = Config::list({source->name, node->second, index_of(tensor, *source)});
        return Config::map({{"class_name", "__keras_tensor__"},
                            {"config", Config::map({{"shape", as_config(tensor.shape())},
                                                    {"dtype", tensor.dtype().name()},
                                                    {"keras_history", std::move(history)}})}});
      }
    }
    return constant(tensor, user);
  }

  static std::int64_t index_of(const Tensor& tensor, const ops::CallRecord& source) {
    return source.inputs.empty() ? 0 : tensor.node()->index;
  }

  static Config constant(const Tensor& tensor, const ops::CallRecord& user) {
    const ops::NodePtr& node = tensor.node();
    if (!node) return {};
    if (node->kind == ops::TensorNode::Kind::integer) return static_cast<std::int64_t>(node->number);
    if (node->kind == ops::TensorNode::Kind::real) return node->number;
    if (node->kind == ops::TensorNode::Kind::variable || node->variable) {
      throw NotImplementedError(
          fmt::format("\"{}\" takes a Variable, which belongs to no layer and so to no configuration. Make it the "
                      "weight of a LayerBody.",
                      user.name));
    }
    const Array value = eval(tensor);
    const Array numbers = value.astype(DType::float64).reshape({-1});
    std::size_t at = 0;
    Config list = nested(value, numbers.values<double>(), 0, at);
    if (value.ndim() == 0) return list;
    return Config::map({{"class_name", "__numpy__"},
                        {"config", Config::map({{"value", std::move(list)}, {"dtype", value.dtype().name()}})}});
  }

  // The elements from `at` on as nested lists of the axes from `axis` on.
  static Config nested(const Array& value, std::span<const double> numbers, int axis, std::size_t& at) {
    if (axis == value.ndim()) {
      const double number = numbers[at++];
      if (value.dtype() == DType::boolean) return number != 0;
      return value.dtype().is_floating() ? Config(number) : Config(static_cast<std::int64_t>(number));
    }
    Config list = Config::list();
    for (std::int64_t i = 0; i < value.shape()[static_cast<std::size_t>(axis)].value(); ++i)
      list.push_back(nested(value, numbers, axis + 1, at));
    return list;
  }

  // One tensor stands by itself, as in Keras, where Model(x, y) is not Model([x], [y]).
  Config ends(const std::vector<Tensor>& tensors) const {
    std::vector<Config> list;
    for (const Tensor& tensor : tensors) {
      const CallPtr source = model_.source(tensor);
      const LayerCall* layer = as_layer(*source);
      const bool functional = layer && !is_input(source) && is_functional(layer->layer);  // their first node is 1
      list.push_back(
          Config::list({source->name, nodes_.at(source.get()) + (functional ? 1 : 0), index_of(tensor, *source)}));
    }
    return list.size() == 1 ? std::move(list[0]) : Config::list(std::move(list));
  }

  const FunctionalBody& model_;
  std::unordered_map<const ops::CallRecord*, std::int64_t> nodes_;  // how manieth of its layer's calls here
};

struct ClassesOf {
  const char* module;
  std::vector<std::string_view> classes;
};

}  // namespace

const char* module_of_op(std::string_view class_name) {
  static const auto* const table = new std::vector<ClassesOf>{
      {"keras.src.ops.core", {"Cast", "Slice", "StopGradient", "Unstack"}},
      {"keras.src.ops.math", {"Erf", "InTopK", "Logsumexp", "Rsqrt", "TopK"}},
      {"keras.src.ops.linalg", {"Norm"}},
      {"keras.src.ops.image", {"Resize"}},
      {"keras.src.ops.nn",
       {"AveragePool",
        "BatchNorm",
        "BinaryCrossentropy",
        "CategoricalCrossentropy",
        "Celu",
        "Conv",
        "ConvTranspose",
        "DepthwiseConv",
        "Elu",
        "Gelu",
        "Glu",
        "HardShrink",
        "HardSigmoid",
        "HardSilu",
        "HardTanh",
        "LeakyRelu",
        "LogSigmoid",
        "LogSoftmax",
        "MaxPool",
        "Moments",
        "Normalize",
        "OneHot",
        "Relu",
        "Relu6",
        "Selu",
        "SeparableConv",
        "Sigmoid",
        "Silu",
        "SoftShrink",
        "Softmax",
        "Softplus",
        "Softsign",
        "SparseCategoricalCrossentropy",
        "SparsePlus",
        "SparseSigmoid",
        "Sparsemax",
        "Squareplus",
        "TanhShrink",
        "Threshold"}},
  };
  for (const ClassesOf& each : *table) {
    if (std::find(each.classes.begin(), each.classes.end(), class_name) != each.classes.end()) return each.module;
  }
  return "keras.src.ops.numpy";
}

bool takes_states(const Layer& layer) {
  const Config arguments = layer.body()->Body::get_config();
  return (arguments.is_map() && arguments.contains("return_state")) || layer.class_name() == "Bidirectional";
}

Config whole_config(const Layer& layer) {
  Config written = layers::serialize(layer);
  if (has_build_config(layer)) written.set("build_config", build_config(layer));
  return written;
}

Config graph_config(const FunctionalBody& model) { return Writer(model).graph(); }

}  // namespace keras
