// The losses against what Keras computes, the stable form after a softmax or sigmoid, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include <cmath>

#include "losses/built_in.h"
#include "tests/support/arguments.h"
#include "tests/support/golden.h"
#include "tests/support/shelves.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const testing::Golden& golden() {
  static const testing::Golden golden("losses");
  return golden;
}

class LossesAgainstKeras : public ::testing::TestWithParam<const char*> {
 protected:
  LossesAgainstKeras() { config::set_floatx(GetParam()); }
  ~LossesAgainstKeras() override { config::set_floatx("float32"); }
};

Tensor activated(const Config& c, const Tensor& x) {
  const Config* activation = c.find("activation");
  if (!activation) return x;
  return activation->as_string() == "softmax" ? ops::softmax(x) : ops::sigmoid(x);
}

TEST_P(LossesAgainstKeras, ValuesAndGradients) {
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (c.contains("function")) continue;
    SCOPED_TRACE(c.at("name").as_string());
    const Array y_true = golden().input(c, "y_true", GetParam()), y_pred = golden().input(c, "y_pred", GetParam());
    for (const Config& item : c.at("outputs").items()) {
      std::string what = item.as_string();
      const bool gradient = what.starts_with("d_"), weights = what.ends_with("_weighted");
      std::string reduction = what.substr(gradient ? 2 : 0);
      if (weights) reduction.resize(reduction.size() - std::string("_weighted").size());
      if (reduction == "values") reduction = "none";
      Config args = c.at("args");
      args.set("reduction", reduction);
      const auto loss = testing::made<Loss>(c.at("class").as_string(), args);
      const Tensor x = y_pred;
      const Tensor weight = weights ? Tensor(golden().input(c, "sample_weight", GetParam())) : Tensor();
      const Tensor value = loss(y_true, activated(c, x), weight);
      const Tensor result = gradient ? ops::gradients(value, std::vector<Tensor>{x})[0] : value;
      EXPECT_EQ(result.dtype(), DType(GetParam()));
      EXPECT_TRUE(golden().agrees(result, c, what));
      ++count;
    }
  }
  EXPECT_GT(count, 500);
}

TEST_P(LossesAgainstKeras, Functions) {
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("function")) continue;
    SCOPED_TRACE(c.at("name").as_string());
    const std::string name = c.at("function").as_string();
    const Tensor t = golden().input(c, "y_true", GetParam()), p = golden().input(c, "y_pred", GetParam());
    const double smoothing = c.at("args").get("label_smoothing", 0.0).as_real();
    const Tensor values =
        name == "mean_squared_error"                ? losses::mean_squared_error(t, p)
        : name == "mean_absolute_error"             ? losses::mean_absolute_error(t, p)
        : name == "categorical_crossentropy"        ? losses::categorical_crossentropy(t, p, false, smoothing)
        : name == "sparse_categorical_crossentropy" ? losses::sparse_categorical_crossentropy(t, p)
                                                    : losses::binary_crossentropy(t, p, false, smoothing);
    EXPECT_TRUE(golden().agrees(values, c, "values"));
    ++count;
  }
  EXPECT_EQ(count, 5);
}

INSTANTIATE_TEST_SUITE_P(Types, LossesAgainstKeras, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Losses, NamesAreThoseOfKeras) {
  const testing::Golden arguments("arguments");
  int count = 0;
  for (const Config& c : arguments.cases()) {
    const std::string title = c.at("name").as_string();
    if (!title.starts_with("losses.get.")) continue;
    const Loss loss = title.substr(std::string("losses.get.").size());
    if (const Config* function = c.find("function")) {
      EXPECT_EQ(loss.name(), function->as_string()) << title;
    } else {
      EXPECT_EQ(as_config(loss).at("class_name"), c.at("class")) << title;
      testing::expect_same(as_config(loss).at("config"), c.at("config"), title);
    }
    ++count;
  }
  EXPECT_GT(count, 10);
}

TEST(Losses, ArgumentsAreThoseOfKeras) {
  const testing::Golden arguments("arguments");
  testing::check_defaults<MeanSquaredErrorArgs>(arguments, "losses.MeanSquaredError");
  testing::check_defaults<MeanAbsoluteErrorArgs>(arguments, "losses.MeanAbsoluteError");
  testing::check_defaults<CategoricalCrossentropyArgs>(arguments, "losses.CategoricalCrossentropy");
  testing::check_defaults<SparseCategoricalCrossentropyArgs>(arguments, "losses.SparseCategoricalCrossentropy");
  testing::check_defaults<BinaryCrossentropyArgs>(arguments, "losses.BinaryCrossentropy");
}

TEST(Losses, ConfigsRoundTrip) {
  const Loss loss =
      losses::SparseCategoricalCrossentropy({.from_logits = true, .ignore_class = -1, .reduction = "sum"});
  Loss back;
  read_config(as_config(loss), back);
  EXPECT_EQ(as_config(back), as_config(loss));
  EXPECT_EQ(back.body()->reduction(), "sum");
  EXPECT_EQ(as_config(loss).at("module").as_string(), "keras.losses");
  read_config(Config(), back);
  EXPECT_FALSE(back);
}

TEST(Losses, CrossentropyGoesByTheShapes) {
  const testing::Golden metrics("metrics");
  const Loss loss = "crossentropy";
  const auto ends = [](const Array& t, const Array& p) {
    return std::pair{Loss("crossentropy")(t, p).operator Array().item(), Loss("ce")(t, p).operator Array().item()};
  };
  const Array column({{0.25}, {0.5}}), rows({{0.25, 0.75}, {0.5, 0.5}}), hot({{1., 0.}, {0., 1.}});
  const Array labels(std::vector<std::int32_t>{0, 1}), bits({{1.}, {0.}});
  const double binary = losses::BinaryCrossentropy()(bits, column).operator Array().item();
  const double sparse = losses::SparseCategoricalCrossentropy()(labels, rows).operator Array().item();
  const double categorical = losses::CategoricalCrossentropy()(hot, rows).operator Array().item();
  EXPECT_EQ(ends(bits, column), (std::pair{binary, binary}));
  EXPECT_EQ(ends(labels, rows), (std::pair{sparse, sparse}));
  EXPECT_EQ(ends(hot, rows), (std::pair{categorical, categorical}));
}

// A probability that rounds to 0 would give log(epsilon) and no gradient.
TEST(Losses, StableAfterSoftmaxAndSigmoid) {
  const Tensor x = Array({{200., -200.}});
  const Tensor hot = Array({{0., 1.}}), label = Array(std::vector<std::int32_t>{1});
  for (const Tensor& loss : {losses::CategoricalCrossentropy()(hot, ops::softmax(x)),
                             losses::SparseCategoricalCrossentropy()(label, ops::softmax(x)),
                             losses::CategoricalCrossentropy({.from_logits = true})(hot, ops::softmax(x))}) {
    const Array gradient = ops::gradients(loss, std::vector<Tensor>{x})[0];
    EXPECT_FLOAT_EQ(static_cast<float>(loss.operator Array().item()), 400);
    EXPECT_FLOAT_EQ(static_cast<float>(gradient.at({0, 0})), 1);
    EXPECT_FLOAT_EQ(static_cast<float>(gradient.at({0, 1})), -1);
  }
  const Tensor binary = losses::BinaryCrossentropy()(hot, ops::sigmoid(x));
  EXPECT_FLOAT_EQ(static_cast<float>(binary.operator Array().item()), 200);
  // Another axis or another function is not looked through.
  const double clipped = losses::CategoricalCrossentropy()(hot, ops::softmax(x, 0)).operator Array().item();
  EXPECT_NEAR(clipped, std::log(2), 1e-6);
}

Tensor squared(const Tensor& y_true, const Tensor& y_pred) { return ops::mean(ops::square(y_true - y_pred), {-1}); }

TEST(Losses, OfAFunction) {
  const Array t({{1., 2.}, {3., 4.}}), p({{0., 2.}, {3., 2.}});
  EXPECT_EQ(Loss(squared)(t, p).operator Array().item(), Loss("mse")(t, p).operator Array().item());
  EXPECT_FALSE(Loss(static_cast<Loss::Function>(nullptr)));
  EXPECT_THAT([] { as_config(Loss(squared)); }, ThrowsMessage<ValueError>(HasSubstr("LossBody")));
  // Labels reach an own function as real numbers.
  const Array bytes = Array(std::vector<std::uint8_t>{0, 200}, {2, 1});
  EXPECT_EQ(Loss(squared)(bytes, Array({{1.}, {0.}})).operator Array().item(), (1 + 40000) / 2.0);
}

TEST(Losses, NoSamples) { EXPECT_EQ(Loss("mse")(zeros({0, 3}), zeros({0, 3})).operator Array().item(), 0); }

TEST(Losses, LabelsOutsideTheClasses) {
  const Array p({{0.25, 0.75}, {0.5, 0.5}});
  const Loss sparse = "sparse_categorical_crossentropy";
  EXPECT_THAT(
      [&] {
        sparse(Array(std::vector<std::int32_t>{0, 2}), p);
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("the label 2 of sample 1"), HasSubstr("the classes 0 to 1"))));
  EXPECT_THAT(
      [&] {
        sparse(Array(std::vector<std::int32_t>{0, -1}), p);
      },
      ThrowsMessage<ValueError>(HasSubstr("the label -1 of sample 1")));
  EXPECT_NO_THROW(
      losses::SparseCategoricalCrossentropy({.ignore_class = -1})(Array(std::vector<std::int32_t>{0, -1}), p));
  // Where labels cannot be looked at beforehand, the loss is NaN instead of that of some other class.
  const Array values = losses::sparse_categorical_crossentropy(Array(std::vector<std::int32_t>{0, 2}), p);
  EXPECT_FALSE(std::isnan(values.at({0})));
  EXPECT_TRUE(std::isnan(values.at({1})));
}

TEST(Losses, Errors) {
  const auto refused = [](const Loss& loss, const Shape& t, const Shape& p, const char* text) {
    EXPECT_THAT([&] { loss(zeros(t), ones(p)); },
                ThrowsMessage<ValueError>(AllOf(HasSubstr(text), HasSubstr(p.str()), HasSubstr(t.str()))));
  };
  refused("mse", {5, 1}, {5, 3}, "mean_squared_error");
  refused("mae", {5, 2}, {5, 3}, "mean_absolute_error");
  refused("categorical_crossentropy", {5}, {5, 10}, "sparse_categorical_crossentropy");
  refused("categorical_crossentropy", {5, 1}, {5, 10}, "utils::to_categorical(labels, 10)");
  refused("categorical_crossentropy", {5, 10}, {5, 7}, "the last layer needs 10 units");
  refused("sparse_categorical_crossentropy", {5, 10}, {5, 10}, "use categorical_crossentropy");
  refused("sparse_categorical_crossentropy", {4}, {5, 10}, "one integer for each sample");
  refused("binary_crossentropy", {5}, {5, 10}, "sparse_categorical_crossentropy");
  EXPECT_THAT(
      [] {
        losses::CategoricalCrossentropy({.axis = 2})(zeros({2, 2}), ones({2, 2}));
      },
      ThrowsMessage<ValueError>(HasSubstr("there is no axis 2")));
  EXPECT_THAT(
      [] {
        Loss("mse")(zeros({5, 2}), ones({5, 2}), ones({4}));
      },
      ThrowsMessage<ValueError>(HasSubstr("sample_weight.shape=(4,)")));
  EXPECT_THAT(
      [] {
        Loss("mse")(zeros({3, 3, 2}), ones({3, 3, 2}), ones({3}));
      },
      ThrowsMessage<ValueError>(HasSubstr("sample_weight.shape=(3,)")));
  EXPECT_THAT([] { Loss("mean_square_error"); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «mean_squared_error»?")));
  EXPECT_THAT([] { Loss("huber"); }, ThrowsMessage<NotImplementedError>(HasSubstr("huber")));
  EXPECT_THAT([] { losses::MeanSquaredError({.reduction = "men"}); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «mean»?")));
  EXPECT_THAT([] { losses::CategoricalCrossentropy({.label_smoothing = 1.5}); },
              ThrowsMessage<ValueError>(HasSubstr("label_smoothing")));
  EXPECT_THAT([] { Loss()(zeros({1}), zeros({1})); }, ThrowsMessage<ValueError>(HasSubstr("empty")));
}

}  // namespace
}  // namespace keras
