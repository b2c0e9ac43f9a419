// What compile() was given, as configurations say it: compile_config of Keras 3 and training_config of Keras 1 and 2.
#pragma once

#include <keras/saving.h>

#include "saving/dialect.h"
#include "saving/optimizer_state.h"

namespace keras::saving {

// {"optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", …}; null for a model that is not compiled. Where
// the model was read from a file whose compile configuration could not be used, it is that one, in its own dialect.
Config compile_config(const Model& model);
// {"optimizer_config", "loss", "metrics", "sample_weight_mode", "loss_weights"}; null likewise. With the arguments of
// optimizers that this version has.
Config training_config(const Model& model, const KerasVersion& target = version_of({}, "2.15.0"));

// In what form the state of the optimizer belongs beside this training_config.
OptimizerForm form_of_optimizer(const Config& training);

// Compiles the model as a compile_config or training_config of this version says. Where it names what the library does
// not have, the model stays uncompiled: one warning lists all of it, and the configuration is kept for saving.
// Whether the model is compiled now.
bool compile_from_config(const Model& model, const Config& config, const KerasVersion& version,
                         const CustomObjects& custom_objects = {});

}  // namespace keras::saving
