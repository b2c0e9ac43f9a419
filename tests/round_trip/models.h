// Thirty small models that together use every layer of the library: what goes round between this library and real
// Keras.
#pragma once

#include <keras/keras.h>

#include <vector>

namespace keras::testing {

struct RoundModel {
  Model model;
  std::vector<Array> x, y;
};

// Who can open which file of a model. Not every Keras has all layers and arguments; and of .h5 Keras 3 does not open
// models inside functional ones, initial states, and the later arguments of tf.keras's optimizers.
enum Peers : unsigned { kKeras3 = 1, kKeras3H5 = 2, kTfKeras = 4, kAll = 7 };

struct RoundCase {
  const char* name;  // 01_dense
  unsigned peers;
  RoundModel (*make)();
};

// Each has its own seed: making one is the same with and without the others.
const std::vector<RoundCase>& round_cases();
// Built, compiled, trained for two steps: neither weights nor the optimizer's slots are as they began.
RoundModel make_round_model(const RoundCase& round_case);

}  // namespace keras::testing
