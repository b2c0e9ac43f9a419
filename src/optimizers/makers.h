// The optimizers by class, for the table of names.
#pragma once

#include <keras/optimizers.h>

#include <string>
#include <string_view>

namespace keras::optimizers {

Maker adadelta();
Maker adafactor();
Maker adagrad();
Maker adam();
Maker adamax();
Maker adamw();
Maker ftrl();
Maker lamb();
Maker lion();
Maker loss_scale_optimizer();
Maker multi_optimizer();
Maker muon();
Maker nadam();
Maker rmsprop();
Maker schedule_free_adamw();
Maker sgd();

// Optimizers that are made on this thread while it lives are those that Keras had before tf.keras 2.11: RMSprop without
// momentum and Adagrad add epsilon to the root, and the momentum of Nadam grows slowly.
class OldMeanings {
 public:
  OldMeanings();
  ~OldMeanings();
  OldMeanings(const OldMeanings&) = delete;
  static bool active();
};
class HasEpsilon {  // an optimizer of which there are both kinds
 public:
  virtual bool outside_root() const = 0;

 protected:
  ~HasEpsilon() = default;
};
bool adds_epsilon_to_root(const OptimizerBody& optimizer);

std::string snake_case(std::string_view class_name);  // Keras's: RMSprop gives rm_sprop

}  // namespace keras::optimizers
