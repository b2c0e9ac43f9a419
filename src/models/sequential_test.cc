#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>
#include <keras/ops.h>
#include <keras/random.h>

#include <filesystem>

#include "layers/layer_state.h"
#include "models/model_state.h"
#include "ops/names.h"
#include "ops/trace.h"
#include "tests/support/error_of.h"
#include "tests/support/golden.h"
#include "tests/support/like_keras.h"

namespace keras {
namespace {

using ::keras::testing::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names(const std::vector<Layer>& layers) {
  std::vector<std::string> list;
  for (const Layer& layer : layers) list.push_back(layer.name());
  return list;
}
std::vector<std::string> paths(const Layer& layer) {
  std::vector<std::string> list;
  for (const Variable& weight : layer.weights()) list.push_back(weight.state()->path);
  return list;
}

Sequential mnist() {
  ops::reset_names();
  return Sequential({
      layers::Dense(400, {.input_dim = 784}),
      layers::Activation("relu"),
      layers::Dense(10),
      layers::Activation("softmax"),
  });
}

TEST(Sequential, NamesPathsAndConfigurationAreThoseOfKeras) {
  const Sequential model = mnist();
  const testing::Golden arguments("arguments");
  const Config& c = arguments.at("models.mnist_mlp");
  for (std::size_t i = 0; i < model.layers().size(); ++i)
    EXPECT_EQ(model.layers()[i].name(), c.at("names").items()[i].as_string());
  EXPECT_EQ(model.count_params(), c.at("count_params").as_int());
  const std::vector<Variable> weights = model.weights();
  ASSERT_EQ(weights.size(), c.at("weights").size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    EXPECT_EQ(weights[i].name(), c.at("weights").items()[i].items()[0].as_string());
    EXPECT_EQ(weights[i].state()->path, c.at("weights").items()[i].items()[1].as_string());
  }
  EXPECT_TRUE(testing::like_keras(model.get_config(), c.at("config")));
  EXPECT_EQ(model.input_shape().str(), "(None, 784)");
  EXPECT_EQ(model.output_shape().str(), "(None, 10)");
  EXPECT_EQ(Sequential().name(), "sequential_1");
}

TEST(Sequential, HandlesShareAndAddNests) {
  const Sequential inner({layers::Dense(3, {.input_dim = 2})}, {.name = "inner"});
  const Sequential same{inner};
  const Sequential same_too({inner});
  EXPECT_EQ(same, inner);
  EXPECT_EQ(same_too, inner);
  Sequential outer(std::vector<Layer>{}, {.name = "outer"});
  outer.add(inner);
  outer.add(layers::Dense(1, {.name = "head"}));
  EXPECT_EQ(outer.layers().size(), 2u);
  EXPECT_EQ(outer.input_shape().str(), "(None, 2)");
  EXPECT_EQ(outer.layers()[0].as<Sequential>(), inner);
  EXPECT_EQ(outer.get_layer("inner").as<Model>().layers().size(), 1u);
  EXPECT_THAT(paths(outer).back(), "outer/head/bias");
  EXPECT_EQ(paths(outer)[0].find("inner/"), 0u);
  const Array x = random::normal({4, 2});
  EXPECT_TRUE(identical(Array(outer(x)), Array(outer.layers()[1](inner(x)))));
  EXPECT_THROW(outer.layers()[1].as<Sequential>(), TypeError);
  EXPECT_THAT(error_of([&] { outer.add(outer); }), HasSubstr("cannot be added to itself"));
}

TEST(Sequential, IsBuiltAsSoonAsTheInputIsKnown) {
  Sequential model({layers::Dense(3), layers::Dense(2)});
  EXPECT_FALSE(model.built());
  EXPECT_TRUE(model.weights().empty());
  EXPECT_THAT(error_of([&] { model.output_shape(); }), HasSubstr("no output_shape yet"));
  const Array y = model(Array(Shape{7, 4}));
  EXPECT_EQ(y.shape().str(), "(7, 2)");
  EXPECT_TRUE(model.built());
  EXPECT_EQ(model.input_shape().str(), "(None, 4)");
  EXPECT_EQ(Array(model(Array(Shape{2, 4}))).shape().str(), "(2, 2)");
  model.add(layers::Dense(5));
  EXPECT_EQ(model.output_shape().str(), "(None, 5)");
  EXPECT_EQ(model.weights().size(), 6u);

  Sequential by_hand({layers::Dense(3)});
  by_hand.build({None, 6});
  EXPECT_EQ(by_hand.count_params(), 21);
  EXPECT_THAT(error_of([] { Sequential().build({None, 3}); }), HasSubstr("without layers cannot be built"));

  Sequential with_input;
  with_input.add(Input({5}));
  EXPECT_FALSE(with_input.built());
  with_input.add(layers::Dense(2));
  EXPECT_TRUE(with_input.built());
  EXPECT_THAT(error_of([&] { with_input.add(Input({5})); }), HasSubstr("comes first and once"));
  EXPECT_THAT(error_of([&] { Sequential().add(Tensor(Array({1., 2.}))); }), HasSubstr("what Input() gives"));
}

TEST(Sequential, Pop) {
  Sequential model = mnist();
  model.compile({.loss = "mse"});
  EXPECT_TRUE(model.compiled());
  model.pop();
  EXPECT_FALSE(model.compiled());
  model.pop();
  EXPECT_EQ(model.output_shape().str(), "(None, 400)");
  EXPECT_EQ(model.weights().size(), 2u);
  model.pop();
  model.pop();
  EXPECT_FALSE(model.built());
  EXPECT_THAT(error_of([&] { model.pop(); }), HasSubstr("the model is empty"));
  EXPECT_THROW(Sequential().pop(), ValueError);
  model.add(layers::Dense(2));
  EXPECT_EQ(model.input_shape().str(), "(None, 784)");
}

TEST(Sequential, RefusesWhatDoesNotFit) {
  Sequential model = mnist();
  EXPECT_THAT(error_of([&] {
                model(Array(Shape{32, 100}));
              }),
              HasSubstr("expected an input of shape (None, 784). Received: shape=(32, 100)"));
  EXPECT_THAT(error_of([&] { model.add(layers::Dense(3, {.name = "dense"})); }),
              HasSubstr("has a layer «dense» already"));
  const std::size_t before = model.layers().size();
  EXPECT_THROW(model.add(layers::Reshape({7, 7})), ValueError);
  EXPECT_EQ(model.layers().size(), before);
  EXPECT_EQ(model.output_shape().str(), "(None, 10)");
  EXPECT_THAT(error_of([&] { model.get_layer("dens"); }), HasSubstr("Did you mean «dense»?"));
  EXPECT_THAT(error_of([&] { model.get_layer(4); }), HasSubstr("has 4 layers"));
  EXPECT_EQ(model.get_layer(-1).name(), "activation_1");
  EXPECT_EQ(model.get_layer(1).name(), "activation");
  EXPECT_THROW(Sequential({layers::Reshape({5}, {.input_shape = Shape{4}})}), ValueError);
}

TEST(Sequential, AVectorIsAColumn) {
  const Sequential model({layers::Dense(2, {.input_dim = 1})});
  EXPECT_EQ(Array(model(Array(Shape{5}))).shape().str(), "(5, 2)");
  EXPECT_EQ(Array(model(Array(Shape{5, 1, 1}))).shape().str(), "(5, 2)");
  EXPECT_EQ(Array(model(Array(Shape{5}, DType::int32))).dtype(), DType::float32);
}

TEST(Sequential, FreezingReachesAllLayers) {
  Sequential model = mnist();
  EXPECT_EQ(model.trainable_weights().size(), 4u);
  model.layers()[0].set_trainable(false);
  EXPECT_EQ(model.trainable_weights().size(), 2u);
  model.set_trainable(false);
  EXPECT_TRUE(model.trainable_weights().empty());
  EXPECT_EQ(model.non_trainable_weights().size(), 4u);
  const Sequential frozen({layers::Dense(3, {.input_dim = 2})}, {.trainable = false});
  EXPECT_TRUE(frozen.layers()[0].trainable_weights().empty());
}

TEST(Sequential, ASharedLayerCountsOnce) {
  const Layer shared = layers::Dense(4, {.name = "shared"});
  Sequential model;
  model.add(Input({4}));
  model.add(shared);
  model.add(shared);
  EXPECT_EQ(model.count_params(), 20);
}

TEST(Sequential, InsideATrace) {
  const Sequential model({layers::Dense(3, {.activation = "tanh"}), layers::Dropout(0.5)});
  ops::Trace trace(5);
  const Tensor x = ops::placeholder({DType::float32, {4, 2}}, "x");
  const Tensor y = model.outputs({x}, {.training = true})[0];
  EXPECT_EQ(y.shape().str(), "(4, 3)");
  EXPECT_TRUE(y.symbolic());
  EXPECT_EQ(model.input_shape().str(), "(None, 2)");
  const ops::Function function(std::vector<Tensor>{y}, trace, std::vector<Tensor>{x});
  const Array data = random::normal({4, 2});
  Array result(Shape{4, 3});
  const void* inputs[] = {data.data()};
  void* outputs[] = {result.mutable_data()};
  function.run(inputs, outputs);
  const auto values = result.values<float>();
  EXPECT_GT(std::count(values.begin(), values.end(), 0.0f), 0);
}

struct NetArgs {
  std::int64_t units = 4;
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    f("units", &NetArgs::units, "Of the hidden layer.", positive);
    f("name", &NetArgs::name, "Name of the model.");
  }
};
struct Net final : ModelBody {
  static constexpr auto class_name = "Net";
  using Args = NetArgs;
  explicit Net(Args args) : d_(child("d", layers::Dense(args.units, {.activation = "relu", .name = "hidden"}))) {}
  Tensor call(const Tensor& x) override { return e_(d_(x)) + x; }

 private:
  Layer d_, e_ = child("e", layers::Dense(3, {.name = "out"}));
};

TEST(Model, OwnModelsHaveTheWeightsOfTheirChildren) {
  const Model net = make_model<Net>({.units = 5, .name = "net"});
  EXPECT_EQ(net.name(), "net");
  EXPECT_TRUE(net.weights().empty());
  EXPECT_THAT(names(net.layers()), ElementsAre("hidden", "out"));
  net.build({None, 3});
  EXPECT_THAT(paths(net), ElementsAre("net/hidden/kernel", "net/hidden/bias", "net/out/kernel", "net/out/bias"));
  EXPECT_EQ(net.compute_output_shape({None, 3}).str(), "(None, 3)");
  EXPECT_EQ(Array(net(Array(Shape{2, 3}))).shape().str(), "(2, 3)");
  EXPECT_EQ(net.model_body().model_state().outputs[0].shape.str(), "(None, 3)");

  const Model called = make_model<Net>();
  called(Array(Shape{2, 3}));
  EXPECT_EQ(called.count_params(), 16 + 15);
  const Sequential around({net, layers::Dense(1)});
  EXPECT_EQ(around.output_shape().str(), "(None, 1)");
}

TEST(Model, SavesWeightsByLayer) {
  const Sequential model(
      {layers::Dense(3, {.name = "a", .input_dim = 2}), Sequential({layers::Dense(1, {.name = "b"})}, {.name = "in"})});
  const std::string path = std::filesystem::temp_directory_path() / "keras_save_weights_test.npz";
  model.save_weights_npz(path);
  const std::map<std::string, Array> arrays = load_npz(path);
  std::filesystem::remove(path);
  ASSERT_EQ(arrays.size(), 4u);
  EXPECT_TRUE(identical(arrays.at("a/kernel"), model.get_weights()[0]));
  EXPECT_TRUE(identical(arrays.at("in/b/bias"), model.get_weights()[3]));
  EXPECT_THROW(model.save_weights_npz("/nowhere/at/all/w.npz"), IOError);
}

TEST(Input, HasABatchAndAName) {
  ops::reset_names();
  EXPECT_EQ(Input({3}).shape().str(), "(None, 3)");
  EXPECT_EQ(Input({3}, {.batch_size = 8}).shape().str(), "(8, 3)");
  EXPECT_EQ(Input({3}, {.dtype = "int32"}).dtype(), DType::int32);
  EXPECT_TRUE(Input({3}).symbolic());
  EXPECT_EQ(Input({3}).node()->name, "input_layer_4");
  EXPECT_EQ(Input({3}, {.name = "pixels"}).node()->name, "pixels");
}

}  // namespace
}  // namespace keras
