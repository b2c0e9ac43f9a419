// Layers and ops of today in the words of Keras 2.
#pragma once

#include <keras/config.h>

#include <string>
#include <vector>

#include "saving/dialect.h"

namespace keras::saving {

// {"class_name", "config"} of a layer's entry of Keras 3. ValueError for what the target does not know.
Config keras2_layer(const Config& entry, const KerasVersion& target);

// What stands for an op of Keras 3 there.
struct Keras2Op {
  Config layer = {};                       // {"class_name", "config"}
  bool calls_tensorflow = false;           // TFOpLambda: its first operand alone is an input, the others are keywords
  Config kwargs = Config::map();           // beside those operands
  std::vector<std::string> operands = {};  // the names of these
};
// ValueError for an op that the target cannot say.
Keras2Op keras2_op(const Config& entry, const KerasVersion& target);

}  // namespace keras::saving
