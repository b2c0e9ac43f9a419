// The layers against tests/golden/layers and arguments: forward, gradients, losses, configuration, arguments, and five
// steps of training.
#include "tests/support/golden.h"

#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/names.h"
#include "layers/table.h"
#include "ops/trace.h"
#include "tests/support/like_keras.h"

namespace keras {
namespace {

using ::keras::testing::Golden;

const Golden& golden() {
  static const Golden* const golden = new Golden("layers");
  return *golden;
}

Layer make(const std::string& class_name, Config args, DType dtype, const std::string& name = "") {
  args.set("dtype", dtype.name());
  if (!name.empty()) args.set("name", name);
  return layers::from_config(Config::map({{"class_name", class_name}, {"config", args}}));
}

Layer layer_of(const Config& c, DType dtype) { return make(c.at("class").as_string(), c.at("args"), dtype); }

std::vector<Array> weights_of(const Config& c, DType dtype) {
  std::vector<Array> weights;
  for (const Config& input : c.at("inputs").items()) {
    if (input.as_string().starts_with("weight_")) weights.push_back(golden().input(c, input.as_string(), dtype));
  }
  return weights;
}

bool records(const Config& c, const std::string& output) {
  for (const Config& item : c.at("outputs").items()) {
    if (item.as_string() == output) return true;
  }
  return false;
}

// A case with values, rather than with moments or an error.
bool has_values(const Config& c) { return c.contains("class") && c.contains("inputs"); }

class Layers : public ::testing::TestWithParam<DType::Kind> {};

TEST_P(Layers, ForwardAndGradients) {
  const DType dtype = GetParam();
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!has_values(c)) continue;
    const Layer layer = layer_of(c, dtype);
    const Array x = golden().input(c, "x", dtype), w = golden().input(c, "w", dtype);
    layer.build(x.shape());
    layer.set_weights(weights_of(c, dtype));
    for (const std::string mode : {"test", "train"}) {
      if (!records(c, "y_" + mode)) continue;
      const Tensor input(x);
      const Tensor y = layer.outputs({input}, {.training = mode == "train"})[0];
      std::vector<Tensor> sources{input};
      for (const Variable& weight : layer.weights()) sources.emplace_back(weight);
      const std::vector<Tensor> gradients = ops::gradients(ops::sum(y * Tensor(w)), sources);
      EXPECT_TRUE(golden().agrees(y, c, "y_" + mode));
      EXPECT_TRUE(golden().agrees(gradients[0], c, "dx_" + mode));
      for (std::size_t i = 1; i < gradients.size(); ++i) {
        EXPECT_TRUE(golden().agrees(gradients[i], c, "dweight_" + std::to_string(i - 1) + "_" + mode));
      }
    }
    ++count;
  }
  EXPECT_GT(count, 30);
}

TEST_P(Layers, Losses) {
  const DType dtype = GetParam();
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!has_values(c) || !records(c, "layer_losses")) continue;
    const Layer layer = layer_of(c, dtype);
    const Array x = golden().input(c, "x", dtype);
    layer.build(x.shape());
    layer.set_weights(weights_of(c, dtype));
    ops::Trace trace;
    const Tensor input = ops::placeholder({x.dtype(), x.shape()}, "x");
    layer.outputs({input}, {.training = true});
    std::vector<Tensor> losses = trace.take_losses();
    for (const Tensor& loss : layers::regularization_losses(layer)) losses.push_back(loss);
    for (Tensor& loss : losses) loss = ops::reshape(loss, {1});
    const ops::Function function(std::vector<Tensor>{ops::concatenate(losses)}, trace, std::vector<Tensor>{input});
    Array result(Shape{static_cast<std::int64_t>(losses.size())}, dtype);
    const void* inputs[] = {x.data()};
    void* outputs[] = {result.mutable_data()};
    function.run(inputs, outputs);
    EXPECT_TRUE(golden().agrees(result, c, "layer_losses"));
    ++count;
  }
  EXPECT_GT(count, 3);
}

// Losses of five batches before their updates, then the weights.
void check_training(const Sequential& model, const Config& c, DType dtype, const std::string& loss) {
  model.set_weights(weights_of(c, dtype));
  const Array x = golden().input(c, "x", dtype), y = golden().input(c, "y", dtype);
  Sequential trained = model;
  trained.compile({.optimizer = optimizers::SGD({.learning_rate = 0.05}), .loss = loss});
  std::vector<double> losses;
  for (int step = 0; step < 5; ++step) losses.push_back(trained.train_on_batch(x, y));
  // Logs hold float32 figures, whatever the model's dtype.
  EXPECT_TRUE(golden().agrees(Array(losses).astype(DType::float32), c, "losses"));
  const std::vector<Array> weights = trained.get_weights();
  for (std::size_t i = 0; i < weights.size(); ++i)
    EXPECT_TRUE(golden().agrees(weights[i], c, "after_" + std::to_string(i)));
}

TEST_P(Layers, FiveStepsOfTraining) {
  const DType dtype = GetParam();
  const DType before = config::floatx();
  config::set_floatx(dtype);
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!has_values(c) || !records(c, "losses")) continue;
    Sequential model;
    model.add(Input(golden().input(c, "x", dtype).shape().slice(1)));
    model.add(layer_of(c, dtype));
    check_training(model, c, dtype, "mse");
    ++count;
  }
  EXPECT_GT(count, 10);
  config::set_floatx(before);
}

TEST_P(Layers, Stacks) {
  const DType dtype = GetParam();
  const DType before = config::floatx();
  config::set_floatx(dtype);
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("layers")) continue;
    Sequential model;
    const Array x = golden().input(c, "x", dtype), y = golden().input(c, "y", dtype);
    model.add(Input(x.shape().slice(1)));
    for (const Config& layer : c.at("layers").items())
      model.add(make(layer.at("class").as_string(), layer.at("args"), dtype));
    model.set_weights(weights_of(c, dtype));
    EXPECT_TRUE(golden().agrees(model.predict(x), c, "predict"));
    check_training(model, c, dtype, c.at("loss").as_string());
    ++count;
  }
  EXPECT_GT(count, 5);
  config::set_floatx(before);
}

INSTANTIATE_TEST_SUITE_P(, Layers, ::testing::Values(DType::float64, DType::float32),
                         [](const auto& info) { return DType(info.param).name(); });

TEST(LayersGolden, DropoutInTraining) {
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("zero_fraction")) continue;
    Shape shape;
    read_config(c.at("shape"), shape);
    const Layer layer = layer_of(c, DType::float32);
    const Array y = layer.outputs({ones(shape)}, {.training = true})[0];
    const auto kept = static_cast<float>(c.at("kept_value").as_real());
    double zeros = 0;
    for (const float value : y.values<float>()) {
      zeros += value == 0;
      EXPECT_TRUE(value == 0 || std::fabs(value - kept) <= 1e-6f) << value;
    }
    EXPECT_NEAR(zeros / static_cast<double>(y.size()), c.at("zero_fraction").as_real(),
                c.at("zero_fraction_tolerance").as_real());
    for (const Config& axis : c.at("same_along").items()) {
      const Array first = y.slice(0, 1, static_cast<int>(axis.as_int()));
      EXPECT_TRUE(identical(Array(ops::broadcast_to(first, shape)), y));
    }
    ++count;
  }
  EXPECT_GE(count, 4);
  EXPECT_TRUE(identical(Array(layers::Dropout(1).outputs({ones({3, 4})}, {.training = true})[0]), zeros({3, 4})));
  for (const char* name : {"dropout_refuses_m0p1", "dropout_refuses_1p5"}) {
    EXPECT_THROW(layer_of(golden().at(name), DType::float32), ValueError) << name;
  }
}

TEST(LayersGolden, ConfigurationWeightsAndShapes) {
  for (const Config& c : golden().cases()) {
    if (!has_values(c)) continue;
    const std::string name = c.at("name").as_string();
    layers::reset_names();
    const Layer layer = layers::from_config(Config::map({{"class_name", c.at("class")}, {"config", c.at("args")}}));
    EXPECT_TRUE(testing::like_keras(layer.get_config(), c.at("config"))) << name;
    const Layer again = layers::from_config(Config::map({{"class_name", c.at("class")}, {"config", c.at("config")}}));
    EXPECT_EQ(again.get_config().to_json(1), layer.get_config().to_json(1)) << name << ", from what Keras wrote";

    Shape input = golden().array(name + "/x").shape();
    input[0] = None;
    Shape output;
    read_config(c.at("output_shape"), output);
    EXPECT_EQ(layer.compute_output_shape(input), output) << name;
    if (!c.contains("weights")) continue;
    ASSERT_EQ(layer.weights().size(), c.at("weights").size());
    for (std::size_t i = 0; i < layer.weights().size(); ++i) {
      const Variable weight = layer.weights()[i];
      const Config& expected = c.at("weights").items()[i];
      Shape shape;
      read_config(expected.at("shape"), shape);
      EXPECT_EQ(weight.name(), expected.at("name").as_string());
      EXPECT_EQ(weight.state()->path, expected.at("path").as_string());
      EXPECT_EQ(weight.shape(), shape);
    }
  }
  layers::reset_names();
}

TEST(LayersGolden, ArgumentsOrderAndDefaults) {
  const Golden arguments("arguments");
  for (const std::string_view name : layers::shelf().names()) {
    const Config& c = arguments.at("layers." + std::string(name));
    layers::reset_names();
    const Layer layer =
        layers::from_config(Config::map({{"class_name", std::string(name)}, {"config", c.at("made_with")}}));
    EXPECT_EQ(layer.name(), c.at("default_name").as_string());
    EXPECT_TRUE(testing::like_keras(layer.get_config(), c.at("config")));
    // Every argument of Keras is one of ours, in its order, and what we have beside them every layer has.
    std::vector<std::string> expected;
    for (const Config& argument : c.at("arguments").items()) {
      const std::string& key = argument.at("name").as_string();
      if (!argument.contains("kind") && key != "lora_rank" && key != "lora_alpha" && key != "quantization_config")
        expected.push_back(key);
    }
    for (const char* common : {"name", "trainable", "dtype"}) expected.emplace_back(common);
    std::vector<std::string> own;
    const Config arguments_of_layer = layer.body()->Body::get_config();
    for (const auto& [key, value] : arguments_of_layer.entries()) {
      if (key != "input_dim" && key != "input_shape") own.push_back(key);
    }
    EXPECT_EQ(own, expected) << name;
  }
  layers::reset_names();
}

}  // namespace
}  // namespace keras
