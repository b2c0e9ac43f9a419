#include "layers/table.h"

#include <keras/error.h>

#include "layers/core/lambda.h"
#include "layers/layer_state.h"
#include "layers/sharing.h"
#include "layers/upgrades.h"

namespace keras::layers {

namespace {

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
void upgrade(const char* class_name, Config& config) {
  for (const char* name : {"quantization_config", "lora_rank", "lora_alpha"}) {
    if (const Config* value = config.find(name); value && value->is_null()) config.erase(name);
  }
  const Config* dtype = config.find("dtype");  // a policy, whose name is a dtype
  if (dtype && dtype->is_map() && dtype->contains("config"))
    config.set("dtype", Config(dtype->at("config").at("name")));
  upgrades::any(class_name, config);
  drop_inherited(config);
}

// The shape of the input with the batch, which Keras 2 wrote for the first layer of a Sequential, is no argument of the
// classes: taken out of the configuration, it goes to the layer that is made.
std::optional<Shape> take_batch_shape(Config& config) {
  const Config* arguments = config.is_map() ? config.find("config") : nullptr;
  const Config* given = arguments && arguments->is_map() ? arguments->find("batch_input_shape") : nullptr;
  if (!given || config.get("class_name", "") == Config("InputLayer")) return {};
  Config rest = *arguments;
  std::optional<Shape> shape;
  read_config(*given, shape);
  for (const char* name : {"batch_input_shape", "input_shape", "input_length"}) rest.erase(name);
  if (config.get("class_name", "") != Config("Embedding")) rest.erase("input_dim");
  config.set("config", rest);
  return shape;
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

Layer from_config(const Config& given) {
  if (const auto shared = shared_layer(given)) return *shared;
  Config config = given;
  const std::optional<Shape> batch_shape = take_batch_shape(config);
  std::shared_ptr<Body> body = shelf().read(config);
  if (!body) throw ValueError("No layer can be made of null: expected {\"class_name\": …, \"config\": …}.");
  auto layer = std::static_pointer_cast<LayerBody>(std::move(body));
  if (batch_shape) layer->state().declared_input = batch_shape;
  Layer made(std::move(layer));
  share_layer(given, made);
  return made;
}

Layer deserialize(const Config& config) { return from_config(config); }

// Models stand on no shelf, but are no classes of the user's; and some classes of Keras 3 take less than all layers do.
Config serialize(const Layer& layer) {
  Config config = shelf().write(layer.body().get());
  if (SharedIds* ids = SharedIds::current()) config = ids->numbered(layer, std::move(config));
  if (layer.class_name() == "Functional")
    return config.set("module", "keras.src.models.functional").set("registered_name", "Functional");
  if (layer.class_name() == "Sequential") return config.set("module", "keras").set("registered_name", nullptr);
  if (layer.class_name().starts_with("SpatialDropout")) {
    Config arguments = config.at("config");
    arguments.erase("trainable");
    config.set("config", arguments.set("dtype", layer.body()->dtype().name()));
  }
  return config;
}

Layer from_config(const Maker& own_class, Config config) {
  upgrade(own_class.class_name, config);
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
    return layers::serialize(layer);
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
