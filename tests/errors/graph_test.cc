// Graphs that are none, and models of several inputs and outputs misused.
#include <limits>

#include "tests/errors/expect.h"

namespace keras::testing {
namespace {

Model twins() {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const Tensor joined = layers::Concatenate()({a, b});
  Model model(
      {a, b},
      {layers::Dense(2, {.name = "sum"})(joined), layers::Dense(1, {.activation = "sigmoid", .name = "sign"})(joined)},
      {.name = "twins"});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  return model;
}

TEST(BadGraph, DisconnectedCyclicOrTwiceNamed) {
  const Tensor a = Input({2}, {.name = "a"}), b = Input({2}, {.name = "b"});
  expect_error<ValueError>([&] { Model(a, layers::Add()({a, b})); }, {"disconnected", "«b»", "(None, 2)", "(a)"});
  expect_error<ValueError>([&] { Model({a, b}, Tensor(ones({2}))); }, {"outputs", "inputs"});
  expect_error<ValueError>([&] { Model(a, layers::Dense(1, {.name = "a"})(a)); }, {"«a»", "unique"});
  const Sequential outer(std::vector<Layer>{}, {.name = "outer"}), inner(std::vector<Layer>{}, {.name = "inner"});
  outer.add(inner);
  expect_error<ValueError>([&] { inner.add(outer); }, {"\"inner\"", "\"outer\"", "cycle"});
  outer.add(layers::Dense(1, {.name = "last", .input_dim = 2}));
  expect_error<ValueError>([&] { outer.add(layers::Dense(2, {.name = "last"})); }, {"«last»", "unique"});
}

TEST(BadGraph, ShapesAndAxes) {
  const Tensor a = Input({4, 3}), b = Input({5, 3});
  expect_error<ValueError>([&] { layers::Add()({a, b}); }, {"Add", "(None, 4, 3)", "(None, 5, 3)"});
  expect_error<ValueError>([&] { layers::Concatenate({.axis = 2})({a, b}); }, {"axis=2", "(None, 4, 3)"});
  expect_error<ValueError>([&] { layers::Concatenate({.axis = 7})({a, a}); }, {"axis=7"});
  expect_error<ValueError>([&] { layers::Permute({1, 3})(a); }, {"Permute", "3"});
  expect_error<ValueError>([&] { layers::Reshape({5, 5})(a); }, {"(5, 5)", "12"});
  expect_error<ValueError>([&] { layers::BatchNormalization({.axis = 5})(a); }, {"BatchNormalization", "axis"});
  expect_error<ValueError>([&] { layers::Conv2D(2, 3)(a); }, {"Conv2D", "rank 4", "(None, 4, 3)"});
  const Layer dense = layers::Dense(2);
  dense(a);
  expect_error<ValueError>([&] { dense(Input({7})); }, {"Dense", "3", "(None, 7)"});
}

TEST(BadGraph, InputsOfSeveral) {
  const Model model = twins();
  const Array a = ones({3, 4});
  expect_error<ValueError>([&] { model.predict_all(a); }, {"twins", "2"});
  expect_error<ValueError>([&] { model.predict_all({a, ones({3, 5})}); }, {"(None, 4)", "(3, 5)"});
  expect_error<ValueError>([&] { model.predict_all({a, ones({2, 4})}); }, {"(3, 4)", "(2, 4)"});
  expect_error<ValueError>([&] { model.predict({a, a}); }, {"2 outputs", "predict_all"});
  expect_error<ValueError>([&] { model(Input({4})); }, {"twins", "2"});
}

TEST(BadGraph, TargetsAndWeightsOfSeveral) {
  Model model = twins();
  const Array a = ones({3, 4}), y = zeros({3, 2}), z = ones({3, 1});
  expect_error<ValueError>([&] { model.fit({a, a}, y, {.verbose = 0}); }, {"2 outputs", "1"});
  expect_error<ValueError>([&] { model.fit({a, a}, {y, zeros({3, 4})}, {.verbose = 0}); }, {"4", "1"});
  expect_error<ValueError>(
      [&] {
        model.fit({a, a}, {{"sum", y}, {"sing", z}}, {.verbose = 0});
      },
      {"«sing»", "«sign»", "sum, sign"});
  expect_error<ValueError>(
      [&] {
        model.fit({a, a}, {y, z}, {.verbose = 0, .class_weight = {{0, 2.0}}});
      },
      {"class_weight", "one output"});
  expect_error<ValueError>(
      [&] {
        model.fit({a, a}, {y, z}, {.verbose = 0, .sample_weight = ones({3, 7})});
      },
      {"(3, 7)"});
}

TEST(BadGraph, MasksOfAnotherRank) {
  const Tensor x = Input({4, 3});
  const Tensor masked = layers::Masking()(x);
  Model model(x, layers::BatchNormalization()(layers::Reshape({2, 2, 3})(masked)));
  EXPECT_EQ(model.predict(ones({2, 4, 3})).shape(), Shape({2, 2, 2, 3}));  // Reshape has no mask to pass on
  Model steps(x, layers::Dense(2)(masked));
  steps.compile({.optimizer = "sgd", .loss = "mse"});
  expect_error<ValueError>(
      [&] {
        steps.fit(ones({2, 4, 3}), ones({2, 5, 2}), {.verbose = 0});
      },
      {"(2, 5, 2)", "(2, 4, 2)"});
  expect_error<ValueError>(
      [&] {
        steps.fit(ones({2, 4, 3}), ones({2, 4, 2}), {.verbose = 0, .sample_weight = ones({2, 3})});
      },
      {"sample_weight", "(2, 3)"});
}

TEST(BadGraph, UnknownLayers) {
  const Model model = twins();
  expect_error<ValueError>([&] { model.get_layer("sun"); }, {"«sun»", "«sum»"});
  expect_error<ValueError>([&] { model.get_layer(9); }, {"5 layers", "index=9"});
  expect_error<ValueError>([&] { layers::Dense(2).output(); }, {"never called"});
  expect_error<TypeError>([&] { model.get_layer("sum").as<Model>(); }, {"\"sum\"", "no model"});
}

}  // namespace
}  // namespace keras::testing
