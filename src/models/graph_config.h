// How a functional model's graph stands in its configuration, as Keras 3 writes it.
#pragma once

#include <keras/models.h>

#include <string_view>

namespace keras {

struct FunctionalBody;

// {"name", "trainable", "layers": […], "input_layers", "output_layers"}. NotImplementedError for an op that no
// configuration can hold.
Config graph_config(const FunctionalBody& model);

// {"module", "class_name", "config", "registered_name", "build_config"} of a layer or model.
Config whole_config(const Layer& layer);

// Whether the layer is called on a sequence and, behind it, its initial states.
bool takes_states(const Layer& layer);

// The module of a class of Keras's ops: keras.src.ops.numpy, keras.src.ops.nn, …
const char* module_of_op(std::string_view class_name);

}  // namespace keras
