// What needs no Python: the models use every layer, and what real Keras saved of them opens and trains on.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/zip.h"
#include "tests/round_trip/back.h"
#include "tests/round_trip/models.h"

namespace keras::testing {
namespace {

void collect(const Layer& layer, std::set<std::string>& classes) {
  classes.insert(layer.class_name());
  for (const Layer& inside : layer.body()->layers()) collect(inside, classes);
}

TEST(RoundTrip, ThirtyModelsUseEveryLayer) {
  std::set<std::string> used;
  for (const RoundCase& each : round_cases()) collect(each.make().model, used);
  EXPECT_EQ(round_cases().size(), 30u);
  std::set<std::string> unused;
#define KERAS_LAYER(Class, ...) \
  if (!used.contains(#Class)) unused.insert(#Class);
#include "layers/layers.def"
  EXPECT_EQ(unused, std::set<std::string>{"Lambda"}) << "a Lambda's function is in no file";
}

// What tests/round_trip/there.py --record kept: an archive a model, of files <model>.<who>.<form> and
// <model>.<who>.npz.
TEST(RoundTrip, WhatKerasTrainedOnAndSavedOpensAndTrainsOn) {
  namespace fs = std::filesystem;
  const char* root = std::getenv("KERAS_TEST_ROOT");
  const fs::path folder = fs::path(::testing::TempDir()) / ("keras_round_trip_" + std::to_string(::getpid()));
  int files = 0;
  for (const RoundCase& each : round_cases()) {
    support::ZipReader archive(std::string(root ? root : ".") + "/tests/golden/round_trip/" + each.name + ".zip");
    fs::create_directories(folder);
    for (const auto& entry : archive.entries())
      std::ofstream(folder / entry.name, std::ios::binary) << archive.read(entry);
    for (const auto& entry : archive.entries()) {
      const fs::path model = folder / entry.name;
      if (model.extension() == ".npz") continue;
      EXPECT_EQ(come_back(model.string(), fs::path(model).replace_extension(".npz").string()).wrong, "") << entry.name;
      ++files;
    }
    fs::remove_all(folder);
  }
  EXPECT_GT(files, 90);
}

// The same weights in a wrapper and beside it: Keras opens ours, but of its own such files it makes two layers.
RoundModel shared_in_wrapper() {
  const Sequential part({layers::Dense(3, {.input_shape = Shape{2}})});
  const Tensor x = Input({4, 2}), one = Input({2});
  Model model({x, one}, layers::Add()({layers::GlobalMaxPooling1D()(layers::TimeDistributed(part)(x)), part(one)}));
  model.compile({.optimizer = "adam", .loss = "mse"});
  return {model, {random::normal({8, 4, 2}), random::normal({8, 2})}, {random::normal({8, 3})}};
}

// What is saved here goes on here as if it had not been: what is shared is one still, and means what it meant.
TEST(RoundTrip, WhatIsSavedHereTrainsOnHere) {
  std::vector<RoundCase> cases = round_cases();
  cases.push_back({"31_shared_in_wrapper", kAll, shared_in_wrapper});
  for (const RoundCase& each : cases) {
    RoundModel made = make_round_model(each);
    std::vector<std::pair<std::string, Model>> again;
    for (const std::string form : {".keras", ".h5"}) {
      if ((form == ".keras" && each.peers == kTfKeras) || (form == ".h5" && each.peers == kKeras3)) continue;
      const std::string path = ::testing::TempDir() + "keras_again_" + std::to_string(::getpid()) + form;
      made.model.save(path);
      again.emplace_back(form, load_model(path));
      std::filesystem::remove(path);
      EXPECT_EQ(again.back().second.count_params(), made.model.count_params()) << each.name << form;
    }
    for (int step = 0; step < 3; ++step) {
      const double expected = made.model.train_on_batch(made.x, made.y);
      for (auto& [form, model] : again) {
        const double loss = model.train_on_batch(made.x, made.y);
        EXPECT_NEAR(loss, expected, 1e-6 * std::max(1.0, expected)) << each.name << form << ", step " << step;
      }
    }
  }
}

}  // namespace
}  // namespace keras::testing
