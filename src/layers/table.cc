#include "layers/table.h"

#include <keras/error.h>

#include "layers/core/lambda.h"

namespace keras::layers {

namespace {

// Arguments of Keras 1 that say in another way what others say now.
void upgrade_names(Config& config) {
  if (const Config* ordering = config.find("dim_ordering")) {
    const std::string value = ordering->is_string() ? ordering->as_string() : "default";
    if (value == "th" || value == "tf") config.set("data_format", value == "th" ? "channels_first" : "channels_last");
    config.erase("dim_ordering");
  }
  if (config.contains("nb_row") && config.contains("nb_col")) {
    const Config rows = config.at("nb_row"), columns = config.at("nb_col");
    config.set("kernel_size", Config::list({rows, columns}));
    for (const char* name : {"nb_row", "nb_col", "output_shape"}) config.erase(name);
  }
}

// What tf.keras writes beside the arguments of a class, because it derives one convolution from another.
void drop_inherited(Config& config) {
  const bool separable = config.contains("pointwise_initializer");
  const Config* groups = config.find("groups");
  if (groups && *groups == Config(1) && (config.contains("depth_multiplier") || config.contains("output_padding")))
    config.erase("groups");
  if (separable) {
    for (const char* name : {"kernel_initializer", "kernel_regularizer", "kernel_constraint"}) config.erase(name);
  }
  const Config* axis = config.find("axis");
  if (axis && axis->is_list() && axis->size() == 1 && config.contains("moving_mean_initializer"))
    config.set("axis", Config(axis->items()[0]));
}

// What Keras 3 writes beside the arguments, and what it writes otherwise than the arguments are given.
void upgrade(Config& config) {
  for (const char* name : {"quantization_config", "lora_rank", "lora_alpha"}) {
    if (const Config* value = config.find(name); value && value->is_null()) config.erase(name);
  }
  const Config* dtype = config.find("dtype");  // a policy, whose name is a dtype
  if (dtype && dtype->is_map() && dtype->contains("config"))
    config.set("dtype", Config(dtype->at("config").at("name")));
  upgrade_names(config);
  drop_inherited(config);
}

}  // namespace

const Shelf& shelf() {
  static const Shelf* const shelf = new Shelf("layer", "keras.layers",
                                              {
#define KERAS_LAYER(name, ...) {makers::name(), {__VA_ARGS__}},
#include "layers/layers.def"
                                              },
                                              upgrade);
  return *shelf;
}

Layer from_config(const Config& config) {
  std::shared_ptr<Body> body = shelf().read(config);
  if (!body) throw ValueError("No layer can be made of null: expected {\"class_name\": …, \"config\": …}.");
  return Layer(std::static_pointer_cast<LayerBody>(std::move(body)));
}

Layer from_config(const Maker& own_class, Config config) {
  upgrade(config);
  return Layer(std::static_pointer_cast<LayerBody>(own_class.make(config)));
}

Layer clone(const Layer& layer) {
  if (const LambdaArgs* args = lambda_args(*layer.body())) {  // whose function no configuration holds
    LambdaArgs again = *args;
    again.name = layer.name();
    again.function = {};
    return Lambda(args->function, std::move(again));
  }
  return from_config(shelf().write(layer.body().get()));
}

}  // namespace keras::layers

namespace keras {

// What a layer is made with may be one that has no configuration; that shows when the configuration is asked for.
Config as_config(const Layer& layer) {
  try {
    return layers::shelf().write(layer.body().get());
  } catch (const NotImplementedError&) {
    return Config::map({{"class_name", layer.class_name()}});
  }
}

void read_config(const Config& config, std::optional<Layer>& layer) {
  layer.reset();
  if (!config.is_null()) layer = layers::from_config(config);
}

void read_config(const Config& config, std::vector<Layer>& layers) {
  layers.clear();
  for (const Config& item : config.items()) layers.push_back(layers::from_config(item));
}

}  // namespace keras
