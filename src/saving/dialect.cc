#include "saving/dialect.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "saving/keras1.h"
#include "saving/value.h"
#include "support/log.h"
#include "support/text.h"

namespace keras::saving {
namespace {

// What stands where in a model says who wrote it: the first of these that is found.
struct Signs {
  bool keras3 = false, modules = false, keras1 = false;
};

void look(const Config& item, Signs& signs) {
  if (item.is_list()) {
    for (const Config& each : item.items()) look(each, signs);
    return;
  }
  if (!item.is_map()) return;
  const std::string class_name = text_at(item, "class_name");
  const bool layer = !class_name.empty() && item.contains("config");
  signs.keras3 = signs.keras3 || class_name == "__keras_tensor__" ||
                 (class_name == "InputLayer" && item.contains("module") && item.get("config", {}).is_map() &&
                  item.at("config").contains("batch_shape"));
  signs.modules = signs.modules || (layer && item.contains("module"));
  static constexpr std::string_view kOld[] = {"nb_filter",     "border_mode", "output_dim",   "inner_init",
                                              "W_regularizer", "concat_axis", "dim_ordering", "init"};
  for (const auto& [key, value] : item.entries()) {
    const bool embedding = key == "output_dim" && item.contains("embeddings_initializer");
    signs.keras1 = signs.keras1 || (!embedding && std::find(std::begin(kOld), std::end(kOld), key) != std::end(kOld));
    look(value, signs);
  }
}

KerasVersion of(const char* text) { return version_of({}, text); }

// The functions of Keras 2 and 3 that share a name: what the version means by it, or what a note beside the layer says,
// which this library leaves where it writes such a function into the other version's file.
void keep_hard_sigmoid(Config& config, const Config* slope, const KerasVersion& version) {
  const double means = slope && slope->is_number() ? slope->as_real() : version.before(3) ? 0.2 : 1.0 / 6;
  const bool of_keras2 = means == 0.2;
  if (of_keras2 == (config::dialect().hard_sigmoid_slope == 0.2)) return;
  for (const char* key : {"activation", "recurrent_activation", "inner_activation"}) {
    const Config* value = config.find(key);
    const bool named = value && (*value == Config("hard_sigmoid") || (text_at(*value, "class_name") == "function" &&
                                                                      text_at(*value, "config") == "hard_sigmoid"));
    if (named) config.set(key, of_keras2 ? "hard_sigmoid_keras2" : "hard_sigmoid_keras3");
  }
}

void keep_defaults(const std::string& class_name, Config& config, const KerasVersion& version) {
  const auto give = [&](const char* name, Config value) {
    if (!config.contains(name)) config.set(name, std::move(value));
  };
  const bool cudnn = class_name.starts_with("CuDNN");
  if (cudnn) {
    give("recurrent_activation", "sigmoid");
    if (class_name == "CuDNNGRU") give("reset_after", true);
  }
  if (!version.before(3)) return;
  if (class_name == "GRU" || class_name == "GRUCell") give("reset_after", false);
  const bool gates = class_name == "GRU" || class_name == "GRUCell" || class_name.starts_with("LSTM") ||
                     class_name.starts_with("ConvLSTM2D");
  if (gates && !config.contains("inner_activation") && !config.contains("recurrent_activation") && !version.tensorflow)
    config.set("recurrent_activation", "hard_sigmoid");
  if (version.before(1, 2) && class_name == "BatchNormalization") give("epsilon", 1e-5);
  if (class_name == "UpSampling2D" && !version.tensorflow && version.before(2, 4) &&
      config.get("interpolation", "nearest") == Config("bilinear")) {
    support::warn_once("saving bilinear",
                       "UpSampling2D: Keras 2.2 and 2.3 took the pixels for interpolation=\"bilinear\" "
                       "from other places than Keras 3, whose way is taken here: results differ a little.");
  }
}

// "float" was a dtype, of NumPy's.
std::string known_dtype(const std::string& name) {
  return name == "float" ? "float32" : name == "double" ? "float64" : name == "half" ? "float16" : name;
}

// In Keras 2 the dtype of a layer was that of its input, and weights were floatx; later it may be a policy.
void keep_dtype(const std::string& class_name, Config& config, const KerasVersion& version) {
  if (version.before(3)) {
    if (class_name == "InputLayer" && config.get("dtype", {}).is_null() && config.contains("input_dtype"))
      config.set("dtype", Config(config.at("input_dtype")));
    config.erase("input_dtype");
  }
  const Config* given = config.find("dtype");
  if (!given) return;
  Config dtype = *given;
  if (dtype.is_map() && dtype.find("config") && dtype.at("config").is_map() && dtype.at("config").contains("name"))
    dtype = Config(dtype.at("config").at("name"));
  if (!dtype.is_string()) return;
  std::string name = known_dtype(dtype.as_string());
  if (name == "mixed_float16" || name == "mixed_bfloat16") {
    support::warn_once("saving " + name,
                       fmt::format("The policy {} is not in this version: the layers compute in float32, "
                                   "with the same weights.",
                                   name));
    name = "float32";
  }
  const bool known = name.starts_with("float") || name.starts_with("bfloat");
  if (name == "_infer" || (!known && version.before(3) && class_name != "InputLayer")) {
    config.erase("dtype");
  } else {
    config.set("dtype", name);
  }
}

// Arguments of some version that the classes here do not have, at the value that means nothing.
void drop_idle(const std::string& class_name, Config& config) {
  struct Idle {
    const char* name;
    Config value;
  };
  static const auto* const idle = new std::vector<Idle>{{"ragged", false},
                                                        {"sparse", false},
                                                        {"time_major", false},
                                                        {"autocast", true},
                                                        {"synchronized", false},
                                                        {"renorm", false},
                                                        {"fused", nullptr},
                                                        {"virtual_batch_size", nullptr},
                                                        {"adjustment", nullptr},
                                                        {"lora_rank", nullptr},
                                                        {"quantization_config", nullptr},
                                                        {"groups", 1},
                                                        {"num_constants", nullptr},
                                                        {"num_constants", 0},
                                                        {"optional", false},
                                                        {"activity_regularizer", nullptr},
                                                        {"_keras_shape", nullptr},
                                                        {"fused", true},
                                                        {"fused", false},
                                                        {"noise_shape", nullptr}};
  for (const Idle& each : *idle) {
    const Config* value = config.find(each.name);
    if (value && *value == each.value) config.erase(each.name);
  }
  config.erase("shared_object_id");
  if (const Config* dropout = config.find("dropout"); dropout && class_name == "Embedding") {
    if (dropout->is_number() && dropout->as_real() != 0) {
      support::warn_once("saving embedding dropout",
                         "Embedding: its dropout, which Keras 1 had, is left out: add a SpatialDropout1D behind it.");
    }
    config.erase("dropout");
  }
  if (class_name != "RNN" && !class_name.ends_with("LSTM") && !class_name.ends_with("GRU") &&
      class_name != "SimpleRNN" && class_name != "ConvLSTM2D" && config.get("stateful", {}) == Config(false))
    config.erase("stateful");
}

}  // namespace

KerasVersion version_of(const Config& model, const std::string& given) {
  std::string text = given;
  if (text.empty() && model.is_map()) text = text_at(model, "keras_version");
  if (text.empty()) {
    Signs signs;
    look(model, signs);
    if (signs.keras3) return of("3.15");
    if (signs.modules) return of("2.15-tf");
    return of(signs.keras1 ? "1.2.2" : "2.2.4");
  }
  KerasVersion version;
  version.text = text;
  const std::vector<std::string> parts = support::split(text, '.');
  const auto number = [](std::string part) {
    part = part.substr(0, part.find_first_not_of("0123456789"));
    return support::parse_int(part);
  };
  const auto major = parts.empty() ? std::nullopt : number(parts[0]);
  const auto minor = parts.size() < 2 ? std::optional<std::int64_t>(0) : number(parts[1]);
  if (!major || !minor || *major > 99 || *minor > 999) {
    throw ValueError(fmt::format("A version of Keras is written as 2.2.4 or 3.9.0. Received: keras_version=\"{}\".",
                                 support::printable(text)));
  }
  version.major = static_cast<int>(*major), version.minor = static_cast<int>(*minor);
  version.tensorflow = version.major == 2 && (text.find("tf") != std::string::npos || version.minor >= 4);
  return version;
}

Config upgraded_layer(const Config& layer, const KerasVersion& version) {
  if (!layer.is_map() || text_at(layer, "class_name").empty()) return layer;
  Config upgraded = layer;
  if (version.before(3)) upgrade_keras1(upgraded);
  const std::string class_name = text_at(upgraded, "class_name");
  const Config* arguments = upgraded.find("config");
  if (!arguments || !arguments->is_map()) return upgraded;
  if (is_model_class(class_name) || arguments->contains("input_layers")) return upgraded;  // read by themselves
  Config config = *arguments;
  for (const char* inner : {"layer", "backward_layer", "forward_layer", "cell"}) {
    if (const Config* entry = config.find(inner); entry && entry->is_map())
      config.set(inner, upgraded_layer(*entry, version));
  }
  if (const Config* cells = config.find("cells"); cells && cells->is_list()) {
    Config list = Config::list();
    for (const Config& cell : cells->items()) list.push_back(upgraded_layer(cell, version));
    config.set("cells", std::move(list));
  }
  if (class_name == "Bidirectional") config.erase("forward_layer");
  keep_defaults(class_name, config, version);
  keep_hard_sigmoid(config, upgraded.find("hard_sigmoid_slope"), version);
  keep_dtype(class_name, config, version);
  drop_idle(class_name, config);
  return upgraded.set("config", std::move(config));
}

Config parse_model_text(const std::string& text) {
  Config config = Config::from_json(text);
  for (int again = 0; again < 3 && config.is_string(); ++again) config = Config::from_json(Config(config).as_string());
  return config;
}

}  // namespace keras::saving
