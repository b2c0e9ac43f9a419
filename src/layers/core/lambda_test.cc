// Lambda: the functions it takes, masks, arguments, and what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>

#include "layers/table.h"
#include "ops/tensor_node.h"
#include "tests/support/arguments.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const Array kX({{1., 2.}, {3., 4.}});

TEST(Lambda, TakesFunctionsOfManyKinds) {
  const auto gives = [](const Layer& layer, const std::vector<Tensor>& inputs, const Array& expected) {
    EXPECT_TRUE(identical(Array(layer.outputs(inputs)[0]), expected));
  };
  gives(layers::Lambda([](const Tensor& x) { return x * 2; }), {kX}, Array({{2., 4.}, {6., 8.}}));
  gives(layers::Lambda(ops::square), {kX}, Array({{1., 4.}, {9., 16.}}));
  gives(layers::Lambda([](const std::vector<Tensor>& x) { return x[0] + x[1]; }), {kX, kX},
        Array({{2., 4.}, {6., 8.}}));
  gives(layers::Lambda([](const Tensor& x, const Config& a) { return x * a.at("by").as_real(); },
                       {.arguments = Config::map({{"by", 3.0}})}),
        {kX}, Array({{3., 6.}, {9., 12.}}));
  const Layer call = layers::Lambda([](const Call& c) { return c.training ? c.inputs[0] * 0 : c.inputs[0]; });
  gives(call, {kX}, kX);
  EXPECT_TRUE(identical(Array(call.outputs({kX}, {.training = true})[0]), zeros({2, 2})));
  const Layer split = layers::Lambda([](const std::vector<Tensor>& x) {
    return std::vector<Tensor>{x[0] + 1, ops::sum(x[0], {1})};
  });
  EXPECT_EQ(split.outputs({kX}).size(), 2u);
}

TEST(Lambda, StandsInModels) {
  Sequential model;
  model.add(layers::Dense(3, {.input_dim = 2}));
  model.add(layers::Lambda([](const Tensor& x) { return ops::concatenate({x, -x}, -1); }, {.name = "both"}));
  model.add(layers::Dense(1));
  EXPECT_EQ(model.get_layer("both").output().shape(), Shape({None, 6}));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const double first = model.train_on_batch(kX, ones({2, 1}));
  double last = first;
  for (int i = 0; i < 20; ++i) last = model.train_on_batch(kX, ones({2, 1}));
  EXPECT_LT(last, first);
  const Tensor x = Input({4});
  const Layer mean =
      layers::Lambda([](const Tensor& v) { return ops::mean(v, {-1}, true); }, {.output_shape = Shape{1}});
  EXPECT_EQ(Model(x, mean(x)).predict(ones({3, 4})).shape(), Shape({3, 1}));
}

TEST(Lambda, Masks) {
  const auto twice = [](const Tensor& x) { return x * 2; };
  const Tensor masked = layers::Masking()(Tensor(Array({{0., 0.}, {1., 2.}}).reshape({1, 2, 2})));
  const auto mask_of = [&](const Layer& layer) {
    const Tensor mask = ops::mask_of(layer(masked));
    return mask.empty() ? std::string("none") : ops::cast(mask, DType::float32).str();
  };
  EXPECT_EQ(mask_of(layers::Lambda(twice)), "none");  // as in Keras, which drops it
  EXPECT_EQ(mask_of(layers::Lambda(twice, {.mask = [](const Tensor&, const Tensor& mask) { return mask; }})),
            Array({{0, 1}}).str());
  EXPECT_EQ(mask_of(layers::Lambda(twice, {.mask = Array({{1, 0}})})), Array({{1, 0}}).str());
}

TEST(Lambda, Refuses) {
  const auto same = [](const Tensor& x) { return x; };
  EXPECT_THAT([&] { layers::Lambda(same, {.function = same}); }, ThrowsMessage<ValueError>(HasSubstr("given twice")));
  EXPECT_THAT([] { layers::Lambda(LambdaFunction()); }, ThrowsMessage<ValueError>(HasSubstr("needs a function")));
  EXPECT_THAT([&] { layers::Lambda(same, {.name = "f"}).get_config(); },
              ThrowsMessage<NotImplementedError>(AllOf(HasSubstr("Lambda \"f\""), HasSubstr("LayerBody"))));
  EXPECT_THAT(
      [&] {
        layers::Lambda(same)({kX, kX});
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("2 inputs"), HasSubstr("std::vector<Tensor>"))));
  EXPECT_THAT([&] { layers::Lambda(same, {.output_shape = Shape{3}})(kX); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("the shape (3,)"), HasSubstr("shape=(2, 2)"))));
  EXPECT_THAT([] { layers::Lambda([](const Tensor&) { return Tensor(); })(kX); },
              ThrowsMessage<ValueError>(HasSubstr("empty Tensor")));
  EXPECT_THAT(
      [] {
        layers::from_config(Config::from_json(
            R"({"class_name": "Lambda", "config": {"name": "f", "function": ["4wEAAAA", null, null], "function_type": "lambda"}})"));
      },
      ThrowsMessage<NotImplementedError>(AllOf(HasSubstr("Lambda"), HasSubstr("code of Python"))));
}

TEST(Lambda, ClonesShareTheFunction) {
  const Layer twice = layers::Lambda([](const Tensor& x) { return x * 2; }, {.name = "twice"});
  const Layer again = layers::clone(twice);
  EXPECT_EQ(again.name(), "twice");
  EXPECT_TRUE(identical(Array(again(kX)), Array({{2., 4.}, {6., 8.}})));
}

TEST(Lambda, ArgumentsAreKeras) {
  testing::check_defaults<LambdaArgs>(testing::Golden("arguments"), "layers.Lambda", {"function"},
                                      {"name", "trainable", "dtype", "input_shape"});
}

}  // namespace
}  // namespace keras
