// The round-trip models by what they are about, and the data they share.
#pragma once

#include "tests/round_trip/models.h"

namespace keras::testing {

std::vector<RoundCase> core_models();   // dense layers, graphs, optimizers
std::vector<RoundCase> space_models();  // images, volumes, steps
std::vector<RoundCase> time_models();   // recurrent layers and masks

inline constexpr std::int64_t kRows = 8;

inline Array some(const Shape& shape) { return random::normal(shape.with_front(kRows)); }
inline Array some_classes(std::int64_t classes) { return random::randint({kRows}, 0, classes); }
inline Array one_hot(std::int64_t classes) { return utils::to_categorical(some_classes(classes), classes); }
// Numbers of words, 0 (no word) behind the end of each sequence.
Array some_words(std::int64_t steps, std::int64_t words);

}  // namespace keras::testing
