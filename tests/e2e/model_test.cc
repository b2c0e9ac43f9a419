// What a model is made of: layers added and taken away, weights read, set, frozen and saved; layers and models of the
// user's own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "tests/support/primer.h"

namespace keras::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Samples {
  Array x = random::normal({32, 4}), y = random::normal({32, 2});
};

Sequential two_layers() {
  return Sequential({layers::Dense(3, {.activation = "tanh", .name = "first", .input_dim = 4}),
                     layers::Dense(2, {.name = "second"})});
}

TEST(Layers, TrainableTakesEffectAtCompile) {
  random::seed(1);
  const Samples data;
  Sequential model = two_layers();
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Layer first = model.get_layer("first");
  const std::vector<Array> start = first.get_weights();
  first.set_trainable(false);
  model.train_on_batch(data.x, data.y);
  const std::vector<Array> moved = first.get_weights();
  EXPECT_FALSE(same_weights(start, moved));  // as it was when the model was compiled

  model.compile({.optimizer = "sgd", .loss = "mse"});
  const std::vector<Array> second = model.get_layer("second").get_weights();
  model.fit(data.x, data.y, {.epochs = 2, .verbose = 0});
  EXPECT_TRUE(same_weights(first.get_weights(), moved));
  EXPECT_FALSE(same_weights(model.get_layer("second").get_weights(), second));
  EXPECT_EQ(model.trainable_weights().size(), 2u);
  EXPECT_EQ(model.non_trainable_weights().size(), 2u);

  first.set_trainable(true);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.train_on_batch(data.x, data.y);
  EXPECT_FALSE(same_weights(first.get_weights(), moved));
}

TEST(Layers, PopAndAddChangeTheModel) {
  random::seed(2);
  const Samples data;
  Sequential model = two_layers();
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.fit(data.x, data.y, {.verbose = 0});
  const std::vector<Array> first = model.get_layer(0).get_weights();
  model.pop();
  EXPECT_EQ(model.layers().size(), 1u);
  EXPECT_EQ(model.output_shape(), Shape({None, 3}));
  EXPECT_THROW(model.fit(data.x, data.y, {.verbose = 0}), RuntimeError);  // a new model: not compiled
  EXPECT_EQ(model.predict(data.x).shape(), Shape({32, 3}));
  model.add(layers::Dense(5, {.name = "new"}));
  EXPECT_EQ(model.output_shape(), Shape({None, 5}));
  EXPECT_EQ(model.predict(data.x).shape(), Shape({32, 5}));
  EXPECT_TRUE(same_weights(model.get_layer(0).get_weights(), first));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.fit(data.x, random::normal({32, 5}), {.verbose = 0});
  EXPECT_FALSE(same_weights(model.get_layer(0).get_weights(), first));
}

TEST(Layers, AModelWithoutAnInputShapeIsBuiltByItsData) {
  random::seed(3);
  const Samples data;
  Sequential model({layers::Dense(3, {.activation = "relu"}), layers::Dense(2)});
  EXPECT_FALSE(model.built());
  model.compile({.optimizer = "adam", .loss = "mse"});
  const History history = model.fit(data.x, data.y, {.epochs = 3, .verbose = 0});
  EXPECT_LT(history.history.at("loss")[2], history.history.at("loss")[0]);
  EXPECT_EQ(model.count_params(), 4 * 3 + 3 + 3 * 2 + 2);
  EXPECT_EQ(model.predict(data.x).shape(), Shape({32, 2}));
}

TEST(Layers, ASharedLayerTrainsInBothModels) {
  random::seed(4);
  const Samples data;
  const Layer shared = layers::Dense(2, {.input_dim = 4});
  Sequential a({shared}), b({shared});
  a.compile({.optimizer = "sgd", .loss = "mse"});
  a.train_on_batch(data.x, data.y);
  EXPECT_TRUE(same_weights(a.get_weights(), b.get_weights()));
  EXPECT_TRUE(identical(a.predict(data.x), b.predict(data.x)));
}

TEST(Layers, NestedModelsTrainAsOne) {
  random::seed(5);
  const Samples data;
  Sequential inner = two_layers();
  Sequential outer;
  outer.add(inner);
  outer.add(layers::Dense(2));
  outer.compile({.optimizer = "sgd", .loss = "mse"});
  const std::vector<Array> before = inner.get_weights();
  EXPECT_EQ(outer.weights().size(), 6u);
  outer.fit(data.x, data.y, {.verbose = 0});
  EXPECT_FALSE(same_weights(inner.get_weights(), before));
}

TEST(Weights, SetWeightsIsWhatPredictUsesNext) {
  Sequential model = two_layers();
  const Array x = ones({2, 4});
  model.predict(x);
  model.set_weights({zeros({4, 3}), zeros({3}), zeros({3, 2}), Array({1.f, 2.f})});
  EXPECT_TRUE(identical(model.predict(x), Array({{1.f, 2.f}, {1.f, 2.f}})));
  const std::vector<Array> weights = model.get_weights();
  ASSERT_EQ(weights.size(), 4u);
  EXPECT_TRUE(identical(weights[3], Array({1.f, 2.f})));
  Sequential copy = two_layers();
  copy.set_weights(weights);
  EXPECT_TRUE(same_weights(copy.get_weights(), weights));
}

TEST(Weights, WhatWasReadStaysAsItWas) {
  random::seed(6);
  const Samples data;
  Sequential model = two_layers();
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const std::vector<Array> read = model.get_weights();
  std::vector<Array> kept;
  for (const Array& weight : read) kept.push_back(weight.copy());
  model.fit(data.x, data.y, {.epochs = 2, .verbose = 0});
  EXPECT_TRUE(same_weights(read, kept));
}

TEST(Weights, SavedAsAnArchiveThatNumPyReads) {
  const Sequential model = two_layers();
  const std::string path = ::testing::TempDir() + "/keras_e2e_weights.npz";
  model.save_weights_npz(path);
  const std::map<std::string, Array> arrays = load_npz(path);
  std::vector<std::string> names;
  for (const auto& [name, array] : arrays) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("first/bias", "first/kernel", "second/bias", "second/kernel"));
  const std::vector<Array> weights = model.get_weights();
  EXPECT_TRUE(identical(arrays.at("first/kernel"), weights[0]));
  EXPECT_TRUE(identical(arrays.at("second/bias"), weights[3]));
  if (std::system("python3 -c 'import numpy' 2>/dev/null") == 0) {
    const std::string script =
        "import numpy as n; a = n.load('" + path +
        "'); assert sorted(a.files) == ['first/bias', 'first/kernel', 'second/bias', 'second/kernel'];"
        "assert a['first/kernel'].shape == (4, 3) and a['first/kernel'].dtype == n.float32";
    EXPECT_EQ(std::system(("python3 -c \"" + script + "\"").c_str()), 0);
  }
  std::remove(path.c_str());
}

TEST(Summary, ListsTheLayersAndCountsTheParameters) {
  const Sequential model = mnist_model();
  std::string text;
  model.summary({.print_fn = [&](const std::string& line) { text += line + "\n"; }});
  for (const char* part : {"Dense", "Activation", "(None, 400)", "(None, 10)", "314,000", "4,010", "318,010"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  ::testing::internal::CaptureStdout();
  model.summary();
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("318,010"));
}

TEST(Inspect, ShowAndProfileLeaveTheWeightsAlone) {
  const Sequential model = mnist_model();
  const std::vector<Array> before = model.get_weights();
  for (const char* stage : {"graph", "grad", "fused", "program"})
    EXPECT_THAT(model.show(stage), HasSubstr("matmul")) << stage;
  const Profile profile = model.profile();
  double share = 0;
  for (const KernelTime& row : profile.kernels) share += row.share;
  EXPECT_NEAR(share, 1, 1e-6);
  EXPECT_THAT(profile.str(), HasSubstr("matmul"));
  EXPECT_TRUE(same_weights(model.get_weights(), before));
}

// ---- what users write themselves

struct ScaleArgs {
  float initial = 1;
  std::optional<std::string> name = {};
  bool trainable = true;
  static void fields(auto&& f) {
    f("initial", &ScaleArgs::initial, "Starting value of the scale.");
    f("name", &ScaleArgs::name, "Name of the layer.");
    f("trainable", &ScaleArgs::trainable, "Whether training moves the weights.");
  }
};
struct Scale final : LayerBody {
  static constexpr auto class_name = "Scale";
  using Args = ScaleArgs;
  explicit Scale(Args args) : args_(std::move(args)) {}
  void build(const Shape& input) override {
    gamma_ = add_weight("gamma", {input.back()}, initializers::Constant(args_.initial));
  }
  Tensor call(const Tensor& x) override { return x * gamma_; }

  Args args_;
  Variable gamma_;
};

TEST(Own, ALayerTrains) {
  random::seed(7);
  const Array x = random::normal({64, 3});
  const Array y = x * Array({2.f, -1.f, 0.5f});
  Layer scale = make_layer<Scale>({.initial = 1});
  Sequential model({scale});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.3}), .loss = "mse"});
  const History history = model.fit(x, y, {.epochs = 100, .verbose = 0});
  EXPECT_LT(history.history.at("loss").back(), 1e-6);
  const Array gamma = scale.get_weights().at(0);
  EXPECT_NEAR(gamma.at({0}), 2, 1e-3);
  EXPECT_NEAR(gamma.at({1}), -1, 1e-3);
  EXPECT_NEAR(gamma.at({2}), 0.5, 1e-3);
  EXPECT_EQ(scale.get_config().at("initial").as_real(), 1);
}

struct TwoWays final : ModelBody {  // relu and tanh side by side, added
  static constexpr auto class_name = "TwoWays";
  using Args = NoArgs;
  explicit TwoWays(Args) {}
  Tensor call(const Tensor& x) override { return out_(left_(x) + right_(x)); }

  Layer left_ = child("left", layers::Dense(8, {.activation = "relu"}));
  Layer right_ = child("right", layers::Dense(8, {.activation = "tanh"}));
  Layer out_ = child("out", layers::Dense(1));
};

TEST(Own, AModelTrains) {
  random::seed(8);
  const Array x = random::normal({128, 2});
  const Array y = ops::sum(ops::square(x), {1}, true);
  Model model = make_model<TwoWays>();
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}), .loss = "mse", .metrics = {"mae"}});
  const History history = model.fit(x, y, {.epochs = 60, .verbose = 0, .validation_split = 0.25});
  EXPECT_LT(history.history.at("loss").back(), history.history.at("loss").front() / 3);
  EXPECT_EQ(history.history.at("val_mae").size(), 60u);
  EXPECT_EQ(model.layers().size(), 3u);
  EXPECT_EQ(model.weights().size(), 6u);
  EXPECT_EQ(model.predict(x).shape(), Shape({128, 1}));
  model.get_layer(0).set_trainable(false);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const std::vector<Array> frozen = model.get_layer(0).get_weights();
  model.train_on_batch(x, y);
  EXPECT_TRUE(same_weights(model.get_layer(0).get_weights(), frozen));
}

Tensor cubed_error(const Tensor& y_true, const Tensor& y_pred) {
  return ops::mean(ops::power(ops::abs(y_true - y_pred), 3), {-1});
}

TEST(Own, ALossAndAMetricAreFunctions) {
  Sequential model({layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones", .input_dim = 1})});
  model.compile({.optimizer = "sgd", .loss = cubed_error, .metrics = {Metric(cubed_error)}});
  const Logs logs = model.train_on_batch(Array({1.f, 2.f}), Array({3.f, 3.f}));  // errors 2, 1
  EXPECT_NEAR(logs, (8 + 1) / 2.0, 1e-5);
  ASSERT_EQ(logs.size(), 2u);
  EXPECT_NEAR((logs.begin() + 1)->second, (8 + 1) / 2.0, 1e-5);
}

// A training loop of the user's own: gradients and an update, no fit.
TEST(Own, ATrainingLoop) {
  random::seed(9);
  const Array x = random::normal({64, 2}), y = ops::sum(x * Array({1.f, -2.f}), {1}, true);
  Variable w(zeros({2, 1}), {.name = "w"});
  Optimizer sgd = optimizers::SGD({.learning_rate = 0.2});
  double first = 0, last = 0;
  for (int step = 0; step < 50; ++step) {
    const Tensor loss = ops::mean(ops::square(ops::matmul(x, w) - y));
    const std::vector<Tensor> gradients = ops::gradients(loss, std::vector<Variable>{w});
    last = static_cast<Array>(loss).item();
    if (step == 0) first = last;
    sgd.apply_gradients({{gradients[0], w}});
  }
  EXPECT_LT(last, first * 1e-6);
  EXPECT_NEAR(w.value().at({0, 0}), 1, 1e-3);
  EXPECT_NEAR(w.value().at({1, 0}), -2, 1e-3);
}

}  // namespace
}  // namespace keras::testing
