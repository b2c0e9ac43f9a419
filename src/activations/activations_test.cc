// The activation functions against what Keras computes, and the handle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/activations.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/ops.h>

#include <functional>
#include <limits>

#include "tests/support/golden.h"
#include "tests/support/keras2.h"

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
namespace a = activations;

const testing::Golden& golden() {
  static const testing::Golden golden("activations");
  return golden;
}

double real(const Config& args, const char* name, double fallback) { return args.get(name, fallback).as_real(); }

using Call = std::function<Tensor(const Tensor& x, const Config& args)>;
const std::map<std::string, Call>& calls() {
  static const std::map<std::string, Call> calls = [] {
    std::map<std::string, Call> all = {
        {"celu", [](auto& x, auto& c) { return a::celu(x, real(c, "alpha", 1)); }},
        {"elu", [](auto& x, auto& c) { return a::elu(x, real(c, "alpha", 1)); }},
        {"gelu", [](auto& x, auto& c) { return a::gelu(x, c.get("approximate", false).as_bool()); }},
        {"hard_shrink", [](auto& x, auto& c) { return a::hard_shrink(x, real(c, "threshold", 0.5)); }},
        {"leaky_relu", [](auto& x, auto& c) { return a::leaky_relu(x, real(c, "negative_slope", 0.2)); }},
        {"soft_shrink", [](auto& x, auto& c) { return a::soft_shrink(x, real(c, "threshold", 0.5)); }},
        {"squareplus", [](auto& x, auto& c) { return a::squareplus(x, real(c, "b", 4)); }},
        {"threshold",
         [](auto& x, auto& c) { return a::threshold(x, real(c, "threshold", 0), real(c, "default_value", 0)); }},
        {"relu",
         [](auto& x, auto& c) {
           ReluArgs args{.negative_slope = real(c, "negative_slope", 0), .threshold = real(c, "threshold", 0)};
           if (c.contains("max_value")) args.max_value = real(c, "max_value", 0);
           return a::relu(x, args);
         }},
    };
    const std::map<std::string, Tensor (*)(const Tensor&, int)> along = {
        {"glu", a::glu}, {"log_softmax", a::log_softmax}, {"softmax", a::softmax}, {"sparsemax", a::sparsemax}};
    for (const auto& [name, function] : along) {
      all[name] = [function = function](auto& x, auto& c) {
        return function(x, static_cast<int>(c.get("axis", -1).as_int()));
      };
    }
    return all;
  }();
  return calls;
}

Tensor call(const std::string& function, const Tensor& x, const Config& args) {
  const auto found = calls().find(function);
  if (found != calls().end()) return found->second(x, args);
  EXPECT_EQ(args.size(), 0U) << function;
  return Activation(function)(x);
}

class ActivationsAgainstKeras : public ::testing::TestWithParam<const char*> {};

TEST_P(ActivationsAgainstKeras, ValuesAndGradients) {
  const DType dtype(GetParam());
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (c.contains("known_bug")) continue;
    const std::optional<testing::Keras2> keras2 =
        c.contains("dialect") ? std::make_optional<testing::Keras2>() : std::nullopt;
    SCOPED_TRACE(c.at("name").as_string());
    const Tensor x = golden().input(c, "x", dtype), w = golden().input(c, "w", dtype);
    const Tensor y = call(c.at("function").as_string(), x, c.at("args"));
    const std::vector<Array> results = eval({y, ops::gradients(ops::sum(y * w), {x})[0]});
    EXPECT_TRUE(golden().agrees(results[0], c, "y"));
    EXPECT_TRUE(golden().agrees(results[1], c, "dx"));
    ++count;
  }
  EXPECT_GT(count, 90);
}

INSTANTIATE_TEST_SUITE_P(Types, ActivationsAgainstKeras, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Activations, NamesAndArgumentsAreThoseOfKeras) {
  const testing::Golden arguments("arguments");
  int count = 0;
  for (const Config& c : arguments.cases()) {
    const std::string title = c.at("name").as_string();
    if (!title.starts_with("activations.")) continue;
    const std::string name = title.substr(12);
    if (name == "deserialize" || name == "get" || name == "serialize" || name == "threshold") continue;
    const Activation activation(name);
    const Config* alias = c.find("alias_of");
    EXPECT_EQ(activation.name(), alias ? alias->as_string() : name);
    ++count;
    // The defaults: a call with Keras's defaults spelled out is the same as one without.
    Config defaults = Config::map();
    for (const Config& argument : c.at("arguments").items()) {
      const Config* value = argument.find("default");
      if (value && !value->is_null()) defaults.set(argument.at("name").as_string(), *value);
    }
    if (defaults.size() == 0) continue;
    const Tensor x = Array({{-3, -0.3, 0.2, 7}, {0.1, 0.5, 0.4, -9}});
    EXPECT_TRUE(identical(eval(activation(x)), eval(call(activation.name(), x, defaults)))) << name;
  }
  EXPECT_EQ(count, 31);  // 30 functions and two more names, less threshold
}

TEST(Activations, NanStaysNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const char* name : {"celu",           "elu",        "exponential", "gelu",       "hard_sigmoid", "hard_silu",
                           "hard_tanh",      "leaky_relu", "log_sigmoid", "mish",       "relu",         "relu6",
                           "selu",           "sigmoid",    "silu",        "softplus",   "softsign",     "sparse_plus",
                           "sparse_sigmoid", "squareplus", "tanh",        "tanh_shrink"}) {
    EXPECT_TRUE(std::isnan(Array(Activation(name)(Array({nan}))).item())) << name;
  }
}

TEST(Activations, GluRefusesAnOddAxis) {
  EXPECT_THAT([] { a::glu(zeros({2, 3})); }, ThrowsMessage<ValueError>(HasSubstr("(2, 3)")));
}

TEST(ActivationHandle, EmptyLinearAndNullAreTheIdentity) {
  const Tensor x = Array({1.f, -2.f});
  for (const Activation& activation :
       {Activation(), Activation(nullptr), Activation("linear"), Activation(a::linear)}) {
    EXPECT_FALSE(activation);
    EXPECT_EQ(activation.name(), "linear");
    EXPECT_EQ(activation(x).node(), x.node());
    EXPECT_EQ(as_config(activation), Config("linear"));
  }
}

TEST(ActivationHandle, TakesFunctions) {
  EXPECT_EQ(Activation(a::tanh).name(), "tanh");
  EXPECT_EQ(as_config(Activation(a::silu)), Config("silu"));
  const Activation own = [](const Tensor& x) { return 2 * x; };
  EXPECT_TRUE(own);
  EXPECT_EQ(own.name(), "");
  EXPECT_EQ(Array(own(Array({3.f}))).item(), 6);
  const double factor = 3;
  const Activation capturing = [factor](const Tensor& x) { return factor * x; };
  EXPECT_EQ(Array(capturing(Array({3.f}))).item(), 9);
  Activation read;
  EXPECT_THAT([&] { read_config(as_config(own), read); }, ThrowsMessage<ValueError>(HasSubstr("own function")));
}

TEST(ActivationHandle, UnknownNamesAreSuggested) {
  EXPECT_THAT([] { Activation("rleu"); }, ThrowsMessage<ValueError>(HasSubstr("Did you mean «relu»?")));
  EXPECT_THAT([] { a::get("softmx"); }, ThrowsMessage<ValueError>(HasSubstr("«softmax»")));
  EXPECT_THAT([] { Activation("threshold"); }, ThrowsMessage<ValueError>(HasSubstr("arguments without defaults")));
}

TEST(ActivationHandle, ReadsWhatEveryKerasWrites) {
  Activation activation = "relu";
  read_config(Config(), activation);
  EXPECT_FALSE(activation);
  read_config("softmax", activation);
  EXPECT_EQ(activation.name(), "softmax");
  read_config(Config::from_json(
                  R"({"module": "builtins", "class_name": "function", "config": "gelu", "registered_name": "gelu"})"),
              activation);
  EXPECT_EQ(as_config(activation), Config("gelu"));
  EXPECT_THROW(read_config(3, activation), TypeError);
  EXPECT_THROW(read_config(Config::map({{"class_name", "NoSuchLayer"}, {"config", Config::map()}}), activation),
               ValueError);
}

TEST(ActivationHandle, ALayerIsAnActivation) {
  const Activation layer = layers::Activation("relu", {.name = "rectify"});
  EXPECT_EQ(layer.name(), "rectify");
  const Config config = as_config(layer);
  EXPECT_EQ(config.at("class_name").as_string(), "Activation");
  Activation back;
  read_config(config, back);
  EXPECT_EQ(as_config(back), config);
  EXPECT_EQ(Array(back(Array({{-1.f, 2.f}}))).at({0, 0}), 0);
}

}  // namespace
}  // namespace keras
