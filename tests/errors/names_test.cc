// Names that nothing has: each error says what was meant, perhaps.
#include "tests/errors/expect.h"

namespace keras::testing {
namespace {

using BadName = Classifier;

TEST_F(BadName, Optimizer) {
  expect_error<ValueError>([] { Optimizer optimizer("sdg"); }, {"sdg", "sgd"});
  expect_error<ValueError>([] { Optimizer optimizer("adm"); }, {"adm", "adam"});
  expect_error<ValueError>([&] { model.compile({.optimizer = "rmsporp", .loss = "mse"}); }, {"rmsporp", "rmsprop"});
  still_whole();
}

TEST_F(BadName, Loss) {
  expect_error<ValueError>([] { Loss loss("categorial_crossentropy"); },
                           {"categorial_crossentropy", "categorical_crossentropy"});
  expect_error<ValueError>([&] { model.compile({.optimizer = "sgd", .loss = "mes"}); }, {"mes", "mse"});
  still_whole();
}

TEST_F(BadName, Metric) {
  expect_error<ValueError>([] { Metric metric("acuracy"); }, {"acuracy", "accuracy"});
  expect_error<ValueError>(
      [&] {
        model.compile({.optimizer = "sgd", .loss = "mse", .metrics = {"mse", "binary_acuracy"}});
      },
      {"binary_acuracy", "binary_accuracy"});
  still_whole();
}

TEST_F(BadName, Activation) {
  expect_error<ValueError>([] { layers::Activation("rleu"); }, {"rleu", "relu"});
  expect_error<ValueError>([] { layers::Dense(4, {.activation = "sotfmax"}); }, {"sotfmax", "softmax"});
  expect_error<ValueError>([&] { model.add(layers::Activation("tahn")); }, {"tahn", "tanh"});
  EXPECT_EQ(model.layers().size(), 2u);
  still_whole();
}

TEST_F(BadName, Initializer) {
  expect_error<ValueError>([] { Initializer initializer("glorot_unifrom"); }, {"glorot_unifrom", "glorot_uniform"});
  expect_error<ValueError>([] { layers::Dense(4, {.kernel_initializer = "he_norml"}); }, {"he_norml", "he_normal"});
}

TEST_F(BadName, RegularizerConstraintAndDType) {
  expect_error<ValueError>([] { layers::Dense(4, {.kernel_regularizer = "l3"}); }, {"l3", "l2"});
  expect_error<ValueError>([] { layers::Dense(4, {.kernel_constraint = "max_nrom"}); }, {"max_nrom", "max_norm"});
  expect_error<ValueError>([] { layers::Dense(4, {.dtype = DType("flaot32")}); }, {"flaot32", "float32"});
}

TEST_F(BadName, LayerAndFigure) {
  expect_error<ValueError>([&] { model.get_layer("dens"); }, {"dens"});
  expect_error<ValueError>([&] { model.get_layer(5); }, {"5", "2"});
  expect_error<ValueError>([&] { model.evaluate(x, y).at("acc"); }, {"acc", "accuracy"});
  still_whole();
}

}  // namespace
}  // namespace keras::testing
