// The optimizers by class, for the table of names.
#pragma once

#include <keras/optimizers.h>

#include <string>
#include <string_view>

namespace keras::optimizers {

Maker adadelta();
Maker sgd();
Maker rmsprop();
Maker adam();

// Optimizers that are made on this thread while it lives are those that Keras had before tf.keras 2.11: RMSprop without
// momentum adds epsilon to the root.
class OldMeanings {
 public:
  OldMeanings();
  ~OldMeanings();
  OldMeanings(const OldMeanings&) = delete;
};
bool adds_epsilon_to_root(const OptimizerBody& optimizer);

std::string snake_case(std::string_view class_name);  // Keras's: RMSprop gives rm_sprop

}  // namespace keras::optimizers
