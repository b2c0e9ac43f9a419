// The recurrent layers against tests/golden/layers_rnn: outputs and states, gradients, configuration, training.
#include <gtest/gtest.h>
#include <keras/layers.h>
#include <keras/models.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "layers/table.h"
#include "ops/names.h"
#include "ops/tensor_node.h"
#include "tests/support/golden.h"
#include "tests/support/like_keras.h"

namespace keras {
namespace {

using ::keras::testing::Golden;

const Golden& golden() {
  static auto* const family = new Golden("layers_rnn");
  return *family;
}

Layer make(const Config& c) {
  return layers::from_config(Config::map({{"class_name", c.at("class")}, {"config", c.at("args")}}));
}

class Recurrent : public ::testing::TestWithParam<DType::Kind> {
 protected:
  Recurrent() { config::set_floatx(GetParam()); }
  ~Recurrent() override { config::set_floatx(before_); }

  static bool has(const Config& c, const char* list, const std::string& name) {
    const auto& items = c.at(list).items();
    return std::any_of(items.begin(), items.end(), [&](const Config& item) { return item.as_string() == name; });
  }
  // The inputs prefix0, prefix1, ….
  static std::vector<Array> numbered(const Config& c, const std::string& prefix) {
    std::vector<Array> arrays;
    while (has(c, "inputs", prefix + std::to_string(arrays.size())))
      arrays.push_back(golden().input(c, prefix + std::to_string(arrays.size()), GetParam()));
    return arrays;
  }

  const DType before_ = config::floatx();
};

TEST_P(Recurrent, OutputsStatesAndGradients) {
  for (const Config& c : golden().cases()) {
    SCOPED_TRACE(c.at("name").as_string());
    const Layer layer = make(c);
    const Array x = golden().input(c, "x", GetParam());
    layer.build(x.shape());
    layer.set_weights(numbered(c, "weight_"));
    std::vector<Tensor> sources{x}, loss_of;
    for (const Array& state : numbered(c, "state_")) sources.emplace_back(state);
    const std::vector<Tensor> inputs = sources;
    for (const Variable& weight : layer.weights()) sources.emplace_back(weight);
    Call call;
    if (has(c, "inputs", "mask")) call.masks = {golden().input(c, "mask", GetParam())};
    const std::vector<Tensor> outputs = layer.outputs(inputs, call);
    const std::vector<Array> factors = numbered(c, "w");
    ASSERT_EQ(outputs.size(), factors.size()) << c.at("name").as_string();
    Tensor loss = 0;
    for (std::size_t i = 0; i < outputs.size(); ++i) loss = loss + ops::sum(outputs[i] * Tensor(factors[i]));
    const std::vector<Tensor> gradients = ops::gradients(loss, sources);
    for (std::size_t i = 0; i < outputs.size(); ++i)
      EXPECT_TRUE(golden().agrees(outputs[i], c, "y" + std::to_string(i)));
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const std::string source = i == 0              ? "x"
                                 : i < inputs.size() ? "state_" + std::to_string(i - 1)
                                                     : "weight_" + std::to_string(i - inputs.size());
      EXPECT_TRUE(golden().agrees(gradients[i], c, "d" + source));
    }
  }
}

TEST_P(Recurrent, FiveStepsOfTraining) {
  int trained = 0;
  for (const Config& c : golden().cases()) {
    if (!has(c, "outputs", "losses")) continue;
    const Array x = golden().input(c, "x", GetParam()), y = golden().input(c, "y", GetParam());
    Sequential model({layers::from_config(Config::map({{"class_name", c.at("class")}, {"config", c.at("args")}}))});
    Shape shape = x.shape();
    shape[0] = None;
    model.build(shape);
    model.set_weights(numbered(c, "weight_"));
    model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.05}), .loss = "mse"});
    std::vector<double> losses;
    for (int step = 0; step < 5; ++step) losses.push_back(model.train_on_batch(x, y));
    EXPECT_TRUE(golden().agrees(Array(losses).astype(DType::float32), c, "losses"));
    const std::vector<Array> weights = model.get_weights();
    for (std::size_t i = 0; i < weights.size(); ++i)
      EXPECT_TRUE(golden().agrees(weights[i], c, "after_" + std::to_string(i)));
    ++trained;
  }
  EXPECT_GE(trained, 20);
}

INSTANTIATE_TEST_SUITE_P(Types, Recurrent, ::testing::Values(DType::float32, DType::float64),
                         [](const auto& info) { return DType(info.param).name(); });

TEST(RecurrentGolden, ConfigurationWeightsAndShapes) {
  for (const Config& c : golden().cases()) {
    const std::string name = c.at("name").as_string();
    ops::reset_names();
    const Layer layer = make(c);
    EXPECT_TRUE(testing::like_keras(layer.get_config(), c.at("config"))) << name;
    const Layer again = layers::from_config(Config::map({{"class_name", c.at("class")}, {"config", c.at("config")}}));
    EXPECT_EQ(again.get_config().to_json(1), layer.get_config().to_json(1)) << name << ", from what Keras wrote";
    const Shape input = golden().input(c, "x", DType::float32).shape();
    Shape open = input;
    open[0] = None;
    const Tensor symbolic = Input(open.slice(1));
    const std::vector<Tensor> outputs = layer.outputs({symbolic});
    Shape expected;
    read_config(c.at("output_shape"), expected);
    EXPECT_EQ(outputs[0].shape(), expected) << name;
    ASSERT_EQ(layer.weights().size(), c.at("weights").size()) << name;
    for (std::size_t i = 0; i < layer.weights().size(); ++i) {
      const Variable weight = layer.weights()[i];
      EXPECT_EQ(weight.name(), c.at("weights").items()[i].at("name").as_string());
      EXPECT_EQ(weight.state()->path, c.at("weights").items()[i].at("path").as_string());
    }
  }
  ops::reset_names();
}

}  // namespace
}  // namespace keras
