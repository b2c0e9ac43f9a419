// The table of layers: each by the name of its class, made from a configuration and written as one.
#pragma once

#include <keras/layer.h>

#include "tensor/shelf.h"

namespace keras::layers {

namespace makers {  // each is defined beside its layer: `Maker makers::Dense() { return custom<DenseBody>(); }`
#define KERAS_LAYER(name, ...) Maker name();
#include "layers/layers.def"
}  // namespace makers

const Shelf& shelf();

// From {"class_name": …, "config": …}, as every Keras writes it; ValueError for another value and for an unknown class.
Layer from_config(const Config& config);
Layer from_config(const Maker& own_class, Config config);  // from the arguments of an own class
// A new layer of the same class and arguments, and the same name, with weights of its own. ValueError for an own class.
Layer clone(const Layer& layer);

}  // namespace keras::layers
