// model.summary() against what Keras 3 prints.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>

#include <cstdlib>

#include "layers/table.h"
#include "ops/names.h"
#include "tests/support/golden.h"

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
    Sequential model = make(c.at("model")).as<Sequential>();
    if (const Config* optimizer = c.find("optimizer")) {
      model.compile({.optimizer = optimizer->as_string(), .loss = "mse"});
      Shape x = model.input_shape(), y = model.output_shape();
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
