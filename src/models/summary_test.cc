// model.summary() against what Keras 3 prints.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>

#include <cstdlib>

#include "layers/table.h"
#include "ops/names.h"
#include "tests/support/golden.h"
#include "tests/support/keras2.h"

namespace keras {
namespace {

Layer make(const Config& spec) {
  const Config& args = spec.at("args");
  if (spec.at("class").as_string() != "Sequential") {
    return layers::from_config(Config::map({{"class_name", spec.at("class")}, {"config", args}}));
  }
  const Sequential model(std::vector<Layer>{}, {.name = args.at("name").as_string()});
  if (const Config& input = spec.at("input"); !input.is_null()) {
    Shape shape;
    read_config(input, shape);
    model.add(Input(shape.slice(1), {.batch_size = shape[0]}));
  }
  for (const Config& layer : spec.at("layers").items()) model.add(make(layer));
  return model;
}

// The functional models of tools/recorder/summary.py and summary_2_2.py.
Model functional_chain() {
  const Tensor x = Input({5}, {.name = "x"});
  return Model(x, layers::Dense(2, {.name = "out"})(layers::Dense(3, {.activation = "relu", .name = "hidden"})(x)),
               {.name = "chain"});
}
Model twins() {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const Layer shared = layers::Dense(3, {.name = "shared"});
  const Tensor joined = layers::Concatenate({.name = "join"})({shared(a), shared(b)});
  return Model({a, b},
               {layers::Dense(2, {.name = "sum"})(joined),
                layers::Dense(1, {.name = "sign", .trainable = config::compatibility() == "2.2"})(joined)},
               {.name = "twins"});
}
Model with_ops() {
  const Tensor x = Input({5}, {.name = "x"});
  const Tensor h = layers::Add({.name = "residual"})({layers::Dense(5, {.name = "d1"})(x), x});
  return Model(x, layers::Concatenate({.name = "both"})({h, layers::Dense(3, {.name = "d3"})(h * 2 + 1)}),
               {.name = "ops"});
}
Model repeated() {
  const Tensor x = Input({4}, {.name = "x"});
  const Layer d = layers::Dense(4, {.name = "d"});
  return Model(x, d(d(x)), {.name = "repeated"});
}
Model nested() {
  const Tensor x = Input({3}, {.name = "inner_x"});
  const Tensor h = layers::Dense(4, {.name = "inner_d"})(x);
  const Model inner(x, {h, layers::Dense(2, {.name = "inner_e"})(h)}, {.name = "inner"});
  const Tensor a = Input({3}, {.name = "a"}), b = Input({3}, {.name = "b"});
  const std::vector<Tensor> left = inner.outputs({a}), right = inner.outputs({b});
  return Model({a, b},
               layers::Dense(2, {.name = "out"})(layers::Concatenate({.name = "join"})({left[0], left[1], right[0]})),
               {.name = "outer"});
}
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
Model functional(const std::string& name) {
  if (name == "functional_chain") return functional_chain();
  if (name.starts_with("functional_twins") || name.starts_with("twins")) return twins();
  if (name == "functional_ops") return with_ops();
  if (name == "functional_repeated") return repeated();
  if (name == "functional_nested") return nested();
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
    const Config& spec = c.at("model");
    Model model = spec.is_string() ? functional(spec.as_string()) : make(spec).as<Model>();
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
    const Model model = functional(c.at("name").as_string());
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
