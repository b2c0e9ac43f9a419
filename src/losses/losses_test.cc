// The losses against what Keras computes, the stable form after a softmax or sigmoid, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "losses/built_in.h"
#include "ops/names.h"
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
  EXPECT_GT(count, 2000);
}

// A function of losses:: with the arguments of a case.
Tensor function_of(const Config& c, const Tensor& t, const Tensor& p) {
  const Config& args = c.at("args");
  const auto real = [&](const char* name) { return args.at(name).as_real(); };
  const auto smoothing = [&] { return real("label_smoothing"); };
  const auto axis = [&] {
    AxisList axes = nullptr;
    read_config(args.get("axis", {}), axes);
    return axes;
  };
  const std::map<std::string, std::function<Tensor()>> functions = {
      {"mean_squared_error", [&] { return losses::mean_squared_error(t, p); }},
      {"mean_absolute_error", [&] { return losses::mean_absolute_error(t, p); }},
      {"mean_absolute_percentage_error", [&] { return losses::mean_absolute_percentage_error(t, p); }},
      {"mean_squared_logarithmic_error", [&] { return losses::mean_squared_logarithmic_error(t, p); }},
      {"cosine_similarity", [&] { return losses::cosine_similarity(t, p, axis().values()[0]); }},
      {"huber", [&] { return losses::huber(t, p, real("delta")); }},
      {"log_cosh", [&] { return losses::log_cosh(t, p); }},
      {"hinge", [&] { return losses::hinge(t, p); }},
      {"squared_hinge", [&] { return losses::squared_hinge(t, p); }},
      {"categorical_hinge", [&] { return losses::categorical_hinge(t, p); }},
      {"kl_divergence", [&] { return losses::kl_divergence(t, p); }},
      {"poisson", [&] { return losses::poisson(t, p); }},
      {"categorical_crossentropy", [&] { return losses::categorical_crossentropy(t, p, false, smoothing()); }},
      {"categorical_focal_crossentropy",
       [&] { return losses::categorical_focal_crossentropy(t, p, real("alpha"), real("gamma"), false, smoothing()); }},
      {"sparse_categorical_crossentropy", [&] { return losses::sparse_categorical_crossentropy(t, p); }},
      {"binary_crossentropy", [&] { return losses::binary_crossentropy(t, p, false, smoothing()); }},
      {"binary_focal_crossentropy",
       [&] { return losses::binary_focal_crossentropy(t, p, true, real("alpha"), real("gamma")); }},
      {"categorical_generalized_cross_entropy",
       [&] { return losses::categorical_generalized_cross_entropy(t, p, real("q")); }},
      {"ctc", [&] { return losses::ctc(t, p); }},
      {"dice", [&] { return losses::dice(t, p, axis()); }},
      {"tversky", [&] { return losses::tversky(t, p, real("alpha"), real("beta"), axis()); }},
      {"circle",
       [&] {
         const auto reference = [&](const char* what) {
           return golden().has(c.at("name").as_string() + "/" + what) ? Tensor(golden().input(c, what, p.dtype()))
                                                                      : Tensor();
         };
         return losses::circle(t, p, reference("ref_labels"), reference("ref_embeddings"),
                               args.at("remove_diagonal").as_bool(), real("gamma"), args.get("margin", 0.4).as_real());
       }},
  };
  return functions.at(c.at("function").as_string())();
}

TEST_P(LossesAgainstKeras, Functions) {
  std::set<std::string> names;
  for (const Config& c : golden().cases()) {
    if (!c.contains("function")) continue;
    SCOPED_TRACE(c.at("name").as_string());
    const Tensor t = golden().input(c, "y_true", GetParam()), p = golden().input(c, "y_pred", GetParam());
    EXPECT_TRUE(golden().agrees(function_of(c, t, p), c, "values"));
    names.insert(c.at("function").as_string());
  }
  std::set<std::string> wanted;
  const testing::Golden arguments("arguments");
  for (const Config& c : arguments.cases()) {
    const std::string title = c.at("name").as_string();
    if (title.starts_with("losses.") && c.at("kind").as_string() == "function")
      wanted.insert(title.substr(std::string("losses.").size()));
  }
  EXPECT_EQ(names, wanted);
}

INSTANTIATE_TEST_SUITE_P(Types, LossesAgainstKeras, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Losses, NamesAreThoseOfKeras) {
  const testing::Golden arguments("arguments");
  int count = 0;
  for (const Config& c : arguments.cases()) {
    const std::string title = c.at("name").as_string();
    if (!title.starts_with("losses.get.") || c.contains("error")) continue;
    const Loss loss = title.substr(std::string("losses.get.").size());
    if (const Config* function = c.find("function")) {
      EXPECT_EQ(as_config(loss), as_config(Loss(function->as_string()))) << title;
      EXPECT_EQ(ops::snake_case(as_config(loss).at("class_name").as_string()), function->as_string());
    } else {
      EXPECT_EQ(as_config(loss).at("class_name"), c.at("class")) << title;
      testing::expect_same(as_config(loss).at("config"), c.at("config"), title);
    }
    ++count;
  }
  EXPECT_GT(count, 50);
}

TEST(Losses, ArgumentsAreThoseOfKeras) {
  const testing::Golden arguments("arguments");
  int checked = 0;
  const auto check = [&]<class A>(const A&, const char* name, const Loss& loss) {
    const std::string title = std::string("losses.") + name;
    testing::check_defaults<A>(arguments, title);
    EXPECT_EQ(as_config(loss).at("class_name").as_string(), name);
    testing::expect_same(as_config(loss).at("config"), arguments.at(title).at("config"), title);
    ++checked;
  };
  check(BinaryCrossentropyArgs(), "BinaryCrossentropy", losses::BinaryCrossentropy());
  check(BinaryFocalCrossentropyArgs(), "BinaryFocalCrossentropy", losses::BinaryFocalCrossentropy());
  check(CTCArgs(), "CTC", losses::CTC());
  check(CategoricalCrossentropyArgs(), "CategoricalCrossentropy", losses::CategoricalCrossentropy());
  check(CategoricalFocalCrossentropyArgs(), "CategoricalFocalCrossentropy", losses::CategoricalFocalCrossentropy());
  check(CategoricalGeneralizedCrossEntropyArgs(), "CategoricalGeneralizedCrossEntropy",
        losses::CategoricalGeneralizedCrossEntropy());
  check(CategoricalHingeArgs(), "CategoricalHinge", losses::CategoricalHinge());
  check(CircleArgs(), "Circle", losses::Circle());
  check(CosineSimilarityArgs(), "CosineSimilarity", losses::CosineSimilarity());
  check(DiceArgs(), "Dice", losses::Dice());
  check(HingeArgs(), "Hinge", losses::Hinge());
  check(HuberArgs(), "Huber", losses::Huber());
  check(KLDivergenceArgs(), "KLDivergence", losses::KLDivergence());
  check(LogCoshArgs(), "LogCosh", losses::LogCosh());
  check(MeanAbsoluteErrorArgs(), "MeanAbsoluteError", losses::MeanAbsoluteError());
  check(MeanAbsolutePercentageErrorArgs(), "MeanAbsolutePercentageError", losses::MeanAbsolutePercentageError());
  check(MeanSquaredErrorArgs(), "MeanSquaredError", losses::MeanSquaredError());
  check(MeanSquaredLogarithmicErrorArgs(), "MeanSquaredLogarithmicError", losses::MeanSquaredLogarithmicError());
  check(PoissonArgs(), "Poisson", losses::Poisson());
  check(SparseCategoricalCrossentropyArgs(), "SparseCategoricalCrossentropy", losses::SparseCategoricalCrossentropy());
  check(SquaredHingeArgs(), "SquaredHinge", losses::SquaredHinge());
  check(TverskyArgs(), "Tversky", losses::Tversky());
  int classes = 0;
  for (const Config& c : arguments.cases())
    classes += c.at("name").as_string().starts_with("losses.") && c.at("kind").as_string() == "class";
  EXPECT_EQ(checked, classes);
  EXPECT_EQ(classes, 22);
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

TEST(Losses, NamesOf2_2) {
  const std::pair<const char*, const char*> names[] = {{"kld", "KLDivergence"},
                                                       {"KLD", "KLDivergence"},
                                                       {"kullback_leibler_divergence", "KLDivergence"},
                                                       {"logcosh", "LogCosh"},
                                                       {"cosine", "CosineSimilarity"},
                                                       {"cosine_proximity", "CosineSimilarity"},
                                                       {"mape", "MeanAbsolutePercentageError"},
                                                       {"MAPE", "MeanAbsolutePercentageError"},
                                                       {"msle", "MeanSquaredLogarithmicError"},
                                                       {"MSLE", "MeanSquaredLogarithmicError"},
                                                       {"huber_loss", "Huber"}};
  for (const auto& [name, class_name] : names)
    EXPECT_EQ(as_config(Loss(name)).at("class_name").as_string(), class_name);
}

TEST(Losses, OlderConfigurations) {
  Loss loss;
  const auto reduction_of = [&](const char* json) {
    read_config(Config::from_json(json), loss);
    return loss.body()->reduction();
  };
  EXPECT_EQ(
      reduction_of(R"({"class_name": "Huber", "config": {"reduction": "auto", "name": "huber_loss", "delta": 2}})"),
      "sum_over_batch_size");
  EXPECT_EQ(as_config(loss).at("config").at("delta").as_real(), 2);
  EXPECT_EQ(reduction_of(R"({"class_name": "Dice", "config": {"reduction": null, "axis": [1, 2]}})"), "none");
  EXPECT_EQ(as_config(loss).at("config").at("axis").to_json(), "[1, 2]");
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
  refused("huber", {5, 2}, {5, 3}, "huber");
  refused("cosine_similarity", {5, 2}, {5, 3}, "cosine_similarity");
  refused("hinge", {5, 2}, {5, 3}, "hinge");
  refused("categorical_hinge", {5, 2}, {5, 3}, "y_true must be one-hot");
  refused("kl_divergence", {5, 2}, {5, 3}, "kl_divergence");
  refused("dice", {5, 2}, {5, 3}, "dice");
  refused("circle", {5, 2}, {5, 3}, "one integer for each embedding");
  refused("ctc", {5}, {5, 3}, "(batch, longest)");
  refused("CategoricalGeneralizedCrossEntropy", {5, 3}, {5, 3}, "one integer for each sample");
  EXPECT_THAT([] { losses::CategoricalGeneralizedCrossEntropy({.q = 1}); },
              ThrowsMessage<ValueError>(HasSubstr("q=1")));
  EXPECT_THAT(
      [] {
        losses::Dice({.axis = {1, 2}})(zeros({2, 2}), ones({2, 2}));
      },
      ThrowsMessage<ValueError>(HasSubstr("there is no axis 2")));
  EXPECT_THAT(
      [] {
        losses::CategoricalGeneralizedCrossEntropy()(Array(std::vector<std::int32_t>{3}), ones({1, 3}));
      },
      ThrowsMessage<ValueError>(HasSubstr("the label 3 of sample 0")));
  EXPECT_THAT([] { losses::MeanSquaredError({.reduction = "men"}); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «mean»?")));
  EXPECT_THAT([] { losses::CategoricalCrossentropy({.label_smoothing = 1.5}); },
              ThrowsMessage<ValueError>(HasSubstr("label_smoothing")));
  EXPECT_THAT([] { Loss()(zeros({1}), zeros({1})); }, ThrowsMessage<ValueError>(HasSubstr("empty")));
}

}  // namespace
}  // namespace keras
