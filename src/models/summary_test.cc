// model.summary() against what Keras 3 prints.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>

#include <cstdlib>

#include "ops/names.h"
#include "tests/support/error_of.h"
#include "tests/support/golden.h"
#include "tests/support/keras2.h"
#include "tests/support/sample_models.h"

namespace keras {
namespace {

// The models of tools/recorder/summary_2_2.py.
Model two_inputs() {
  const Tensor a = Input({3, 3, 2}, {.name = "a"}), b = Input({3, 3, 2}, {.name = "b"});
  const Tensor h = layers::Add({.name = "together"})({layers::Conv2D(2, 1, {.name = "first"})(a), b});
  return Model({a, b}, layers::Flatten({.name = "flat"})(h), {.name = "two"});
}
Model chain_2_2() {
  return Sequential({layers::Dense(400, {.name = "dense_1", .input_dim = 784}),
                     layers::Activation("relu", {.name = "activation_1"}),
                     layers::Dense(10, {.name = "a_name_that_is_longer_than_its_column"}),
                     layers::Dropout(0.5, {.name = "d", .trainable = false})});
}
Model frozen_2_2() {
  return Sequential({layers::Conv2D(3, 3, {.name = "conv", .trainable = false, .input_shape = Shape{6, 6, 2}}),
                     layers::BatchNormalization({.name = "bn"}), layers::Flatten({.name = "flat"}),
                     layers::Dense(1, {.name = "out"})});
}
Model multiple() {
  const Tensor a = Input({4, 3}, {.name = "a"}), b = Input({5, 3}, {.name = "b"});
  const Layer d = layers::Dense(2, {.name = "d"});
  const std::vector<Tensor> flat = {layers::Flatten({.name = "flat_0"})(d(a)),
                                    layers::Flatten({.name = "flat_1"})(d(b))};
  return Model({a, b}, layers::Concatenate({.name = "join"})(flat), {.name = "multiple"});
}
Model stacked() {
  const Sequential inner({layers::Dense(3, {.name = "i", .input_dim = 5})}, {.name = "inner_stack"});
  return Sequential({inner, layers::Dense(2, {.name = "o"})}, {.name = "stacked"});
}
Model old_model(const std::string& name) {
  if (name == "nested") return testing::nested();
  if (name == "multiple") return multiple();
  if (name == "free") return testing::free_sizes();
  if (name == "stacked") return stacked();
  if (name == "functional_chain") return testing::functional_chain();
  if (name.starts_with("twins")) return testing::twins();
  if (name == "two_inputs") return two_inputs();
  if (name == "frozen") return frozen_2_2();
  return chain_2_2();
}

SummaryArgs args_in(const Config& given) {
  SummaryArgs args;
  if (given.contains("line_length")) args.line_length = static_cast<int>(given.at("line_length").as_int());
  args.expand_nested = given.get("expand_nested", false).as_bool();
  args.show_trainable = given.get("show_trainable", false).as_bool();
  if (const Config* ends = given.find("positions")) {
    for (const Config& end : ends->items()) args.positions.push_back(end.as_real());
  }
  if (const Config* range = given.find("layer_range")) {
    for (const Config& name : range->items()) args.layer_range.push_back(name.as_string());
  }
  return args;
}

std::string joined(const std::vector<Config>& lines) {
  std::string text;
  for (const Config& line : lines) text += line.as_string() + "\n";
  return text;
}

class Summary : public ::testing::Test {
 protected:
  void TearDown() override { ::unsetenv("COLUMNS"), ::unsetenv("LC_ALL"); }
};

TEST_F(Summary, IsThatOfKeras) {
  const testing::Golden golden("summary");
  for (const Config& c : golden.cases()) {
    const std::string name = c.at("name").as_string();
    ops::reset_names();
    Model model = testing::sample(c.at("model"));
    if (const Config* optimizer = c.find("optimizer")) {
      model.compile({.optimizer = optimizer->as_string(), .loss = "mse"});
      Shape x = model.inputs()[0].shape(), y = model.outputs()[0].shape();
      x[0] = y[0] = 2;
      model.train_on_batch(zeros(x), zeros(y));
    }
    ::setenv("COLUMNS", std::to_string(c.at("columns").as_int()).c_str(), 1);
    SummaryArgs args = args_in(c.at("args"));
    std::string text;
    if (c.at("encoding").as_string() == "utf-8") {
      args.print_fn = [&](const std::string& line) { text += line + "\n"; };
      model.summary(args);
    } else {
      ::setenv("LC_ALL", "en_US.ISO-8859-1", 1);
      ::testing::internal::CaptureStdout();
      model.summary(args);
      std::fflush(stdout);
      text = ::testing::internal::GetCapturedStdout();
      ::unsetenv("LC_ALL");
    }
    EXPECT_EQ(text, joined(c.at("lines").items())) << name;
  }
}

TEST_F(Summary, InKeras2IsThatOfKeras2) {
  const testing::Keras2 keras2;
  const testing::Golden golden("summary_2_2");
  for (const Config& c : golden.cases()) {
    SCOPED_TRACE(c.at("name").as_string());
    ops::reset_names();
    const Model model = old_model(c.at("name").as_string());
    std::string text;
    SummaryArgs args = args_in(c.at("args"));
    args.print_fn = [&](const std::string& line) { text += line + "\n"; };
    model.summary(args);
    EXPECT_EQ(text, joined(c.at("lines").items()));
  }
}

TEST_F(Summary, GoesToStandardOutput) {
  const Sequential model({layers::Dense(3, {.name = "d", .input_dim = 2})}, {.name = "m"});
  ::testing::internal::CaptureStdout();
  model.summary();
  std::fflush(stdout);
  const std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(text.find("Model: \"m\"\n"), 0u);
  EXPECT_NE(text.find(" Non-trainable params: 0 (0.00 B)\n"), std::string::npos);
  EXPECT_THROW(model.summary({.line_length = 10}), ValueError);
  EXPECT_THROW(model.summary({.positions = {0.3, 0.6}}), ValueError);
  EXPECT_THROW(model.summary({.positions = {0.3, 0.6, 1.2}}), ValueError);
}

TEST_F(Summary, OfAPart) {
  const Sequential model({layers::Dense(3, {.name = "first", .input_dim = 2}), layers::Dense(3, {.name = "second"})});
  const auto message = [&](const std::vector<std::string>& range) {
    return testing::error_of<ValueError>([&] { model.summary({.layer_range = range}); });
  };
  EXPECT_NE(message({"first"}).find("received 1"), std::string::npos);
  EXPECT_NE(message({"first", "secnd"}).find("«second»"), std::string::npos);
  EXPECT_NE(message({"first", "(second"}).find("no regular expression"), std::string::npos);
}

TEST_F(Summary, IsAListWhereATableDoesNotFit) {
  const Sequential model({layers::Dense(3, {.name = "d", .input_dim = 2})}, {.name = "m"});
  ::setenv("COLUMNS", "18", 1);
  std::string text;
  model.summary({.print_fn = [&](const std::string& line) { text += line + "\n"; }, .show_trainable = true});
  EXPECT_EQ(text,
            "Model: \"m\"\nd (Dense)\n  Output Shape: (None, 3)\n  Param #: 9\n  Trainable: Y\n"
            " Total params: 9 (36.00 B)\n Trainable params: 9 (36.00 B)\n Non-trainable params: 0 (0.00 B)\n");
}

}  // namespace
}  // namespace keras
