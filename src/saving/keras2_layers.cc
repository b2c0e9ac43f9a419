#include "saving/keras2_layers.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <string>
#include <vector>

#include "saving/tf_ops.h"
#include "saving/value.h"
#include "support/log.h"
#include "support/text.h"

namespace keras::saving {
namespace {

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_recurrent(std::string_view name) {
  return one_of(name, {"SimpleRNN", "GRU", "LSTM", "RNN", "ConvLSTM2D", "SimpleRNNCell", "GRUCell", "LSTMCell",
                       "ConvLSTM2DCell", "StackedRNNCells"});
}

Config object(const char* class_name, Config config) {
  return Config::map({{"class_name", class_name}, {"config", std::move(config)}});
}

// Keras before tf.keras had functions for those of these names, and one class for all.
Config initializer(const Config& given, const KerasVersion& target) {
  const std::string class_name = text_at(given, "class_name");
  Config config = given.get("config", Config::map());
  for (const char* name : {"input_axes", "output_axes"}) config.erase(name);
  if (!target.before(2, 4)) return object(class_name.c_str(), config);
  struct Scaled {
    const char* class_name;
    double scale;
    const char *mode, *distribution;
  };
  static constexpr Scaled kScaled[] = {
      {"GlorotUniform", 1, "fan_avg", "uniform"}, {"GlorotNormal", 1, "fan_avg", "normal"},
      {"HeUniform", 2, "fan_in", "uniform"},      {"HeNormal", 2, "fan_in", "normal"},
      {"LecunUniform", 1, "fan_in", "uniform"},   {"LecunNormal", 1, "fan_in", "normal"}};
  for (const Scaled& each : kScaled) {
    if (class_name != each.class_name) continue;
    return object("VarianceScaling", Config::map({{"scale", each.scale},
                                                  {"mode", each.mode},
                                                  {"distribution", each.distribution},
                                                  {"seed", config.get("seed", {})}}));
  }
  if (class_name == "VarianceScaling" && config.get("distribution", {}) == Config("truncated_normal"))
    config.set("distribution", "normal");
  return object(class_name.c_str(), config);
}

Config regularizer(const Config& given) {
  const std::string class_name = text_at(given, "class_name");
  const Config config = given.get("config", Config::map());
  if (one_of(class_name, {"L1", "L2", "L1L2"}))
    return object("L1L2", Config::map({{"l1", config.get("l1", 0.0)}, {"l2", config.get("l2", 0.0)}}));
  return object(class_name.c_str(), config);
}

// An object among the arguments without what Keras 3 writes beside it.
Config bare(const Config& given) {
  if (!given.is_map() || text_at(given, "class_name").empty()) return given;
  if (text_at(given, "class_name") == "function") return given.get("config", {});
  return object(text_at(given, "class_name").c_str(), given.get("config", Config::map()));
}

struct Idle {
  const char* name;
  Config value;
  int major, minor;       // there is such an argument from here on; 9: never
  bool harmless = false;  // another value is left out with a warning
};

// Arguments that came later, at the value that changes nothing.
const std::vector<Idle>& idle_arguments() {
  static const auto* const idle = new std::vector<Idle>{{"quantization_config", nullptr, 9, 0},
                                                        {"lora_rank", nullptr, 9, 0},
                                                        {"lora_alpha", nullptr, 9, 0},
                                                        {"synchronized", false, 2, 12},
                                                        {"optional", false, 9, 0},
                                                        {"use_cudnn", "auto", 9, 0, true},
                                                        {"zero_output_for_mask", false, 2, 4},
                                                        {"keepdims", false, 2, 6},
                                                        {"groups", 1, 2, 4},
                                                        {"ragged", false, 2, 4},
                                                        {"implementation", 1, 2, 4},
                                                        {"renorm", false, 2, 4},
                                                        {"renorm_clipping", nullptr, 2, 4},
                                                        {"renorm_momentum", 0.99, 2, 4, true},
                                                        {"output_padding", nullptr, 2, 2},
                                                        {"input_length", nullptr, 2, 0}};
  return *idle;
}

void drop_later(const std::string& what, Config& config, const KerasVersion& target, bool recurrent) {
  const auto drop = [&](const char* name, const Config& idle, bool harmless) {
    const Config* value = config.find(name);
    if (!value) return;
    if (*value != idle) {
      const std::string text = fmt::format("{}: Keras {} has no argument «{}». Received: {}={}.", what, target.text,
                                           name, name, value->to_json());
      if (!harmless) throw ValueError(text + " Save the model as .keras, or leave the argument at its default.");
      support::warn(text + " It is left out.");
    }
    config.erase(name);
  };
  for (const Idle& each : idle_arguments()) {
    if (target.before(each.major, each.minor)) drop(each.name, each.value, each.harmless);
  }
  if (recurrent) drop("seed", nullptr, true);
  const bool noise = config.contains("stddev") || what.starts_with("GaussianDropout");
  if (target.before(2, 4) && noise) drop("seed", nullptr, true);
}

void check_activation(const std::string& what, const Config& activation, const KerasVersion& target) {
  static constexpr std::string_view kKnown[] = {"elu", "exponential", "hard_sigmoid", "linear", "relu", "selu",
                                                "sigmoid", "softmax", "softplus", "softsign", "tanh",
                                                // from tf.keras on
                                                "gelu", "leaky_relu", "log_softmax", "mish", "relu6", "silu"};
  static constexpr std::size_t kOld = 11;
  if (!activation.is_string()) return;
  const auto known = std::find(std::begin(kKnown), std::end(kKnown), activation.as_string()) - std::begin(kKnown);
  const std::size_t count = target.before(2, 4) ? kOld : std::size(kKnown);
  static constexpr std::string_view kOfKeras3[] = {
      "celu",           "gelu",        "glu",        "hard_shrink", "hard_silu", "hard_tanh",   "leaky_relu",
      "log_sigmoid",    "log_softmax", "mish",       "relu6",       "silu",      "soft_shrink", "sparse_plus",
      "sparse_sigmoid", "sparsemax",   "squareplus", "tanh_shrink"};
  const bool of_keras =
      std::find(std::begin(kOfKeras3), std::end(kOfKeras3), activation.as_string()) != std::end(kOfKeras3);
  if (of_keras && static_cast<std::size_t>(known) >= count)
    throw ValueError(fmt::format("{}: Keras {} has no activation {}.", what, target.text, activation.to_json()));
}

// With its module, which Keras 3 asks for there, and the others do not read.
Config inner_layer(const Config& entry, const KerasVersion& target) {
  const Config layer = keras2_layer(entry, target);
  const Config module = entry.get("module", {});
  if (module.is_null()) return layer;
  Config written = Config::map({{"module", module}});
  for (const auto& [key, value] : layer.entries()) written.set(key, value);
  return written.set("registered_name", nullptr);
}

// Keras 2 makes both directions from one layer, whose name it prefixes.
void keras2_bidirectional(const std::string& what, Config& config, const KerasVersion& target) {
  const auto direction = [&](Config layer) {
    Config arguments = layer.get("config", Config::map());
    arguments.erase("zero_output_for_mask");  // which Bidirectional sets by itself
    return inner_layer(layer.set("config", arguments), target);
  };
  Config forward = direction(config.at("layer")), backward = config.get("backward_layer", {});
  Config arguments = forward.at("config");
  const std::string name = text_at(arguments, "name");
  if (name.starts_with("forward_")) arguments.set("name", name.substr(8));
  forward.set("config", arguments);
  config.set("layer", forward);
  config.erase("backward_layer");
  if (backward.is_null()) return;
  Config other = direction(backward), mirrored = arguments, theirs = other.at("config");
  mirrored.set("go_backwards", !arguments.get("go_backwards", false).as_bool());
  mirrored.erase("name");
  Config compared = theirs;
  compared.erase("name");
  if (other.at("class_name") == forward.at("class_name") && compared == mirrored) return;
  if (target.before(2, 4))
    throw ValueError(fmt::format("{}: Keras {} has no backward_layer of its own.", what, target.text));
  config.set("backward_layer", other.set("config", theirs));
}

Config layer_config(const std::string& name, Config config) {
  config.set("name", name);
  return config;
}

}  // namespace

Config keras2_layer(const Config& entry, const KerasVersion& target) {
  std::string class_name = text_at(entry, "class_name");
  const std::string what = describe_entry(entry);
  Config config = Config::map();
  const Config given = entry.get("config", Config::map());
  for (const auto& [key, value] : given.entries()) {
    if (value.is_map() && key.ends_with("_initializer")) {
      config.set(key, initializer(value, target));
    } else if (value.is_map() && key.ends_with("_regularizer")) {
      config.set(key, regularizer(value));
    } else if (value.is_map() && (key == "layer" || key == "cell") && class_name != "Bidirectional") {
      config.set(key, inner_layer(value, target));
    } else if (value.is_map() && (key == "layer" || key == "backward_layer")) {
      config.set(key, value);
    } else if (value.is_list() && key == "cells") {
      Config cells = Config::list();
      for (const Config& cell : value.items()) cells.push_back(inner_layer(cell, target));
      config.set(key, std::move(cells));
    } else if (key.ends_with("activation")) {
      config.set(key, bare(value));
      check_activation(what, config.at(key), target);
    } else if (key == "dtype" && value.is_map()) {
      config.set(key, value.get("config", Config::map()).get("name", "float32"));
    } else {
      config.set(key, bare(value));
    }
  }
  if (class_name == "Bidirectional") keras2_bidirectional(what, config, target);
  if (class_name == "InputLayer" && config.contains("batch_shape")) {
    Config input = Config::map({{"batch_input_shape", config.at("batch_shape")}});
    for (const auto& [key, value] : config.entries()) {
      if (key != "batch_shape") input.set(key, value);
    }
    config = std::move(input);
  }
  if (class_name == "LeakyReLU" && config.contains("negative_slope")) {
    config.set("alpha", Config(config.at("negative_slope")));
    config.erase("negative_slope");
  }
  if (class_name.starts_with("SpatialDropout") && config.get("data_format", {}).is_null()) config.erase("data_format");
  if (class_name == "ZeroPadding1D" && config.get("data_format", "channels_last") == Config("channels_last"))
    config.erase("data_format");
  if (target.before(2, 4) && one_of(class_name, {"DepthwiseConv1D", "Conv1DTranspose"}))
    throw ValueError(fmt::format("{}: Keras {} has no {}.", what, target.text, class_name));
  drop_later(what, config, target, is_recurrent(class_name));
  Config written = Config::map({{"class_name", class_name}, {"config", std::move(config)}});
  for (const char* beside : {"hard_sigmoid_slope", "shared_object_id"}) {
    if (const Config* value = entry.find(beside)) written.set(beside, *value);
  }
  return written;
}

Keras2Op keras2_op(const Config& entry, const KerasVersion& target) {
  const std::string op = text_at(entry, "class_name"), name = entry_name(entry);
  const Config given = entry.get("config", Config::map());
  const Config& nodes = entry.at("inbound_nodes");
  const Config args = nodes.size() == 1 ? nodes.items()[0].get("args", Config::list()) : Config::list();
  const auto is_tensor = [](const Config& arg) { return text_at(arg, "class_name") == "__keras_tensor__"; };
  const bool tensors = std::all_of(args.items().begin(), args.items().end(), is_tensor);
  const auto layer = [&](const char* class_name, Config config = Config::map()) {
    return Keras2Op{.layer = object(class_name, layer_config(name, std::move(config)))};
  };
  if (tensors && args.size() == 2 && one_of(op, {"Add", "Subtract", "Multiply", "Maximum", "Minimum"}))
    return layer(op.c_str());
  if (op == "Concatenate") return layer("Concatenate", Config::map({{"axis", given.get("axis", -1)}}));
  static constexpr const char* kActivations[][2] = {
      {"Relu", "relu"},         {"Sigmoid", "sigmoid"}, {"Tanh", "tanh"},      {"Softplus", "softplus"},
      {"Softsign", "softsign"}, {"Selu", "selu"},       {"Exp", "exponential"}};
  for (const auto& [from, to] : kActivations) {
    if (op == from) return layer("Activation", Config::map({{"activation", to}}));
  }
  if (op == "Softmax" && given.get("axis", -1) == Config(-1))
    return layer("Activation", Config::map({{"activation", "softmax"}}));
  if (op == "LeakyRelu") return layer("LeakyReLU", Config::map({{"alpha", given.get("negative_slope", 0.2)}}));
  if (op == "Elu") return layer("ELU", Config::map({{"alpha", given.get("alpha", 1.0)}}));
  if (op == "Relu6") return layer("ReLU", Config::map({{"max_value", 6.0}}));
  const Config shape = given.get("newshape", {}), axes = given.get("axes", {});
  if (op == "Reshape" && shape.is_list() && shape.size() > 1 &&
      (shape.items()[0] == Config(-1) || shape.items()[0].is_null()) &&
      std::count(shape.items().begin(), shape.items().end(), Config(-1)) <= 1) {
    return layer("Reshape",
                 Config::map({{"target_shape", Config::list({shape.items().begin() + 1, shape.items().end()})}}));
  }
  if (op == "Transpose" && axes.is_list() && axes.size() > 1 && axes.items()[0] == Config(0))
    return layer("Permute", Config::map({{"dims", Config::list({axes.items().begin() + 1, axes.items().end()})}}));
  if (target.before(2, 4)) {
    throw ValueError(fmt::format(
        "The op {} «{}» cannot be said in Keras {}, which has layers only. Save the model as .keras, or put "
        "the op into a layer.",
        op, name, target.text));
  }
  return tf_op_of_keras(entry);
}

}  // namespace keras::saving
