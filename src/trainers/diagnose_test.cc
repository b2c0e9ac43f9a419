// The diagnostics of fit: each kind where it should be given, and not where it should not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>

#include "tests/support/keras2.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> fit(Model model, const Array& x, const Array& y, FitArgs args = {}) {
  const testing::Warnings warnings;
  args.verbose = 0;
  model.fit(x, y, args);
  return warnings.texts;
}

Sequential compiled(std::vector<Layer> layers, const char* loss, const Optimizer& optimizer = "sgd") {
  Sequential model(std::move(layers));
  model.compile({.optimizer = optimizer, .loss = loss});
  return model;
}

Array labels(std::initializer_list<int> values) {
  return Array(std::vector<std::int32_t>(values.begin(), values.end()));
}

TEST(Diagnostics, ASoftmaxOverOneUnit) {
  const Array x = random::normal({8, 3}), y = labels({0, 1, 0, 1, 0, 1, 0, 1});
  for (const char* loss : {"categorical_crossentropy", "binary_crossentropy", "mse"}) {
    SCOPED_TRACE(loss);
    Sequential model = compiled({layers::Dense(1, {.activation = "softmax", .input_dim = 3})}, loss);
    EXPECT_THAT(fit(model, x, y.reshape({8, 1}).astype(DType::float32)),
                ElementsAre(AllOf(HasSubstr("softmax over one unit"), HasSubstr("sigmoid"))));
    EXPECT_THAT(fit(model, x, y.reshape({8, 1}).astype(DType::float32)), IsEmpty());  // once
  }
  EXPECT_THAT(
      fit(compiled({layers::Dense(1, {.activation = "sigmoid", .input_dim = 3})}, "categorical_crossentropy"), x, y),
      ElementsAre(HasSubstr("use binary_crossentropy")));
  EXPECT_THAT(fit(compiled({layers::Dense(1, {.input_dim = 3}), layers::Activation("softmax")}, "mse"), x, y),
              ElementsAre(HasSubstr("softmax over one unit")));
  EXPECT_THAT(fit(compiled({layers::Dense(1, {.activation = "sigmoid", .input_dim = 3})}, "binary_crossentropy"), x, y),
              IsEmpty());
  EXPECT_THAT(
      fit(compiled({layers::Dense(2, {.activation = "softmax", .input_dim = 3})}, "sparse_categorical_crossentropy"), x,
          y),
      IsEmpty());
}

TEST(Diagnostics, AValidationSplitThatLeavesAClassOut) {
  const Array x = random::normal({10, 3});
  const Array sorted = labels({0, 0, 0, 0, 1, 1, 1, 2, 2, 2}), mixed = labels({0, 1, 2, 0, 1, 2, 0, 1, 2, 0});
  const auto model = [](const char* loss) {
    return compiled({layers::Dense(3, {.activation = "softmax", .input_dim = 3})}, loss);
  };
  const FitArgs split{.validation_split = 0.3};
  EXPECT_THAT(fit(model("sparse_categorical_crossentropy"), x, sorted, split),
              ElementsAre(AllOf(HasSubstr("class 2"), HasSubstr("validation_split"), HasSubstr("shuffle"))));
  EXPECT_THAT(fit(model("categorical_crossentropy"), x, utils::to_categorical(sorted, 3), split),
              ElementsAre(HasSubstr("class 2")));
  EXPECT_THAT(fit(model("sparse_categorical_crossentropy"), x, mixed, split), IsEmpty());
  EXPECT_THAT(fit(model("categorical_crossentropy"), x, utils::to_categorical(mixed, 3), split), IsEmpty());
  EXPECT_THAT(fit(model("sparse_categorical_crossentropy"), x, sorted), IsEmpty());
  // A class that only training has is none of its business, and neither are numbers that are no classes.
  EXPECT_THAT(fit(model("sparse_categorical_crossentropy"), x, labels({2, 0, 1, 0, 1, 1, 0, 0, 1, 0}), split),
              IsEmpty());
  EXPECT_THAT(fit(compiled({layers::Dense(1, {.input_dim = 3})}, "mse"), x, sorted, split), IsEmpty());
  const Array binary = labels({0, 0, 0, 0, 0, 0, 0, 1, 1, 1});
  EXPECT_THAT(fit(compiled({layers::Dense(1, {.activation = "sigmoid", .input_dim = 3})}, "binary_crossentropy"), x,
                  binary, split),
              ElementsAre(HasSubstr("class 1")));
}

TEST(Diagnostics, LabelsThatDoNotFitTheLoss) {
  const Array x = random::normal({4, 3});
  const auto binary = [] {
    return compiled({layers::Dense(1, {.activation = "sigmoid", .input_dim = 3})}, "binary_crossentropy");
  };
  EXPECT_THAT(fit(binary(), x, labels({-1, 1, -1, 1})),
              ElementsAre(AllOf(HasSubstr("labels (y)"), HasSubstr("hinge"))));
  EXPECT_THAT(fit(binary(), x, labels({0, 1, 2, 3})), ElementsAre(HasSubstr("sparse_categorical_crossentropy")));
  EXPECT_THAT(fit(binary(), x, labels({0, 1, 1, 0})), IsEmpty());
  EXPECT_THAT(fit(binary(), x, Array({0.25f, 0.5f, 1.f, 0.f})), IsEmpty());
  const auto softmax = [] {
    return compiled({layers::Dense(3, {.activation = "softmax", .input_dim = 3})}, "categorical_crossentropy");
  };
  EXPECT_THAT(fit(softmax(), x, Array({{1., 1., 0.}, {0., 1., 0.}, {0., 0., 1.}, {1., 0., 0.}})),
              ElementsAre(AllOf(HasSubstr("sum is 2"), HasSubstr("sigmoid"))));
  EXPECT_THAT(fit(softmax(), x, Array({{0., 2., 1.}, {0., 1., 2.}, {2., 0., 1.}, {1., 0., 2.}})),
              ElementsAre(HasSubstr("to_categorical")));
  EXPECT_THAT(fit(softmax(), x, Array({{0.5, 0.25, 0.25}, {0., 1., 0.}, {0., 0., 1.}, {1., 0., 0.}})), IsEmpty());
}

TEST(Diagnostics, InputsThatAreNotScaled) {
  const Array y = random::normal({8, 1});
  const Array pixels = random::randint({8, 12}, 0, 256);
  const auto dense = [](std::vector<Layer> before) {
    before.push_back(layers::Dense(1));
    Sequential model(std::move(before));
    model.build({None, 12});
    model.compile({.optimizer = optimizers::SGD({.learning_rate = 1e-9}), .loss = "mse"});
    return model;
  };
  EXPECT_THAT(fit(dense({}), pixels.astype(DType::float32), y),
              ElementsAre(AllOf(HasSubstr("not scaled"), HasSubstr("255"))));
  EXPECT_THAT(fit(dense({layers::Dropout(0.1)}), pixels.astype(DType::uint8).astype(DType::float32), y),
              ElementsAre(HasSubstr("not scaled")));
  EXPECT_THAT(fit(dense({}), Tensor(pixels.astype(DType::float32)) / 255.0, y), IsEmpty());
  EXPECT_THAT(fit(dense({}), Tensor(pixels.astype(DType::float32)) - 120.0, y), IsEmpty());
  EXPECT_THAT(fit(dense({}), Tensor(pixels.astype(DType::float32)) / 8.0, y), IsEmpty());
  EXPECT_THAT(fit(dense({layers::BatchNormalization()}), pixels.astype(DType::float32), y), IsEmpty());
  Sequential words({layers::Embedding(256, 4), layers::Flatten(), layers::Dense(1)});
  words.compile({.optimizer = "sgd", .loss = "mse"});
  EXPECT_THAT(fit(words, pixels, y), IsEmpty());
}

TEST(Diagnostics, AFrozenBatchNormalization) {
  const Array x = random::normal({8, 3}), y = random::normal({8, 1});
  const auto model = [&](bool train, bool freeze) {
    const Layer normalization = layers::BatchNormalization({.name = "norm"});
    Sequential model({layers::Dense(3, {.input_dim = 3}), normalization, layers::Dense(1)});
    if (train) {
      model.compile({.optimizer = "sgd", .loss = "mse"});
      model.fit(x, y, {.verbose = 0});
    }
    normalization.set_trainable(!freeze);
    model.compile({.optimizer = "sgd", .loss = "mse"});
    return model;
  };
  EXPECT_THAT(fit(model(false, true), x, y),
              ElementsAre(AllOf(HasSubstr("norm is frozen"), HasSubstr("still 0 and 1"))));
  EXPECT_THAT(fit(model(true, true), x, y), IsEmpty());
  EXPECT_THAT(fit(model(false, false), x, y), IsEmpty());
  const testing::Keras2 meanings;
  EXPECT_THAT(fit(model(true, true), x, y), ElementsAre(HasSubstr("by each batch in training")));
  EXPECT_THAT(fit(model(true, false), x, y), IsEmpty());
}

TEST(Diagnostics, ALearningRateOf0) {
  const Array x = random::normal({8, 3}), y = random::normal({8, 1});
  const auto model = [](double rate) {
    return compiled({layers::Dense(1, {.input_dim = 3})}, "mse", optimizers::SGD({.learning_rate = rate}));
  };
  EXPECT_THAT(fit(model(0), x, y, {.epochs = 3}), ElementsAre(HasSubstr("learning rate of the optimizer (SGD) is 0")));
  EXPECT_THAT(fit(model(0.1), x, y), IsEmpty());
  // One that a callback sets before it is used.
  EXPECT_THAT(fit(model(0), x, y, {.callbacks = {callbacks::LearningRateScheduler([](int) { return 0.1; })}}),
              IsEmpty());
}

TEST(Diagnostics, AreSilencedByKindAndAltogether) {
  const Array x = random::normal({8, 3}), y = labels({-1, 1, -1, 1, -1, 1, -1, 1});
  const auto model = [] {
    return compiled({layers::Dense(1, {.activation = "softmax", .input_dim = 3})}, "binary_crossentropy",
                    optimizers::SGD({.learning_rate = 0}));
  };
  EXPECT_EQ(fit(model(), x, y).size(), 3u);
  config::set_diagnostics(false, "softmax");
  EXPECT_FALSE(config::diagnostics("softmax"));
  EXPECT_TRUE(config::diagnostics("labels"));
  EXPECT_EQ(fit(model(), x, y).size(), 2u);
  config::set_diagnostics(false);
  EXPECT_THAT(fit(model(), x, y), IsEmpty());
  config::set_diagnostics(true);
  EXPECT_EQ(fit(model(), x, y).size(), 3u);
  EXPECT_THROW(config::set_diagnostics(false, "scales"), ValueError);
}

}  // namespace
}  // namespace keras
