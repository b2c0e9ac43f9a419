// The layers against tests/golden/layers* and arguments: forward, gradients, losses, configuration, arguments, and five
// steps of training.
#include "tests/support/golden.h"

#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>
#include <keras/ops.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "layers/layer_state.h"
#include "layers/table.h"
#include "ops/names.h"
#include "ops/trace.h"
#include "tests/support/like_keras.h"

namespace keras {
namespace {

using ::keras::testing::Golden;

// What is recorded of layers, and at least how many cases have values, losses, training and whole stacks.
struct Family {
  const char* name;
  int values, losses, trained, stacks;
};
constexpr Family kFamilies[] = {{"layers", 34, 4, 14, 7},      {"layers_conv", 58, 4, 11, 3},
                                {"layers_norm", 39, 1, 4, 0},  {"layers_space", 88, 4, 15, 0},
                                {"layers_more", 79, 6, 11, 0}, {"layers_old", 16, 2, 7, 0}};

const Golden& golden(const std::string& family) {
  static auto* const families = new std::map<std::string, Golden>;
  return families->try_emplace(family, family).first->second;
}

Layer make(const std::string& class_name, Config args, DType dtype, const std::string& name = "") {
  args.set("dtype", dtype.name());
  if (!name.empty()) args.set("name", name);
  return layers::from_config(Config::map({{"class_name", class_name}, {"config", args}}));
}

Layer layer_of(const Config& c, DType dtype) { return make(c.at("class").as_string(), c.at("args"), dtype); }

bool lists(const Config& c, const char* list, const std::string& name) {
  const auto& items = c.at(list).items();
  return std::any_of(items.begin(), items.end(), [&](const Config& item) { return item.as_string() == name; });
}
bool records(const Config& c, const std::string& output) { return lists(c, "outputs", output); }

// The inputs whose names begin so, in order: x, x1, …, or weight_0, ….
std::vector<Array> inputs_of(const Golden& golden, const Config& c, const std::string& prefix, DType dtype) {
  std::vector<Array> arrays;
  for (const Config& input : c.at("inputs").items()) {
    if (input.as_string().starts_with(prefix)) arrays.push_back(golden.input(c, input.as_string(), dtype));
  }
  return arrays;
}

Shape shape_of(const Config& config) {
  Shape shape;
  read_config(config, shape);
  return shape;
}

Shape output_shape(const Layer& layer, const std::vector<Shape>& inputs) {
  if (inputs.size() == 1) return layer.compute_output_shape(inputs[0]);
  const ops::Trace scratch;
  std::vector<Tensor> tensors;
  for (const Shape& input : inputs) tensors.push_back(ops::placeholder({layer.body()->dtype(), input}, "x"));
  return layer(tensors).shape();
}

// A case with values, rather than with moments or an error.
bool has_values(const Config& c) { return c.contains("class") && c.contains("inputs") && !c.contains("dialect"); }

class Layers : public ::testing::TestWithParam<std::tuple<Family, DType::Kind>> {
 protected:
  Layers() { config::set_floatx(dtype_); }
  ~Layers() override { config::set_floatx(before_); }
  Array input(const Config& c, const std::string& what) const { return golden_.input(c, what, dtype_); }
  std::vector<Array> weights_of(const Config& c) const { return inputs_of(golden_, c, "weight_", dtype_); }

  // Losses of five batches before their updates, then the weights.
  void check_training(const Sequential& model, const Config& c, const std::string& loss) {
    model.set_weights(weights_of(c));
    const Array x = input(c, "x"), y = input(c, "y");
    Sequential trained = model;
    trained.compile({.optimizer = optimizers::SGD({.learning_rate = 0.05}), .loss = loss});
    std::vector<double> losses;
    for (int step = 0; step < 5; ++step) losses.push_back(trained.train_on_batch(x, y));
    // Logs hold float32 figures, whatever the model's dtype.
    EXPECT_TRUE(golden_.agrees(Array(losses).astype(DType::float32), c, "losses"));
    const std::vector<Array> weights = trained.get_weights();
    for (std::size_t i = 0; i < weights.size(); ++i)
      EXPECT_TRUE(golden_.agrees(weights[i], c, "after_" + std::to_string(i)));
  }

  const DType before_ = config::floatx();
  const Family family_ = std::get<0>(GetParam());
  const DType dtype_ = std::get<1>(GetParam());
  const Golden& golden_ = golden(family_.name);
};

TEST_P(Layers, ForwardAndGradients) {
  int count = 0;
  for (const Config& c : golden_.cases()) {
    if (!has_values(c)) continue;
    const std::vector<Array> xs = inputs_of(golden_, c, "x", dtype_);
    for (const std::string mode : {"test", "train"}) {
      if (!records(c, "y_" + mode)) continue;
      const Layer layer = layer_of(c, dtype_);
      if (xs.size() == 1) layer.build(xs[0].shape());
      layer.set_weights(weights_of(c));
      const std::vector<Tensor> inputs(xs.begin(), xs.end());
      const bool numbers = !xs[0].dtype().is_floating();  // of rows: they have no gradient
      std::vector<Tensor> sources = numbers ? std::vector<Tensor>() : inputs;
      const std::size_t count_of_inputs = sources.size();
      for (const Variable& weight : layer.weights()) sources.emplace_back(weight);
      Call call{.training = mode == "train"};
      if (lists(c, "inputs", "mask")) call.masks = {input(c, "mask")};
      const Tensor y = layer.outputs(inputs, call)[0];
      const std::vector<Tensor> gradients = ops::gradients(ops::sum(y * Tensor(input(c, "w"))), sources);
      EXPECT_TRUE(golden_.agrees(y, c, "y_" + mode));
      if (records(c, "mask_out")) {
        const Tensor mask = ops::mask_of(y);
        ASSERT_FALSE(mask.empty()) << c.at("name").as_string();
        EXPECT_TRUE(golden_.agrees(mask, c, "mask_out"));
      }
      for (std::size_t i = 0; i < gradients.size(); ++i) {
        const std::string source = i >= count_of_inputs ? "weight_" + std::to_string(i - count_of_inputs)
                                   : i == 0             ? "x"
                                                        : "x" + std::to_string(i);
        EXPECT_TRUE(golden_.agrees(gradients[i], c, "d" + source + "_" + mode));
      }
      for (std::size_t i = 0; i < layer.weights().size(); ++i) {
        const std::string moved = "moved_" + std::to_string(i);
        if (mode == "train" && records(c, moved)) {
          EXPECT_TRUE(golden_.agrees(layer.weights()[i].value(), c, moved));
        }
      }
    }
    ++count;
  }
  EXPECT_GE(count, family_.values);
}

TEST_P(Layers, Losses) {
  int count = 0;
  for (const Config& c : golden_.cases()) {
    if (!has_values(c) || !records(c, "layer_losses")) continue;
    const Layer layer = layer_of(c, dtype_);
    const Array x = input(c, "x");
    layer.build(x.shape());
    layer.set_weights(weights_of(c));
    ops::Trace trace;
    const Tensor placeholder = ops::placeholder({x.dtype(), x.shape()}, "x");
    layer.outputs({placeholder}, {.training = true});
    std::vector<Tensor> losses = trace.take_losses();
    for (const Tensor& loss : layers::regularization_losses(layer)) losses.push_back(loss);
    for (Tensor& loss : losses) loss = ops::reshape(loss, {1});
    const ops::Function function(std::vector<Tensor>{ops::concatenate(losses)}, trace,
                                 std::vector<Tensor>{placeholder});
    Array result(Shape{static_cast<std::int64_t>(losses.size())}, dtype_);
    const void* inputs[] = {x.data()};
    void* outputs[] = {result.mutable_data()};
    function.run(inputs, outputs);
    EXPECT_TRUE(golden_.agrees(result, c, "layer_losses"));
    ++count;
  }
  EXPECT_GE(count, family_.losses);
}

TEST_P(Layers, FiveStepsOfTraining) {
  int count = 0;
  for (const Config& c : golden_.cases()) {
    if (!has_values(c) || !records(c, "losses")) continue;
    Sequential model;
    model.add(Input(input(c, "x").shape().slice(1)));
    model.add(layer_of(c, dtype_));
    check_training(model, c, "mse");
    ++count;
  }
  EXPECT_GE(count, family_.trained);
}

TEST_P(Layers, Stacks) {
  int count = 0;
  for (const Config& c : golden_.cases()) {
    if (!c.contains("layers")) continue;
    Sequential model;
    const Array x = input(c, "x");
    model.add(Input(x.shape().slice(1)));
    for (const Config& layer : c.at("layers").items())
      model.add(make(layer.at("class").as_string(), layer.at("args"), dtype_));
    model.set_weights(weights_of(c));
    EXPECT_TRUE(golden_.agrees(model.predict(x), c, "predict"));
    check_training(model, c, c.at("loss").as_string());
    ++count;
  }
  EXPECT_GE(count, family_.stacks);
}

INSTANTIATE_TEST_SUITE_P(
    , Layers, ::testing::Combine(::testing::ValuesIn(kFamilies), ::testing::Values(DType::float64, DType::float32)),
    [](const auto& info) {
      return std::string(std::get<0>(info.param).name) + "_" + DType(std::get<1>(info.param)).name();
    });

TEST(LayersGolden, DropoutInTraining) {
  int count = 0;
  for (const Config& c : golden("layers").cases()) {
    if (!c.contains("zero_fraction")) continue;
    const Shape shape = shape_of(c.at("shape"));
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
    EXPECT_THROW(layer_of(golden("layers").at(name), DType::float32), ValueError) << name;
  }
}

TEST(LayersGolden, MeaningsOfKeras22) {
  config::set_compatibility("2.2");
  int count = 0;
  for (const Config& c : golden("layers_old").cases()) {
    if (!c.contains("dialect")) continue;
    const std::vector<Array> xs = inputs_of(golden("layers_old"), c, "x", DType::float32);
    Call call{.training = records(c, "y_train")};
    for (std::size_t i = 0; i < xs.size(); ++i) {
      const std::string mask = "mask" + std::to_string(i);
      call.masks.push_back(lists(c, "inputs", mask) ? Tensor(golden("layers_old").input(c, mask, DType::float32))
                                                    : Tensor());
    }
    const Tensor y = layer_of(c, DType::float32).outputs({xs.begin(), xs.end()}, call)[0], mask = ops::mask_of(y);
    for (const char* what : {"y_train", "mask_out"}) {
      if (records(c, what)) {
        EXPECT_TRUE(golden("layers_old").agrees(what[0] == 'y' ? y : mask, c, what));
      }
    }
    ++count;
  }
  EXPECT_GE(count, 9);
  config::set_compatibility("3");
}

TEST(LayersGolden, RandomLayersInTraining) {
  int count = 0;
  for (const Config& c : golden("layers_more").cases()) {
    const Config* moments = c.find("moments");
    if (!moments) continue;
    const Shape shape = shape_of(c.at("shape"));
    const Array y = layer_of(c, DType::float32).outputs({ones(shape)}, {.training = true})[0];
    const double size = static_cast<double>(y.size());
    const std::string& name = c.at("name").as_string();
    if (moments->contains("dropped")) {
      double dropped = 0;
      for (const float value : y.values<float>()) {
        const bool is = std::fabs(value - moments->at("dropped").as_real()) <= 1e-6;
        dropped += is;
        EXPECT_TRUE(is || std::fabs(value - moments->at("kept").as_real()) <= 1e-6) << name << ": " << value;
      }
      EXPECT_NEAR(dropped / size, moments->at("fraction").as_real(), moments->at("tolerance").as_real()) << name;
    } else {
      double sum = 0, squares = 0;
      for (const float value : y.values<float>()) sum += value, squares += static_cast<double>(value) * value;
      const double mean = sum / size;
      EXPECT_NEAR(mean, moments->at("mean").as_real(), moments->at("tolerance").as_real()) << name;
      EXPECT_NEAR(std::sqrt(squares / size - mean * mean), moments->at("stddev").as_real(),
                  moments->at("stddev_tolerance").as_real())
          << name;
    }
    for (const Config& axis : c.at("same_along").items()) {
      const Array first = y.slice(0, 1, static_cast<int>(axis.as_int()));
      EXPECT_TRUE(identical(Array(ops::broadcast_to(first, shape)), y)) << name;
    }
    ++count;
  }
  EXPECT_GE(count, 15);
}

TEST(LayersGolden, ConfigurationWeightsAndShapes) {
  for (const Family& family : kFamilies) {
    for (const Config& c : golden(family.name).cases()) {
      if (!has_values(c)) continue;
      const std::string name = c.at("name").as_string();
      ops::reset_names();
      const Layer layer = layers::from_config(Config::map({{"class_name", c.at("class")}, {"config", c.at("args")}}));
      EXPECT_TRUE(testing::like_keras(layer.get_config(), c.at("config"))) << name;
      const Layer again = layers::from_config(Config::map({{"class_name", c.at("class")}, {"config", c.at("config")}}));
      EXPECT_EQ(again.get_config().to_json(1), layer.get_config().to_json(1)) << name << ", from what Keras wrote";

      std::vector<Shape> inputs;
      for (const Array& x : inputs_of(golden(family.name), c, "x", DType::float32)) {
        inputs.push_back(x.shape());
        inputs.back()[0] = None;
      }
      EXPECT_EQ(output_shape(layer, inputs), shape_of(c.at("output_shape"))) << name;
      if (const Config* dynamic = c.find("dynamic")) {
        inputs.clear();
        for (const Config& input : dynamic->at("inputs").items()) inputs.push_back(shape_of(input));
        EXPECT_EQ(output_shape(layer, inputs), shape_of(dynamic->at("output"))) << name;
      }
      if (!c.contains("weights")) continue;
      ASSERT_EQ(layer.weights().size(), c.at("weights").size());
      for (std::size_t i = 0; i < layer.weights().size(); ++i) {
        const Variable weight = layer.weights()[i];
        const Config& expected = c.at("weights").items()[i];
        EXPECT_EQ(weight.name(), expected.at("name").as_string());
        EXPECT_EQ(weight.state()->path, expected.at("path").as_string());
        EXPECT_EQ(weight.shape(), shape_of(expected.at("shape")));
      }
    }
  }
  ops::reset_names();
}

constexpr const char* kClasses[] = {
#define KERAS_LAYER(name, ...) #name,
#include "layers/layers.def"
};

TEST(LayersGolden, ArgumentsOrderAndDefaults) {
  const Golden arguments("arguments");
  for (const std::string name : kClasses) {
    if (name == "InputLayer" || name == "Lambda" || name == "TimeDistributed" || name == "ConvLSTM2DCell")
      continue;  // made of what has no default, or not exported by Keras 3
    const Config& c = arguments.at("layers." + name);
    ops::reset_names();
    const Layer layer = layers::from_config(Config::map({{"class_name", name}, {"config", c.at("made_with")}}));
    EXPECT_EQ(layer.name(), c.at("default_name").as_string());
    EXPECT_TRUE(testing::like_keras(layer.get_config(), c.at("config")));
    const std::string& mask = c.at("mask").as_string();
    if (mask != "own") {
      EXPECT_EQ(layer.body()->state().supports_masking, mask == "passed") << name;
    }
    // Every argument of Keras is one of ours, in its order, and what we have beside them every layer has.
    std::vector<std::string> expected;
    for (const Config& argument : c.at("arguments").items()) {
      const std::string& key = argument.at("name").as_string();
      if (!argument.contains("kind") && key != "name" && key != "dtype" && key != "lora_rank" && key != "lora_alpha" &&
          key != "quantization_config" && key != "weights")
        expected.push_back(key);
    }
    for (const char* common : {"name", "trainable", "dtype"}) expected.emplace_back(common);
    std::vector<std::string> own;
    const Config arguments_of_layer = layer.body()->Body::get_config();
    for (const auto& [key, value] : arguments_of_layer.entries()) {
      static const std::set<std::string> kKeywords{"activity_regularizer", "input_dim", "input_length",
                                                   "input_shape",          "unroll",    "zero_output_for_mask"};
      if (!kKeywords.contains(key) || std::count(expected.begin(), expected.end(), key) > 0) own.push_back(key);
    }
    EXPECT_EQ(own, expected) << name;
  }
  ops::reset_names();
}

}  // namespace
}  // namespace keras
