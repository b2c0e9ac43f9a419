// WrapperBody: a layer around another one.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/wrappers.h>

#include "layers/layer_state.h"
#include "layers/table.h"
#include "ops/trace.h"

namespace keras {

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
  return config.set("layer", layers::serialize(layer_));
}

}  // namespace keras
