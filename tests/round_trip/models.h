// Thirty small models that together use every layer of the library: what goes round between this library and real Keras.
#pragma once

#include <keras/keras.h>

#include <vector>

namespace keras::testing {

struct RoundModel {
  Model model;
  std::vector<Array> x, y;
};

// Which Kerases can open a model: not all have all of its layers and arguments, and not all that one has can be said in
// the form of Keras 2.
enum class Peers { all, keras3_only, keras3_archive_only, tf_keras_only };

struct RoundCase {
  const char* name;  // 01_dense
  Peers peers;
  RoundModel (*make)();
};

// Each has its own seed: making one is the same with and without the others.
const std::vector<RoundCase>& round_cases();
// Built, compiled, trained for two steps: neither weights nor the optimizer's slots are as they began.
RoundModel make_round_model(const RoundCase& round_case);

}  // namespace keras::testing
