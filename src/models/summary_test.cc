// model.summary() against what Keras 3 prints.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>

#include <cstdlib>

#include "ops/names.h"
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
Model old_model(const std::string& name) {
  if (name == "functional_chain") return testing::functional_chain();
  if (name.starts_with("twins")) return testing::twins();
  if (name == "two_inputs") return two_inputs();
  if (name == "frozen") return frozen_2_2();
  return chain_2_2();
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
      const auto sequential = model.as<Sequential>();
      Shape x = sequential.input_shape(), y = sequential.output_shape();
      x[0] = y[0] = 2;
      model.train_on_batch(zeros(x), zeros(y));
    }
    ::setenv("COLUMNS", std::to_string(c.at("columns").as_int()).c_str(), 1);
    SummaryArgs args;
    const Config& given = c.at("args");
    if (given.contains("line_length")) args.line_length = static_cast<int>(given.at("line_length").as_int());
    args.expand_nested = given.get("expand_nested", false).as_bool();
    args.show_trainable = given.get("show_trainable", false).as_bool();
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
    SummaryArgs args;
    if (c.at("args").contains("line_length"))
      args.line_length = static_cast<int>(c.at("args").at("line_length").as_int());
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
}

}  // namespace
}  // namespace keras
