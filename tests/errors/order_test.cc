// Things done in the wrong order, and models put together wrongly.
#include "tests/errors/expect.h"

namespace keras::testing {
namespace {

using Order = Classifier;

TEST_F(Order, NothingTrainsBeforeCompile) {
  random::seed(2);
  Sequential raw({layers::Dense(1, {.input_dim = 2})});
  const std::vector<Array> start = raw.get_weights();
  const Array a = ones({4, 2}), b = ones({4, 1});
  expect_error<RuntimeError>([&] { raw.fit(a, b); }, {"fit", "compile", "sequential"});
  expect_error<RuntimeError>([&] { raw.evaluate(a, b); }, {"evaluate", "compile"});
  expect_error<RuntimeError>([&] { raw.train_on_batch(a, b); }, {"train_on_batch", "compile"});
  expect_error<RuntimeError>([&] { raw.test_on_batch(a, b); }, {"test_on_batch", "compile"});
  expect_error<RuntimeError>([&] { raw.optimizer(); }, {"compile"});
  EXPECT_TRUE(same_weights(raw.get_weights(), start));
  EXPECT_EQ(raw.predict(a).shape(), Shape({4, 1}));  // which needs none
  raw.compile({.optimizer = "sgd", .loss = "mse"});
  raw.fit(a, b, {.verbose = 0});
  EXPECT_FALSE(same_weights(raw.get_weights(), start));
}

TEST_F(Order, ACompileThatFailsLeavesTheOldOne) {
  expect_error<ValueError>([&] { model.compile({.optimizer = Optimizer(), .loss = "mse"}); }, {"optimizer"});
  still_whole();
}

TEST_F(Order, ThereIsALossToTrainWith) {
  Sequential raw({layers::Dense(1, {.input_dim = 2})});
  raw.compile({.optimizer = "sgd"});
  expect_error<ValueError>([&] { raw.fit(ones({4, 2}), ones({4, 1}), {.verbose = 0}); }, {"loss"});
}

TEST_F(Order, PopOnAnEmptyModel) {
  Sequential empty;
  expect_error<ValueError>([&] { empty.pop(); }, {"sequential", "empty"});
  empty.add(layers::Dense(1, {.input_dim = 2}));  // and it can be used on
  empty.pop();
  expect_error<ValueError>([&] { empty.pop(); }, {"empty"});
  empty.add(layers::Dense(3));
  EXPECT_EQ(empty.predict(ones({2, 2})).shape(), Shape({2, 3}));
}

TEST_F(Order, AnEmptyModelDoesNothing) {
  Sequential empty;
  expect_error<ValueError>([&] { empty.predict(ones({2, 5})); }, {"layer"});
  expect_error<ValueError>([&] { empty.output_shape(); }, {"sequential"});
}

TEST_F(Order, LayersThatDoNotFit) {
  expect_error<ValueError>([&] { model.add(layers::Reshape({7})); }, {"3", "7"});
  expect_error<ValueError>([&] { model.add(layers::Dense(2, {.name = model.layers()[0].name()})); },
                           {model.layers()[0].name().c_str()});
  EXPECT_EQ(model.layers().size(), 2u);
  still_whole();
}

TEST_F(Order, ArgumentsOfLayersOutOfRange) {
  expect_error<ValueError>([] { layers::Dense(0); }, {"units", "0"});
  expect_error<ValueError>([] { layers::Dense(-5); }, {"units", "-5"});
  expect_error<ValueError>([] { layers::Dropout(1.5); }, {"rate", "1.5"});
  expect_error<ValueError>([] { layers::Dense(4, {.units = 5}); }, {"units"});
}

}  // namespace
}  // namespace keras::testing
