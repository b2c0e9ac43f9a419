// The graph of a functional model's configuration: its layers, and the calls that connect them.
#pragma once

#include <keras/models.h>

#include "saving/dialect.h"

namespace keras::saving {

// {"layers": […], "input_layers": …, "output_layers": …, "name", "trainable"}. ValueError that names layer and call for
// references to what is not there, cycles, and calls that do not fit.
Model read_graph(const Config& config, const std::string& name);

bool is_op_entry(const Config& entry);  // an op of Keras 3 or of TensorFlow, and no layer

// A layer of any kind from its entry, a model too; within a ReadScope.
Layer read_layer(const Config& entry);
Model read_any_model(const Config& entry);

}  // namespace keras::saving
