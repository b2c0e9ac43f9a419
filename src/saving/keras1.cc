#include "saving/keras1.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <string>
#include <vector>

#include "saving/value.h"
#include "support/text.h"

namespace keras::saving {
namespace {

void upgrade_merge(Config& layer) {
  const Config* given = layer.find("config");
  if (!given || !given->is_map()) return;
  const std::string mode = text_at(*given, "mode");
  static constexpr const char* kClasses[][2] = {{"sum", "Add"},     {"mul", "Multiply"},       {"ave", "Average"},
                                                {"max", "Maximum"}, {"concat", "Concatenate"}, {"dot", "Dot"},
                                                {"cos", "Dot"}};
  if (const std::string type = text_at(*given, "mode_type"); !type.empty() && type != "raw") return;  // a function
  for (const auto& [old, now] : kClasses) {
    if (mode != old) continue;
    Config config = Config::map();
    if (const Config* name = given->find("name")) config.set("name", *name);
    if (mode == "concat") config.set("axis", given->get("concat_axis", -1));
    if (mode == "dot" || mode == "cos") config.set("axes", given->get("dot_axes", -1));
    if (mode == "cos") config.set("normalize", true);
    layer.set("class_name", now).set("config", std::move(config));
    return;
  }
}

void upgrade_time_distributed_dense(Config& layer) {
  const Config* given = layer.find("config");
  if (!given || !given->is_map()) return;
  Config config = *given;
  const Config dim = config.get("input_dim", {}), length = config.get("input_length", {});
  config.erase("input_dim");
  config.erase("input_length");
  if (!config.contains("batch_input_shape") && !dim.is_null())
    config.set("batch_input_shape", Config::list({Config(), length, dim}));
  layer.set("class_name", "Dense").set("config", std::move(config));
}

// An entry of a functional model, called on what the layers of these names give.
Config called_on(Config layer, const std::vector<std::string>& inputs) {
  Config node = Config::list();
  for (const std::string& each : inputs) node.push_back(Config::list({each, 0, 0}));
  return layer.set("name", entry_name(layer)).set("inbound_nodes", Config::list({std::move(node)}));
}

struct Flattened {
  Config layers = Config::list(), inputs = Config::list();

  // Appends the layers of a Sequential, or of a branch, and gives the name of the last.
  std::string append(const Config& items, std::string last = {}) {
    for (const Config& layer : items.items()) {
      const Config* config = layer.is_map() ? layer.find("config") : nullptr;
      const std::string class_name = text_at(layer, "class_name");
      if (class_name == "Merge" && config && config->is_map() && config->contains("layers")) {
        std::vector<std::string> branches;
        for (const Config& branch : config->at("layers").items()) {
          const Config* inner = branch.is_map() ? branch.find("config") : nullptr;
          const bool list = inner && inner->is_list();
          branches.push_back(append(list ? *inner : Config::list({branch})));
        }
        layers.push_back(called_on(layer, branches));
        last = entry_name(layer);
        continue;
      }
      if (last.empty()) last = begin(layer);
      if (class_name == "InputLayer") continue;
      layers.push_back(called_on(layer, {last}));
      last = entry_name(layer);
    }
    return last;
  }

  // Where a branch begins: an InputLayer as its first layer says it.
  std::string begin(const Config& first) {
    const Config* config = first.is_map() ? first.find("config") : nullptr;
    const Config* shape = config && config->is_map() ? config->find("batch_input_shape") : nullptr;
    if (!shape) {
      throw ValueError(fmt::format("{}: the first layer of each branch of a Merge must say its batch_input_shape.",
                                   describe_entry(first)));
    }
    const bool input = text_at(first, "class_name") == "InputLayer";
    const std::string name = input ? entry_name(first) : entry_name(first) + "_input";
    std::string dtype = text_at(*config, "input_dtype");
    if (dtype.empty()) dtype = "float32";
    layers.push_back(
        Config::map({{"class_name", "InputLayer"},
                     {"config", Config::map({{"batch_input_shape", *shape}, {"dtype", dtype}, {"name", name}})},
                     {"name", name},
                     {"inbound_nodes", Config::list()}}));
    inputs.push_back(Config::list({name, 0, 0}));
    return name;
  }
};

}  // namespace

void upgrade_keras1(Config& layer) {
  const std::string class_name = text_at(layer, "class_name");
  if (class_name == "Merge") upgrade_merge(layer);
  if (class_name == "TimeDistributedDense") upgrade_time_distributed_dense(layer);
}

const char* removed_class(std::string_view class_name) {
  for (const char* name :
       {"Highway", "MaxoutDense", "SReLU", "ParametricSoftplus", "AtrousConvLSTM2D", "LambdaMerge"}) {
    if (class_name == name) return "a layer of Keras 1 that Keras 2 took away";
  }
  return class_name == "Merge" ? "a Merge of Keras 1 whose mode is a Python function" : nullptr;
}

bool begins_with_merge(const Config& layers) {
  if (!layers.is_list() || layers.size() == 0) return false;
  const Config& first = layers.items()[0];
  const Config* config = first.is_map() ? first.find("config") : nullptr;
  return text_at(first, "class_name") == "Merge" && config && config->is_map() && config->contains("layers");
}

Config merged_branches(const Config& layers, const Config& name) {
  Flattened flat;
  const std::string last = flat.append(layers);
  return Config::map({{"name", name},
                      {"layers", std::move(flat.layers)},
                      {"input_layers", std::move(flat.inputs)},
                      {"output_layers", Config::list({Config::list({last, 0, 0})})}});
}

}  // namespace keras::saving
