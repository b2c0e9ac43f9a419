#include "layers/table.h"

#include <keras/error.h>

namespace keras::layers {

namespace {

// What Keras 3 writes beside the arguments, and what it writes otherwise than the arguments are given.
void upgrade(Config& config) {
  for (const char* name : {"quantization_config", "lora_rank", "lora_alpha"}) {
    if (const Config* value = config.find(name); value && value->is_null()) config.erase(name);
  }
  const Config* dtype = config.find("dtype");  // a policy, whose name is a dtype
  if (dtype && dtype->is_map() && dtype->contains("config"))
    config.set("dtype", Config(dtype->at("config").at("name")));
}

}  // namespace

const Shelf& shelf() {
  static const Shelf* const shelf = new Shelf("layer", "keras.layers",
                                              {
#define KERAS_LAYER(name) {makers::name()},
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

Layer clone(const Layer& layer) { return from_config(shelf().write(layer.body().get())); }

}  // namespace keras::layers
