// Weights from a file into a network.
#pragma once

#include <keras/models.h>

#include <string>

namespace keras::applications {

void load_weights(const Model& model, const std::string& path);

}  // namespace keras::applications
