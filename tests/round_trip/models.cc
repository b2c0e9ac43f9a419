#include "tests/round_trip/models.h"

#include <algorithm>

#include "tests/round_trip/shelves.h"

namespace keras::testing {

Array some_words(std::int64_t steps, std::int64_t words) {
  Array numbers = random::randint({kRows, steps}, 1, words);
  auto values = numbers.mutable_values<std::int32_t>();
  for (std::int64_t row = 0; row < kRows; ++row) {
    const std::int64_t length = 1 + (row * 5 + 2) % steps;
    for (std::int64_t step = length; step < steps; ++step) values[static_cast<std::size_t>(row * steps + step)] = 0;
  }
  return numbers;
}

const std::vector<RoundCase>& round_cases() {
  static const auto* const cases = [] {
    auto* all = new std::vector<RoundCase>();
    for (const auto& shelf : {core_models(), space_models(), time_models()})
      all->insert(all->end(), shelf.begin(), shelf.end());
    std::sort(all->begin(), all->end(),
              [](const RoundCase& a, const RoundCase& b) { return std::string(a.name) < b.name; });
    return all;
  }();
  return *cases;
}

RoundModel make_round_model(const RoundCase& round_case) {
  backend::clear_session();
  random::seed(static_cast<std::uint64_t>(std::atoi(round_case.name)));
  RoundModel made = round_case.make();
  for (int step = 0; step < 2; ++step) made.model.train_on_batch(made.x, made.y);
  made.model.reset_states();
  return made;
}

}  // namespace keras::testing
