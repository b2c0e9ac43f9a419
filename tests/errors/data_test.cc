// Data that do not fit the model.
#include <cmath>
#include <limits>

#include "tests/errors/expect.h"

namespace keras::testing {
namespace {

using BadData = Classifier;

Array with(Array array, std::initializer_list<std::int64_t> at, double value) {
  array.set(at, value);
  return array;
}

TEST_F(BadData, WrongRank) {
  const Array bad = x.reshape({40, 2, 2});
  expect_refused<ValueError>(bad, y, {"(40, 2, 2)", "(None, 4)", "reshape"});
  expect_error<ValueError>([&] { model.predict(bad); }, {"(40, 2, 2)", "(None, 4)"});
  expect_error<ValueError>([&] { model.predict_on_batch(bad); }, {"(40, 2, 2)", "(None, 4)"});
  expect_error<ValueError>([&] { model(bad); }, {"(40, 2, 2)", "(None, 4)"});
  expect_error<ValueError>([&] { model.predict(Array::scalar(1)); }, {"()"});
  still_whole();
}

TEST_F(BadData, WrongWidth) {
  const Array bad = x.slice(0, 3, 1);
  expect_refused<ValueError>(bad, y, {"(40, 3)", "(None, 4)"});
  expect_error<ValueError>([&] { model.predict(bad); }, {"(40, 3)", "(None, 4)"});
  expect_error<ValueError>([&] { model.predict_on_batch(bad); }, {"(40, 3)", "(None, 4)"});
  expect_error<ValueError>([&] { model(bad); }, {"(40, 3)", "(None, 4)"});
  still_whole();
}

TEST_F(BadData, LabelOutOfRange) {
  expect_refused<ValueError>(x, with(y, {7}, 3), {"3", "sample 7", "0 to 2"});
  expect_refused<ValueError>(x, with(y, {39}, -1), {"-1", "sample 39", "0 to 2"});
  expect_refused<ValueError>(x, with(y.astype(DType::int64), {0}, 1e9), {"1000000000", "sample 0"});
  expect_refused<ValueError>(x, with(y.astype(DType::float32), {5}, 5), {"5", "sample 5"});
  expect_refused<ValueError>(x, with(y.astype(DType::uint8), {5}, 255), {"255", "sample 5"});
  expect_error<ValueError>([&] { utils::to_categorical(with(y, {7}, 3), 3); }, {"3"});
}

TEST_F(BadData, OneHotAgainstTheSparseLoss) {
  expect_refused<ValueError>(x, utils::to_categorical(y, 3), {", 3)", "use categorical_crossentropy"});
}

TEST_F(BadData, LabelsAgainstTheOneHotLoss) {
  const Array labels_again = y;
  make("categorical_crossentropy", utils::to_categorical(y, 3));
  expect_refused<ValueError>(x, labels_again, {"sparse_categorical_crossentropy"});
}

TEST_F(BadData, NaNAndInfinity) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  expect_refused<ValueError>(with(x, {11, 2}, nan), y, {"nan", "x", "sample 11"});
  expect_refused<ValueError>(with(x, {0, 0}, infinity), y, {"inf", "x", "sample 0"});
  expect_refused<ValueError>(with(x.astype(DType::float64), {39, 3}, -infinity), y, {"-inf", "x", "sample 39"});
  make("mse", utils::to_categorical(y, 3));
  expect_refused<ValueError>(x, with(y, {20, 1}, nan), {"nan", "y", "sample 20"});
}

TEST_F(BadData, Empty) {
  expect_refused<ValueError>(Array(Shape{0, 4}), Array(Shape{0}, DType::int32), {"empty", "(0, 4)"});
  expect_error<ValueError>([&] { model.predict(Array(Shape{0, 4})); }, {"empty", "(0, 4)"});
  expect_error<ValueError>([&] { model.fit(Data(), y, {.verbose = 0}); }, {"x"});
  expect_error<ValueError>([&] { model.fit(x, Data(), {.verbose = 0}); }, {"y"});
  expect_error<ValueError>([&] { model.fit(x, y, {.verbose = 0, .validation_split = 0.99}); }, {"0.99", "40"});
  still_whole();
}

TEST_F(BadData, MismatchedSampleCounts) {
  expect_refused<ValueError>(x, y.slice(0, 39), {"(40, 4)", "(39"});
  expect_error<ValueError>([&] { model.fit(x, y, {.verbose = 0, .sample_weight = ones({41})}); }, {"(40, 4)", "(41"});
  expect_error<ValueError>([&] { model.evaluate(x, y, {.sample_weight = ones({1})}); }, {"(40, 4)", "(1"});
  still_whole();
}

TEST_F(BadData, TargetsOfAnotherShape) {
  make("mse", utils::to_categorical(y, 3));
  expect_refused<ValueError>(x, ones({40, 2}), {"2", "3"});
}

TEST_F(BadData, ArgumentsOutOfRange) {
  expect_error<ValueError>([&] { model.fit(x, y, {.batch_size = 0}); }, {"batch_size", "0"});
  expect_error<ValueError>([&] { model.fit(x, y, {.epochs = -1}); }, {"epochs", "-1"});
  expect_error<ValueError>([&] { model.fit(x, y, {.verbose = 7}); }, {"verbose", "7"});
  expect_error<ValueError>([&] { model.fit(x, y, {.validation_split = 1.5}); }, {"validation_split", "1.5"});
  expect_error<ValueError>([&] { model.fit(x, y, {.validation_split = std::nan("")}); }, {"validation_split", "nan"});
  expect_error<ValueError>([&] { model.fit(x, y, {.initial_epoch = -2}); }, {"initial_epoch", "-2"});
  expect_error<ValueError>([&] { model.fit(x, y, {.steps_per_epoch = 0}); }, {"steps_per_epoch", "0"});
  expect_error<ValueError>(
      [&] { model.fit(x, y, {.verbose = 0, .validation_split = 0.5, .validation_batch_size = 0}); },
      {"validation_batch_size", "0"});
  expect_error<ValueError>([&] { model.fit(x, y, {.verbose = 0, .validation_split = 0.5, .validation_steps = 0}); },
                           {"validation_steps", "0"});
  expect_error<ValueError>([&] { model.evaluate(x, y, {.batch_size = -3}); }, {"batch_size", "-3"});
  expect_error<ValueError>([&] { model.evaluate(x, y, {.steps = 0}); }, {"steps", "0"});
  expect_error<ValueError>([&] { model.predict(x, {.batch_size = 0}); }, {"batch_size", "0"});
  expect_error<ValueError>([&] { model.predict(x, {.steps = -1}); }, {"steps", "-1"});
  expect_error<ValueError>([&] { model.show("fusde"); }, {"fusde", "fused"});
  expect_error<ValueError>([&] { model.show("fused", 0); }, {"batch", "0"});
  still_whole();
}

TEST_F(BadData, WeightsOfOtherShapes) {
  const std::vector<Array> weights = model.get_weights();
  expect_error<ValueError>([&] { model.set_weights({weights[0]}); }, {"1", "(4, 8)"});
  expect_error<ValueError>(
      [&] {
        model.set_weights({weights[0], weights[1], weights[2], ones({4})});
      },
      {"(4,)", "(3,)"});
  still_whole();  // none of the four was set
}

}  // namespace
}  // namespace keras::testing
