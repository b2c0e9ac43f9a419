// Reading the architecture of a model, of any dialect.
#pragma once

#include <keras/saving.h>

#include "layers/reading.h"
#include "saving/dialect.h"

namespace keras::saving {

struct ReadOptions {
  CustomObjects custom_objects = {};
  std::string keras_version = {};  // of the file; empty: what the configuration says or shows
  layers::ReadingOptions weights = {};
  bool compile = true;  // as compile_config says, where there is one
};

// {"class_name": …, "config": …} of a Sequential or functional model, or the list of layers that Keras 1 wrote.
Model read_model(const Config& config, const ReadOptions& options = {});

}  // namespace keras::saving
