// Functional models with several inputs and outputs, held against what real Keras computed: tests/golden/models.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>

#include "layers/layer_state.h"
#include "ops/names.h"
#include "ops/tensor_node.h"
#include "tests/support/error_of.h"
#include "tests/support/golden.h"

namespace keras {
namespace {

using ::keras::testing::error_of;
using ::testing::AllOf;
using testing::Golden;
using ::testing::HasSubstr;

namespace L = layers;

Model twins() {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const Layer shared = L::Dense(3, {.activation = "tanh", .name = "shared"});
  const Tensor joined = L::Concatenate({.name = "join"})({shared(a), shared(b)});
  return Model({a, b},
               {L::Dense(2, {.name = "sum"})(joined), L::Dense(1, {.activation = "sigmoid", .name = "sign"})(joined)},
               {.name = "twins"});
}
Model skip() {
  const Tensor x = Input({5}, {.name = "x"});
  Tensor h = L::Dense(5, {.activation = "relu", .name = "d1"})(x);
  h = L::Add({.name = "residual"})({h, x});
  const Tensor g = L::Dense(2, {.name = "d2"})(h);
  return Model(x, L::Concatenate({.name = "both"})({g, L::Dense(3, {.name = "d3"})(h * 2 + 1)}), {.name = "skip"});
}
Model nested() {
  const Tensor x = Input({3}, {.name = "inner_x"});
  const Model inner(x, L::Dense(4, {.activation = "tanh", .name = "inner_d"})(x), {.name = "inner"});
  const Tensor a = Input({3}, {.name = "a"}), b = Input({3}, {.name = "b"});
  return Model({a, b}, L::Dense(2, {.name = "out"})(L::Add({.name = "add"})({inner(a), inner(b)})), {.name = "outer"});
}
Model late_input() {
  const Tensor a = Input({3}, {.name = "a"}), b = Input({3}, {.name = "b"});
  const Layer d = L::Dense(3, {.name = "d"});
  const Tensor h = d(L::Dense(3, {.name = "first"})(a));
  return Model({a, b}, {d(b), L::Dense(1, {.name = "last"})(L::Add({.name = "add"})({h, b}))}, {.name = "late"});
}
Model skip_classes() {
  const Tensor x = Input({5}, {.name = "x"});
  return Model(x, L::Activation("softmax", {.name = "p"})(L::Dense(5, {.name = "d"})(x)), {.name = "skip_classes"});
}

Model make(const std::string& name) {
  ops::reset_names();
  if (name == "twins") return twins();
  if (name == "skip") return skip();
  if (name == "nested") return nested();
  if (name == "late_input") return late_input();
  return skip_classes();
}

std::vector<Array> numbered(const Golden& golden, const Config& c, const std::string& what) {
  std::vector<Array> arrays;
  for (int i = 0; golden.has(c.at("name").as_string() + "/" + what + std::to_string(i)); ++i)
    arrays.push_back(golden.input(c, what + std::to_string(i), DType::float32));
  return arrays;
}

TEST(GoldenModels, LayersWeightsAndOutputsAreKeras) {
  const Golden golden("models");
  int count = 0;
  for (const Config& c : golden.cases()) {
    if (!c.contains("layers")) continue;
    const Model model = make(c.at("name").as_string());
    std::vector<std::string> layers, weights;
    for (const Layer& layer : model.layers()) layers.push_back(layer.name());
    for (const Variable& weight : model.weights()) weights.push_back(weight.state()->path);
    const auto texts = [](const Config& list) {
      std::vector<std::string> all;
      for (const Config& item : list.items()) all.push_back(item.as_string());
      return all;
    };
    EXPECT_EQ(layers, texts(c.at("layers"))) << model.name();
    EXPECT_EQ(weights, texts(c.at("weights"))) << model.name();
    model.set_weights(numbered(golden, c, "weight_"));
    const std::vector<Array> y = model.predict_all(numbered(golden, c, "x"));
    ASSERT_EQ(y.size(), c.at("outputs_named").size());
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_TRUE(golden.agrees(y[i], c, "y" + std::to_string(i)));
    ++count;
  }
  EXPECT_EQ(count, 4);
}

CompileArgs compile_args(const std::string& name) {
  CompileArgs args{.optimizer = optimizers::SGD({.learning_rate = 0.05})};
  if (name == "twins_one_loss") args.loss = "mse";
  if (name == "twins_lists") {
    args.loss = {"mse", "binary_crossentropy"};
    args.loss_weights = {0.5, 2.0};
    args.metrics = std::vector<std::vector<Metric>>{{"mae"}, {"accuracy", "mse"}};
  }
  if (name == "twins_names") {
    args.loss = {{"sum", "mae"}, {"sign", "mse"}};
    args.loss_weights = {{"sum", 1.0}, {"sign", 0.25}};
    args.metrics = {{"sign", {"mae"}}};
  }
  if (name == "twins_weighted") {
    args.loss = "mse";
    args.weighted_metrics = {"mae", "mse"};
  }
  if (name == "skip_class_weight") {
    args.loss = "sparse_categorical_crossentropy";
    args.metrics = {"accuracy"};
  }
  if (name == "nested_trained") {
    args.loss = "mse";
    args.metrics = {"mae"};
  }
  return args;
}

TEST(GoldenModels, TrainingIsKeras) {
  const Golden golden("models");
  int count = 0;
  for (const Config& c : golden.cases()) {
    const std::string name = c.at("name").as_string();
    if (!c.contains("history")) continue;
    SCOPED_TRACE(name);
    Model model = make(c.at("model").as_string());
    model.set_weights(numbered(golden, c, "weight_"));
    model.compile(compile_args(name));
    FitArgs fit{.batch_size = 4, .epochs = 3, .verbose = 0, .shuffle = false};
    for (const auto& [label, weight] : c.at("class_weight").entries())
      fit.class_weight.emplace_back(std::stoll(label), weight.as_real());
    const std::vector<Array> x = numbered(golden, c, "x"), y = numbered(golden, c, "y"),
                             weights = numbered(golden, c, "sample_weight");
    if (!weights.empty()) fit.sample_weight = weights;
    const History history = model.fit(x, y, fit);
    for (const Config& figure : c.at("history").items()) {
      const std::string key = figure.as_string();
      ASSERT_TRUE(history.history.count(key)) << key;
      EXPECT_TRUE(golden.agrees(Array(std::vector<double>(history.history.at(key))).astype(DType::float32), c,
                                "history_" + key));
    }
    EXPECT_EQ(history.history.size(), c.at("history").size());
    const Logs logs = model.evaluate(x, y, {.batch_size = 4, .sample_weight = fit.sample_weight});
    for (const auto& [key, value] : logs)
      EXPECT_TRUE(golden.agrees(Array::scalar(value).astype(DType::float32), c, "evaluate_" + key)) << key;
    const std::vector<Array> after = model.get_weights();
    for (std::size_t i = 0; i < after.size(); ++i)
      EXPECT_TRUE(golden.agrees(after[i], c, "after_" + std::to_string(i)));
    ++count;
  }
  EXPECT_EQ(count, 6);
}

TEST(Outputs, DataAreTakenByName) {
  Model model = twins();
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Array a = ones({3, 4}), b = zeros({3, 4});
  EXPECT_TRUE(identical(model.predict_all({{"b", b}, {"a", a}})[0], model.predict_all({a, b})[0]));
  EXPECT_THAT(error_of([&] { model.predict_all({{"a", a}, {"c", b}}); }), AllOf(HasSubstr("«c»"), HasSubstr("a, b")));
  EXPECT_THAT(error_of([&] { model.predict_all(Data{{"a", a}}); }), HasSubstr("no array «b»"));
  EXPECT_NO_THROW(model.fit({{"a", a}, {"b", b}}, {{"sign", ones({3, 1})}, {"sum", zeros({3, 2})}}, {.verbose = 0}));
}

TEST(Outputs, WhatCompileIsGivenMustFit) {
  const Array a = ones({3, 4}), y = zeros({3, 2}), z = ones({3, 1});
  const auto fit = [&](CompileArgs args, const Data& targets) {
    Model model = twins();
    model.compile(std::move(args));
    return error_of([&] { model.fit({a, a}, targets, {.verbose = 0}); });
  };
  EXPECT_THAT(fit({.loss = {"mse", "mse", "mse"}}, {y, z}),
              AllOf(HasSubstr("each of the 2 outputs"), HasSubstr("Received: 3")));
  EXPECT_THAT(fit({.loss = {{"sun", "mse"}}}, {y, z}), AllOf(HasSubstr("«sun»"), HasSubstr("sum")));
  EXPECT_THAT(fit({.loss = "mse"}, y), HasSubstr("one target for each of its 2 outputs"));
  EXPECT_THAT(fit({.loss = "mse", .loss_weights = {1.0}}, {y, z}), HasSubstr("loss_weights"));
  EXPECT_EQ(fit({.loss = {{"sign", "mse"}}}, z), "no error");  // the other output is not trained
}

// The mean under the metric's name, which is what Keras's progress bar shows, then each element.
TEST(Outputs, AVectorIsItsMeanAndItsElements) {
  Sequential model({layers::Dense(3, {.use_bias = false, .kernel_initializer = "identity", .input_dim = 3})});
  model.compile({.optimizer = "sgd",
                 .loss = "mse",
                 .metrics = {metrics::F1Score(), metrics::Precision({.thresholds = {0.25, 0.75}}), "auc"}});
  const Array y = eye(3), x({{0.5, 0.25, 0.}, {0., 1., 0.5}, {1., 0.5, 0.}});
  const Logs logs = model.evaluate(x, y, {.batch_size = 2, .verbose = 0});
  std::vector<std::string> names;
  for (const auto& [name, value] : logs) names.push_back(name);
  EXPECT_THAT(names, ::testing::ElementsAre("loss", "f1_score", "f1_score_0", "f1_score_1", "f1_score_2", "precision",
                                            "precision_0", "precision_1", "auc"));
  EXPECT_NEAR(logs.at("f1_score_0"), 2 / 3.0, 1e-6);
  EXPECT_NEAR(logs.at("f1_score_1"), 1, 1e-6);
  EXPECT_EQ(logs.at("f1_score_2"), 0);
  EXPECT_NEAR(logs.at("f1_score"), 5 / 9.0, 1e-6);
  EXPECT_NEAR(logs.at("precision_0"), 2 / 5.0, 1e-6);
  EXPECT_NEAR(logs.at("precision_1"), 1 / 2.0, 1e-6);
  // A smaller last batch, and another call, begin anew.
  EXPECT_EQ(model.evaluate(x, y, {.batch_size = 3, .verbose = 0}).at("f1_score"), logs.at("f1_score"));
  EXPECT_NEAR(model.train_on_batch(x, y).at("f1_score_0"), 2 / 3.0, 1e-6);
}

}  // namespace
}  // namespace keras
