// The state of the optimizer in .weights.h5, where Keras 3 keeps it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/folder.h"
#include "tests/support/keras2.h"

namespace keras {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Sequential model_of(const Optimizer& optimizer) {
  Sequential model({layers::Dense(4, {.activation = "tanh", .input_dim = 3}), layers::Dense(1)});
  model.compile({.optimizer = optimizer, .loss = "mse"});
  return model;
}

TEST(WeightsFile, HasTheOptimizersState) {
  const testing::Folder folder;
  const testing::Warnings warnings;
  const Array x = random::normal({8, 3}), y = random::normal({8, 1});
  Sequential one = model_of("adam"), other = model_of("adam");
  for (int i = 0; i < 3; ++i) one.train_on_batch(x, y);
  one.save_weights("m.weights.h5");
  const LoadReport report = other.load_weights("m.weights.h5");
  EXPECT_THAT(report.skipped, IsEmpty());
  EXPECT_EQ(other.optimizer().iterations(), 3);
  for (int i = 0; i < 3; ++i) {
    one.train_on_batch(x, y), other.train_on_batch(x, y);
    const auto a = one.get_weights(), b = other.get_weights();
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_TRUE(identical(a[k], b[k]));
  }
  Sequential plain({layers::Dense(4, {.activation = "tanh", .input_dim = 3}), layers::Dense(1)});
  plain.load_weights("m.weights.h5");  // not compiled: the weights alone
  EXPECT_THAT(warnings.texts, IsEmpty());
  Sequential momentum = model_of(optimizers::SGD({.momentum = 0.5}));
  momentum.load_weights("m.weights.h5");
  EXPECT_EQ(momentum.optimizer().iterations(), 0);
  EXPECT_THAT(warnings.texts, ElementsAre(HasSubstr("the optimizer stays as it is")));
}

TEST(WeightsFile, OfKerasGivesTheOptimizersState) {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  Sequential model = model_of(optimizers::Adam({.learning_rate = 0.5}));
  model.load_weights(std::string(root ? root : ".") + "/tests/golden/backup/latest.weights.h5");
  EXPECT_EQ(model.optimizer().iterations(), 4);
  EXPECT_EQ(model.optimizer().learning_rate(), 0.125);
}

}  // namespace
}  // namespace keras
