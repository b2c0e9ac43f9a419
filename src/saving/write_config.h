// Writing a model's architecture.
#pragma once

#include <keras/models.h>

#include "saving/dialect.h"

namespace keras::saving {

// What Keras 3 writes into config.json of a .keras archive and as to_json(): {"module", "class_name", "config",
// "registered_name", "build_config", "compile_config"}. NotImplementedError for what no configuration can hold.
Config keras3_config(const Model& model);

// {"class_name", "config"} as Keras 2 writes it into model_config of a .h5 file and, with "keras_version" and
// "backend", as to_json(): read by Keras 2.2.4, tf.keras and Keras 3. ValueError for a layer that Keras 2 does not
// know, or an argument that it does not know and that has not its default; a warning where a name means something else
// to it.
Config keras2_config(const Model& model, const KerasVersion& target = version_of({}, "2.15.0"));

// NotImplementedError for an own ModelBody.
void check_writable(const Model& model);

// whole_config(model), where layers that stand in several places have the same shared_object_id in each.
Config shared_config(const Model& model);

}  // namespace keras::saving
