// BatchNormalization: frozen, in half precision, what it refuses; its numbers are in tests/golden/layers_norm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>
#include <keras/ops.h>
#include <keras/random.h>

#include "layers/table.h"

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(BatchNormalization, FrozenItRunsAsOutsideTraining) {
  random::seed(1);
  const Array x = random::normal({6, 3});
  const Layer norm = layers::BatchNormalization();
  const Array outside = norm(x);
  const auto in_training = [&] { return Array(norm.outputs({x}, {.training = true})[0]); };
  norm.set_trainable(false);
  EXPECT_TRUE(identical(in_training(), outside));
  EXPECT_TRUE(identical(norm.get_weights()[2], zeros({3})));
  norm.set_trainable(true);
  EXPECT_FALSE(identical(in_training(), outside));
  EXPECT_FALSE(identical(norm.get_weights()[2], zeros({3})));
}

TEST(BatchNormalization, FrozenInAModelItStaysAsItIs) {
  random::seed(1);
  Sequential model({layers::Dense(3, {.input_dim = 2}), layers::BatchNormalization(), layers::Dense(1)});
  const Layer norm = model.layers()[1];
  norm.set_trainable(false);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const std::vector<Array> before = norm.get_weights();
  model.train_on_batch(random::normal({8, 2}), random::normal({8, 1}));
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(identical(norm.get_weights()[i], before[i])) << i;
  norm.set_trainable(true);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.train_on_batch(random::normal({8, 2}), random::normal({8, 1}));
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_FALSE(identical(norm.get_weights()[i], before[i])) << i;
}

TEST(BatchNormalization, HalfPrecision) {
  const Layer norm = layers::BatchNormalization({.dtype = "float16"});
  const Array x = Array({{300., 1.}, {-300., 2.}}).astype(DType::float16);  // whose squares float16 does not hold
  const Array y = norm.outputs({x}, {.training = true})[0];
  EXPECT_EQ(y.dtype(), DType::float16);
  EXPECT_NEAR(y.at({0, 0}), 1, 2e-3);
  EXPECT_NEAR(y.at({1, 0}), -1, 2e-3);
}

TEST(BatchNormalization, Refuses) {
  EXPECT_THAT([] { layers::BatchNormalization({.momentum = 1.5}); }, ThrowsMessage<ValueError>(HasSubstr("momentum")));
  EXPECT_THAT(
      [] {
        layers::BatchNormalization().build({None, 3, None});
      },
      ThrowsMessage<ValueError>(HasSubstr("axis -1 of the input must be known")));
  EXPECT_THAT(
      [] {
        layers::BatchNormalization({.axis = 3}).build({None, 3, 2});
      },
      ThrowsMessage<ValueError>(HasSubstr("axis 3 is none of the 3 axes")));
  const Layer norm = layers::BatchNormalization();
  norm.build({None, 4, 3});
  EXPECT_THAT([&] { norm(zeros({2, 3})); }, ThrowsMessage<ValueError>(HasSubstr("rank 3")));
  EXPECT_THAT([&] { norm(zeros({2, 4, 2})); }, ThrowsMessage<ValueError>(HasSubstr("to be 3")));
  EXPECT_THAT([] { layers::BatchNormalization({.renorm = true, .renorm_clipping = {{.rmax = 1, .rmin = 2}}}); },
              ThrowsMessage<ValueError>(HasSubstr("rmin")));
  EXPECT_THAT(
      [&] {
        norm.outputs({zeros({2, 4, 3})}, {.training = true, .inputs = {}, .masks = {ones({2})}});
      },
      ThrowsMessage<ValueError>(HasSubstr("mask of shape (2,)")));
}

TEST(BatchNormalization, ReadsWhatOlderKerasWrote) {
  const Layer norm = layers::from_config(Config::from_json(
      R"({"class_name": "BatchNormalization", "config": {"axis": [3], "beta_init": "zero", "gamma_init": "one",
          "moving_mean_initializer": "zeros"}})"));
  EXPECT_EQ(norm.get_config().at("axis").as_int(), 3);
}

}  // namespace
}  // namespace keras
