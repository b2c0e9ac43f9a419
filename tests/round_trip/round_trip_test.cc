// What needs no Python: the models use every layer, and what real Keras saved of them opens and trains on.
#include <gtest/gtest.h>

#include <set>
#include <string>

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

}  // namespace
}  // namespace keras::testing
