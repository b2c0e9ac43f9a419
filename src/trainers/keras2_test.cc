// config::set_compatibility("2.2"): what Keras 2.2.4 means otherwise than Keras 3, against its formulas.
#include "tests/support/keras2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/keras.h>

#include "layers/layer_state.h"
#include "ops/tensor_node.h"
#include "tests/support/golden.h"

namespace keras {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const testing::Golden& golden() {
  static const testing::Golden golden("keras_2_2");
  return golden;
}

class Keras2Formulas : public ::testing::TestWithParam<const char*> {
 protected:
  Keras2Formulas() { config::set_floatx(GetParam()); }
  ~Keras2Formulas() override { config::set_floatx("float32"); }
  testing::Keras2 keras2_;
};

TEST_P(Keras2Formulas, Losses) {
  const DType dtype(GetParam());
  int count = 0;
  for (const Config& c : golden().cases()) {
    const std::string name = c.at("name").as_string();
    if (!c.contains("loss")) continue;
    SCOPED_TRACE(name);
    const Tensor y_true = golden().input(c, "y_true", dtype);
    Tensor y_pred = golden().input(c, "y_pred", dtype);
    if (golden().has(name + "/mask"))
      ops::node_of(y_pred)->mask = ops::node_of(Tensor(golden().input(c, "mask", dtype).astype(DType::boolean)));
    const Tensor weight = golden().has(name + "/weight") ? Tensor(golden().input(c, "weight", dtype)) : Tensor();
    const Array loss = Loss(c.at("loss").as_string())(y_true, y_pred, weight);
    EXPECT_TRUE(golden().agrees(loss, c, "loss"));
    ++count;
  }
  EXPECT_EQ(count, 8);
}

TEST_P(Keras2Formulas, BatchNormalization) {
  for (const char* name : {"batch_normalization", "batch_normalization_frozen"}) {
    SCOPED_TRACE(name);
    const Config& c = golden().at(name);
    const Array x = golden().input(c, "x", GetParam());
    const Layer layer = layers::BatchNormalization({.momentum = c.at("args").at("momentum").as_real(),
                                                    .epsilon = c.at("args").at("epsilon").as_real(),
                                                    .trainable = c.at("args").at("trainable").as_bool()});
    layer.build(x.shape());
    EXPECT_TRUE(golden().agrees(static_cast<Array>(layer.outputs({x}, {.training = true})[0]), c, "y"));
    EXPECT_TRUE(golden().agrees(layer.get_weights()[2], c, "moving_mean"));
    EXPECT_TRUE(golden().agrees(layer.get_weights()[3], c, "moving_variance"));
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Keras2Formulas, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Keras2, VersionsAreNamed) {
  EXPECT_EQ(config::compatibility(), "3");
  {
    const testing::Keras2 keras2;
    EXPECT_EQ(config::compatibility(), "2.2");
    EXPECT_STREQ(config::dialect().recurrent_activation, "hard_sigmoid");
    EXPECT_FALSE(config::dialect().reset_after);
  }
  EXPECT_THAT([] { config::set_compatibility("2.3"); }, ThrowsMessage<ValueError>(HasSubstr("\"2.3\"")));
  EXPECT_EQ(config::compatibility(), "3");
}

std::vector<std::string> names_of(const Logs& logs) {
  std::vector<std::string> names;
  for (const auto& [name, value] : logs) names.push_back(name);
  return names;
}

TEST(Keras2, FiguresHaveTheNamesOf2_2) {
  const testing::Keras2 keras2;
  Sequential model({layers::Dense(3, {.activation = "softmax", .input_dim = 2})});
  model.compile({.optimizer = "sgd",
                 .loss = "categorical_crossentropy",
                 .metrics = {"accuracy", "mae", "ce"},
                 .weighted_metrics = {"acc"}});
  const Array x = zeros({6, 2}), y = utils::to_categorical(Array(std::vector<std::int32_t>{0, 1, 2, 0, 1, 2}), 3);
  const History history = model.fit(x, y, {.verbose = 0, .validation_split = 0.5});
  EXPECT_TRUE(history.history.contains("acc"));
  EXPECT_TRUE(history.history.contains("val_acc"));
  EXPECT_THAT(names_of(model.evaluate(x, y)), ElementsAre("loss", "acc", "mean_absolute_error", "ce", "weighted_acc"));
}

TEST(Keras2, LossesOfOutputsComeBeforeMetrics) {
  const testing::Keras2 keras2;
  const Tensor x = Input({2});
  Model model(x, {layers::Dense(1, {.name = "a"})(x), layers::Dense(1, {.name = "b"})(x)});
  model.compile({.optimizer = "sgd", .loss = "mse", .metrics = {"mae"}});
  EXPECT_THAT(names_of(model.evaluate(zeros({4, 2}), {zeros({4, 1}), zeros({4, 1})})),
              ElementsAre("loss", "a_loss", "b_loss", "a_mean_absolute_error", "b_mean_absolute_error"));
}

TEST(Keras2, AccuracyGoesByTheLoss) {
  const testing::Keras2 keras2;
  const Shape y_true{4, 3}, y_pred{4, 3};
  const auto chosen = [&](const char* loss) {
    return as_config(Metric("accuracy").resolve(loss, y_true, y_pred)).at("class_name").as_string();
  };
  EXPECT_EQ(chosen("binary_crossentropy"), "BinaryAccuracy");
  EXPECT_EQ(chosen("categorical_crossentropy"), "CategoricalAccuracy");
  EXPECT_EQ(chosen("sparse_categorical_crossentropy"), "SparseCategoricalAccuracy");
  EXPECT_EQ(chosen("mse"), "CategoricalAccuracy");
}

// The formulas of 2.2.4: labels of hinge losses are taken as they are, and the metric cosine_proximity is the loss.
TEST(Keras2, HingeAndCosineProximity) {
  const Array bits({{0., 1.}}), predicted({{0.5, 0.25}}), plus({{3., 4.}});
  const auto value = [](const Tensor& x) { return x.operator Array().item(); };
  const auto cosine = [&] {
    Metric metric = "cosine_proximity";
    metric.update_state(plus, plus);
    return value(metric.result());
  };
  EXPECT_FLOAT_EQ(static_cast<float>(value(Loss("hinge")(bits, predicted))), (1.5F + 0.75F) / 2);
  EXPECT_FLOAT_EQ(static_cast<float>(cosine()), 1);
  const testing::Keras2 keras2;
  EXPECT_FLOAT_EQ(static_cast<float>(value(Loss("hinge")(bits, predicted))), (1 + 0.75F) / 2);
  EXPECT_FLOAT_EQ(static_cast<float>(value(Loss("squared_hinge")(bits, predicted))), (1 + 0.5625F) / 2);
  EXPECT_FLOAT_EQ(static_cast<float>(cosine()), -1);
  EXPECT_FLOAT_EQ(static_cast<float>(value(Loss("cosine_proximity")(plus, plus))), -1);
}

TEST(Keras2, EarlyStoppingKeepsTheLastWeightsAtTheEnd) {
  const auto weight_after = [](bool keras2) {
    config::set_compatibility(keras2 ? "2.2" : "3");
    Sequential model({layers::Dense(1, {.kernel_initializer = "ones", .input_dim = 1})});
    model.compile({.optimizer = optimizers::SGD({.learning_rate = 2}), .loss = "mse"});  // diverges
    model.fit(ones({4, 1}), zeros({4, 1}),
              {.epochs = 3,
               .verbose = 0,
               .callbacks = {callbacks::EarlyStopping(
                   {.monitor = "loss", .patience = 5, .mode = "min", .restore_best_weights = true})}});
    config::set_compatibility("3");
    return model.get_weights()[0].item();
  };
  EXPECT_NE(weight_after(true), weight_after(false));
}

}  // namespace
}  // namespace keras
