// clone_model but for what compile() was given.
#pragma once

#include <keras/models.h>

namespace keras {

Model clone_layers(const Model& model, const CloneModelArgs& args);

}  // namespace keras
