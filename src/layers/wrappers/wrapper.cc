// WrapperBody: a layer around another one; and layers as arguments.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/wrappers.h>

#include "layers/layer_state.h"
#include "layers/table.h"
#include "ops/trace.h"

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

namespace {

const Layer& given(const std::optional<Layer>& layer) {
  if (layer) return *layer;
  throw ValueError("A layer around another one needs that layer. Received: none. Give it as layer=.");
}

}  // namespace

WrapperBody::WrapperBody(const std::optional<Layer>& layer) : layer_(child("layer", given(layer))) {}

void WrapperBody::build_all(const std::vector<Shape>& inputs) { build_layer(inputs); }

void WrapperBody::build_layer(const std::vector<Shape>& inputs) const {
  if (layer_.built()) return;
  if (inputs.size() == 1) return layer_.build(inputs[0]);
  const ops::Trace scratch;  // only the shapes matter
  std::vector<Tensor> stand_ins;
  for (const Shape& shape : inputs) stand_ins.push_back(ops::placeholder({layer_.body()->dtype(), shape}, "input"));
  layer_.outputs(stand_ins);
}

Config WrapperBody::get_config() const {
  Config config = LayerBody::get_config();
  config.erase("layer");
  return config.set("layer", layers::shelf().write(layer_.body().get()));
}

}  // namespace keras
