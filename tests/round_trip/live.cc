// Both ends of the round trip that lie here; there.py is between them and says what the files are.
//   round_trip make FOLDER           builds and trains each model, and saves it
//   round_trip back MODEL NPZ …      opens what Keras saved: a line for each pair
//   round_trip list                  names, and who can open them
#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "tests/round_trip/back.h"
#include "tests/round_trip/models.h"

namespace keras::testing {
namespace {

void add(NamedArrays& arrays, const std::string& prefix, const std::vector<Array>& list) {
  for (std::size_t i = 0; i < list.size(); ++i) arrays.emplace_back(fmt::format("{}{}", prefix, i), list[i]);
}

// What is beside the model's files: data, predictions, the optimizer's variables; and what one more epoch here makes of
// it, which the same epoch there must make too.
NamedArrays save(RoundModel& made, unsigned peers, const std::string& path) {
  NamedArrays arrays;
  add(arrays, "x", made.x);
  add(arrays, "y", made.y);
  add(arrays, "predicted", made.model.predict_all(made.x));
  made.model.reset_states();
  int i = 0;
  for (const Variable& variable : made.model.optimizer().variables())
    arrays.emplace_back(fmt::format("optimizer{}", i++), variable.value());
  if (peers & kKeras3) made.model.save(path + ".keras");
  if (peers & (kKeras3H5 | kTfKeras)) made.model.save(path + ".h5");
  FitArgs all;
  all.verbose = 0, all.shuffle = false, all.batch_size = made.x[0].shape()[0].value();
  const History history = made.model.fit(made.x, made.y, all);
  arrays.emplace_back("epoch", Array(history.history.at("loss")));
  made.model.reset_states();
  add(arrays, "after", made.model.predict_all(made.x));
  return arrays;
}

int make(const std::string& folder) {
  int failed = 0;
  for (const RoundCase& each : round_cases()) {
    const std::string path = folder + "/" + each.name;
    try {
      RoundModel made = make_round_model(each);
      save_npz(path + ".npz", save(made, each.peers, path));
      std::printf("%s made\n", each.name);
    } catch (const std::exception& error) {
      std::printf("%s FAILED %s\n", each.name, error.what());
      ++failed;
    }
  }
  return failed == 0 ? 0 : 1;
}

int back(int count, char** paths) {
  int failed = 0;
  for (int i = 0; i + 1 < count; i += 2) {
    const Back result = come_back(paths[i], paths[i + 1]);
    if (!result.wrong.empty()) ++failed;
    std::printf("%s predictions %.2g losses %.2g%s%s\n", paths[i], result.prediction, result.loss,
                result.wrong.empty() ? "" : " FAILED ", result.wrong.c_str());
  }
  return failed == 0 ? 0 : 1;
}

int list() {
  for (const RoundCase& each : round_cases()) {
    std::printf("%s%s%s%s\n", each.name, each.peers & kKeras3 ? " keras3.keras" : "",
                each.peers & kKeras3H5 ? " keras3.h5" : "", each.peers & kTfKeras ? " tf_keras.h5" : "");
  }
  return 0;
}

}  // namespace
}  // namespace keras::testing

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "make" && argc == 3) return keras::testing::make(argv[2]);
  if (what == "back") return keras::testing::back(argc - 2, argv + 2);
  if (what == "list") return keras::testing::list();
  std::fprintf(stderr, "round_trip make FOLDER | back MODEL NPZ … | list\n");
  return 2;
}
