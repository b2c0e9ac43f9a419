// What a model holds beside what every layer does.
#pragma once

#include <keras/models.h>

#include <memory>
#include <vector>

#include "ir/graph.h"

namespace keras {

struct TrainerState;  // of src/trainers

struct ModelState {
  std::vector<ir::Type> inputs;   // once built, or declared by a Sequential's first layer; the batch is None
  std::vector<ir::Type> outputs;  // once built
  std::vector<std::string> input_names, output_names;  // of a functional model: of the layers they come from
  std::shared_ptr<TrainerState> trainer;               // none before compile
  bool stop_training = false;
  // What the configuration that the model was read from says of compile, where that could not be: kept for saving.
  Config unread_compile_config;
  NamedArrays unread_optimizer;  // and what its optimizer remembers
};

}  // namespace keras
