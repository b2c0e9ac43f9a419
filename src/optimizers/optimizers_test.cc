// The optimizers against what Keras computes over 20 steps, their variables, configurations and errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/optimizers.h>

#include "ops/trace.h"
#include "optimizers/makers.h"
#include "tests/support/arguments.h"
#include "tests/support/golden.h"
#include "tests/support/keras2.h"
#include "tests/support/shelves.h"

namespace keras {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const testing::Golden& golden() {
  static const testing::Golden golden("optimizers");
  return golden;
}

// The variables of all cases, and their gradients in each step.
struct Inputs {
  explicit Inputs(DType dtype) {
    const Config& c = golden().at("inputs");
    for (const auto& [name, shape] : c.at("shapes").entries()) {
      variables.emplace_back(golden().input(c, name, dtype), VariableArgs{.name = name});
      variables.back().state()->path = name;
      all.push_back(golden().input(c, "gradient_" + name, dtype));
    }
  }
  std::vector<std::pair<Tensor, Variable>> gradients(const Config& c, int step) const {
    std::vector<std::pair<Tensor, Variable>> pairs;
    for (std::size_t i = 0; i < variables.size(); ++i) {
      Tensor gradient = all[i][step - 1];
      if (const Config* scale = c.find("scale"); scale) gradient = gradient * scale->as_real();
      pairs.emplace_back(gradient, variables[i]);
    }
    if (const Config* steps = c.find("infinite")) {
      for (const Config& each : steps->items()) {
        if (each.as_int() == step) pairs[0].first = pairs[0].first / 0.0;
      }
    }
    return pairs;
  }
  std::vector<Variable> variables;
  std::vector<Array> all;
};

class OptimizersAgainstKeras : public ::testing::TestWithParam<const char*> {
 protected:
  OptimizersAgainstKeras() { config::set_floatx(GetParam()); }
  ~OptimizersAgainstKeras() override { config::set_floatx("float32"); }
};

TEST_P(OptimizersAgainstKeras, TwentySteps) {
  const DType dtype(GetParam());
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("steps")) continue;
    const std::optional<testing::Keras2> keras2 =
        c.contains("dialect") ? std::make_optional<testing::Keras2>() : std::nullopt;
    const std::string name = c.at("name").as_string();
    SCOPED_TRACE(name);
    auto optimizer = testing::made<Optimizer>(c.at("class").as_string(), c.at("args"));
    Inputs inputs(dtype);
    if (const Config* exclude = c.find("exclude")) {
      ExcludeArgs args;
      for (const Config& each : exclude->items()) args.var_names.push_back(each.as_string());
      optimizer.exclude_from_weight_decay(args);
    }
    for (int step = 1; step <= c.at("steps").as_int(); ++step) {
      if (const Config* change = c.find("change"); change && change->at("step").as_int() == step) {
        optimizer.set_learning_rate(change->at("learning_rate").as_real());
      }
      optimizer.apply_gradients(inputs.gradients(c, step));
      if (step != 1 && step != 5 && step != 20) continue;
      for (const Variable& variable : inputs.variables) {
        EXPECT_TRUE(golden().agrees(variable.value(), c, variable.name() + "_" + std::to_string(step)));
      }
    }
    const std::vector<Variable> slots = optimizer.variables();
    if (const Config* names = c.find("variables")) {
      ASSERT_EQ(slots.size(), names->size());
      for (std::size_t i = 0; i < slots.size(); ++i) {
        EXPECT_EQ(slots[i].name(), names->items()[i].as_string());
        if (i == 0) continue;
        EXPECT_TRUE(golden().agrees(slots[i].value(), c, "slot_" + std::to_string(i)));
      }
    }
    if (golden().has(name + "/kernel_final/64")) {
      optimizer.finalize_variable_values();
      for (const Variable& variable : inputs.variables)
        EXPECT_TRUE(golden().agrees(variable.value(), c, variable.name() + "_final"));
    }
    ++count;
  }
  EXPECT_GT(count, 190);
}

// In a traced step the same numbers come out, bit for bit.
TEST_P(OptimizersAgainstKeras, TracedOnceEqualsEager) {
  for (const char* name :
       {"sgd_momentum", "rmsprop_centered_momentum", "adadelta_args", "adam_amsgrad", "adam_accumulate",
        "sgd_ema_overwrite", "nadam_args", "adafactor", "muon", "lamb_weight_decay", "adam_schedule", "loss_scale_adam",
        "multi", "ftrl_args", "schedule_free_args", "lion_global_clipnorm"}) {
    SCOPED_TRACE(name);
    const Config& c = golden().at(name);
    const DType dtype(GetParam());
    Inputs once(dtype), again(dtype);
    auto eager = testing::made<Optimizer>(c.at("class").as_string(), c.at("args"));
    auto traced = testing::made<Optimizer>(c.at("class").as_string(), c.at("args"));
    traced.body()->build(again.variables);
    ops::Function step;
    {
      ops::Trace trace;
      std::vector<Tensor> gradients;
      std::vector<std::pair<Tensor, Variable>> pairs;
      for (const Variable& variable : again.variables) {
        gradients.push_back(ops::placeholder({variable.dtype(), variable.shape()}, "g"));
        pairs.emplace_back(gradients.back(), variable);
      }
      traced.apply_gradients(pairs);
      step = ops::Function({}, trace, gradients);
    }
    for (int i = 1; i <= 7; ++i) {
      eager.apply_gradients(once.gradients(c, i));
      std::vector<Array> values;
      std::vector<const void*> data;
      for (const auto& [gradient, variable] : again.gradients(c, i)) values.push_back(eval(gradient));
      for (const Array& value : values) data.push_back(value.data());
      step.run(data, {});
    }
    for (std::size_t i = 0; i < once.variables.size(); ++i)
      EXPECT_TRUE(identical(once.variables[i].value(), again.variables[i].value()));
    EXPECT_EQ(traced.iterations(), eager.iterations());
  }
}

INSTANTIATE_TEST_SUITE_P(Types, OptimizersAgainstKeras, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Optimizers, VariablesAreNamedAsInKeras) {
  int count = 0;
  for (const Config& c : golden().cases()) {
    const std::string name = c.at("name").as_string();
    if (!name.starts_with("variables_")) continue;
    SCOPED_TRACE(name);
    auto optimizer = testing::made<Optimizer>(c.at("class").as_string(), c.at("args"));
    std::vector<Variable> trainable;
    for (const auto& [path, shape] : {std::pair<const char*, Shape>{"sequential/first/kernel", {3, 2}},
                                      {"sequential/first/bias", {2}},
                                      {"sequential/second/kernel", {2, 1}},
                                      {"sequential/second/bias", {1}}}) {
      trainable.emplace_back(zeros(shape),
                             VariableArgs{.name = std::string(path).substr(std::string(path).rfind('/') + 1)});
      trainable.back().state()->path = path;
    }
    optimizer.body()->build(trainable);
    const auto& expected = c.at("variables").items();
    ASSERT_EQ(optimizer.variables().size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const Variable variable = optimizer.variables()[i];
      EXPECT_EQ(variable.name(), expected[i].at("name").as_string());
      EXPECT_EQ(variable.state()->path, expected[i].at("path").as_string());
      EXPECT_EQ(variable.dtype(), DType(expected[i].at("dtype").as_string()));
      EXPECT_EQ(as_config(variable.shape()), expected[i].at("shape"));
    }
    ++count;
  }
  EXPECT_EQ(count, 20);
}

TEST(Optimizers, NamesAndConfigsAreThoseOfKeras) {
  const testing::Golden arguments("arguments");
  int count = 0;
  for (const Config& c : arguments.cases()) {
    const std::string title = c.at("name").as_string();
    if (!title.starts_with("optimizers.get.")) continue;
    const Optimizer optimizer = title.substr(std::string("optimizers.get.").size());
    EXPECT_EQ(as_config(optimizer).at("class_name"), c.at("class")) << title;
    testing::expect_same(optimizer.get_config(), c.at("config"), title);
    EXPECT_EQ(optimizer.get_config().size(), c.at("config").size());  // what Keras 3 does not know is left out
    Optimizer back;
    read_config(as_config(optimizer), back);
    EXPECT_EQ(as_config(back), as_config(optimizer));
    ++count;
  }
  EXPECT_GT(count, 15);
  EXPECT_EQ(as_config(Optimizer("Sgd")), as_config(Optimizer("SGD")));
}

TEST(Optimizers, ArgumentsAreThoseOfKeras) {
  const testing::Golden arguments("arguments");
  testing::check_defaults<SGDArgs>(arguments, "optimizers.SGD", {}, {"decay"});
  testing::check_defaults<RMSpropArgs>(arguments, "optimizers.RMSprop", {}, {"decay"});
  testing::check_defaults<AdadeltaArgs>(arguments, "optimizers.Adadelta", {}, {"decay"});
  testing::check_defaults<AdamArgs>(arguments, "optimizers.Adam", {}, {"decay"});
  testing::check_defaults<AdagradArgs>(arguments, "optimizers.Adagrad", {}, {"decay"});
  testing::check_defaults<AdamaxArgs>(arguments, "optimizers.Adamax", {}, {"decay"});
  testing::check_defaults<NadamArgs>(arguments, "optimizers.Nadam", {}, {"schedule_decay"});
  testing::check_defaults<AdamWArgs>(arguments, "optimizers.AdamW");
  testing::check_defaults<FtrlArgs>(arguments, "optimizers.Ftrl");
  testing::check_defaults<LionArgs>(arguments, "optimizers.Lion");
  testing::check_defaults<LambArgs>(arguments, "optimizers.Lamb");
  testing::check_defaults<AdafactorArgs>(arguments, "optimizers.Adafactor");
  testing::check_defaults<MuonArgs>(arguments, "optimizers.Muon", {"exclude_layers"});  // none or a list
  testing::check_defaults<ScheduleFreeAdamWArgs>(arguments, "optimizers.ScheduleFreeAdamW");
  testing::check_defaults<LossScaleOptimizerArgs>(arguments, "optimizers.LossScaleOptimizer", {"inner_optimizer"});
  testing::check_defaults<MultiOptimizerArgs>(arguments, "optimizers.MultiOptimizer", {"optimizer_map"});
}

// The configurations that Keras gave for the arguments of each case make the optimizer again, and are given again.
TEST(Optimizers, ConfigsOfKerasGoRound) {
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("config")) continue;
    SCOPED_TRACE(c.at("name"));
    const auto optimizer = testing::made<Optimizer>(c.at("class").as_string(), c.at("config"));
    testing::expect_same(optimizer.get_config(), c.at("config"), c.at("name").as_string());
    EXPECT_EQ(optimizer.get_config().size(), c.at("config").size());
    Optimizer back;
    read_config(as_config(optimizer), back);
    EXPECT_EQ(as_config(back), as_config(optimizer));
    ++count;
  }
  EXPECT_GT(count, 170);
}

TEST(Optimizers, ConfigHasTheCurrentLearningRate) {
  Optimizer optimizer = optimizers::SGD({.learning_rate = 0.5, .decay = 0.25});
  optimizer.set_learning_rate(0.125);
  EXPECT_EQ(optimizer.learning_rate(), 0.125);
  EXPECT_EQ(optimizer.get_config().at("learning_rate").as_real(), 0.125);
  EXPECT_EQ(optimizer.get_config().at("decay").as_real(), 0.25);
  EXPECT_EQ(testing::made<Optimizer>("SGD", Config::map({{"lr", 0.25}})).learning_rate(), 0.25);
}

TEST(Optimizers, ExcludesVariablesFromDecay) {
  Variable a(Array({1.})), b(Array({1.}));
  Optimizer optimizer = optimizers::SGD({.learning_rate = 0.5, .weight_decay = 0.5});
  optimizer.exclude_from_weight_decay({.var_list = {b}});
  optimizer.apply_gradients({{Array({0.}), a}, {Array({0.}), b}});
  EXPECT_EQ(a.value().item(), 0.75);
  EXPECT_EQ(b.value().item(), 1);
}

TEST(Optimizers, MuonLeavesEmbeddingsToAdam) {
  Variable table(zeros({4, 2}), {.name = "embeddings"}), kernel(zeros({4, 2}), {.name = "kernel"});
  table.state()->path = "model/Embedding/embeddings";
  Optimizer optimizer = optimizers::Muon(), all = optimizers::Muon({.exclude_embeddings = false});
  optimizer.body()->build({table, kernel});
  all.body()->build({table, kernel});
  EXPECT_EQ(optimizer.variables().size(), 5);
  EXPECT_EQ(all.variables().size(), 4);
}

// Where a file has not all of Nadam's state, what is missing follows from the count.
TEST(Optimizers, NadamsProductFollowsFromTheCount) {
  Variable w(Array({1.}));
  Optimizer optimizer = optimizers::Nadam();
  for (int i = 0; i < 9; ++i) optimizer.apply_gradients({{Array({0.5}), w}});
  Variable product = optimizer.variables().back();
  const double was = product.value().item();
  product.assign(Array::scalar(1, product.dtype()));
  optimizer.body()->complete_state();
  EXPECT_NEAR(product.value().item(), was, 1e-6 * was);
}

TEST(Optimizers, SnakeCase) {
  EXPECT_EQ(optimizers::snake_case("RMSprop"), "rm_sprop");
  EXPECT_EQ(optimizers::snake_case("SGD"), "sgd");
  EXPECT_EQ(optimizers::snake_case("Adam"), "adam");
  EXPECT_EQ(optimizers::snake_case("LossScaleOptimizer"), "loss_scale_optimizer");
}

TEST(Optimizers, MinimizesByHand) {
  Variable w(Array({4., -2.}));
  Optimizer optimizer = optimizers::SGD({.learning_rate = 0.25});
  for (int i = 0; i < 30; ++i) {
    const Tensor x = w;
    optimizer.apply_gradients({{ops::gradients(ops::sum(ops::square(x - 1)), std::vector<Tensor>{x})[0], w}});
  }
  EXPECT_NEAR(w.value().at({0}), 1, 1e-6);
  EXPECT_NEAR(w.value().at({1}), 1, 1e-6);
  EXPECT_EQ(optimizer.iterations(), 30);
}

TEST(Optimizers, ConstraintsFollowTheUpdate) {
  Variable w(Array({4., -2.}));
  Optimizer optimizer = optimizers::SGD({.learning_rate = 1});
  optimizer.body()->apply({{Array({1., 1.}), w}}, {Constraint("non_neg")});
  EXPECT_EQ(w.value().at({0}), 3);
  EXPECT_EQ(w.value().at({1}), 0);
}

TEST(Optimizers, MissingGradientsAndUnknownVariables) {
  Variable a(Array({1., 2.})), b(Array({3.}));
  Optimizer optimizer = optimizers::Adam();
  optimizer.apply_gradients({{Array({1., 1.}), a}, {Tensor(), b}});
  EXPECT_EQ(b.value().at({0}), 3);
  EXPECT_NE(a.value().at({0}), 1);
  EXPECT_THAT([&] { optimizer.apply_gradients({{Tensor(), a}}); }, ThrowsMessage<ValueError>(HasSubstr("no gradient")));
  EXPECT_THAT(
      [&] {
        optimizer.apply_gradients({{Array({1., 1.}), Variable(Array({1., 2.}), {.name = "other"})}});
      },
      ThrowsMessage<ValueError>(HasSubstr("\"other\"")));
  EXPECT_THAT(
      [&] {
        optimizer.apply_gradients({{Array({1.}), a}});
      },
      ThrowsMessage<ValueError>(HasSubstr("gradient.shape=(1,)")));
}

TEST(Optimizers, Keras2) {
  const testing::Keras2 keras2;
  EXPECT_EQ(optimizers::Adadelta().learning_rate(), 1);
  EXPECT_EQ(Optimizer("adadelta").learning_rate(), 1);
  EXPECT_EQ(optimizers::SGD({.clipnorm = 1.5}).get_config().at("clipnorm"), Config(1.5));
  EXPECT_NEAR(optimizers::Adagrad().learning_rate(), 0.01, 1e-9);
  EXPECT_EQ(optimizers::Nadam().get_config().at("schedule_decay"), Config(0.004));
  const testing::Warnings warnings;
  Optimizer read;
  read_config(Config::from_json(R"({"class_name": "SGD", "config": {"lr": 0.25, "momentum": 0.5, "decay": 0.125,
      "nesterov": true}})"),
              read);
  EXPECT_EQ(read.learning_rate(), 0.25);
  EXPECT_EQ(read.get_config().at("decay"), Config(0.125));
  read_config(Config::from_json(R"({"name": "RMSprop", "lr": 0.5, "rho": 0.75, "epsilon": null})"), read);  // Keras 1
  EXPECT_EQ(read.get_config().at("rho"), Config(0.75));
  EXPECT_EQ(read.get_config().at("epsilon"), Config(1e-7));
  EXPECT_THAT(warnings.texts,
              ElementsAre("SGD: «lr» is the spelling of an older Keras. Say «learning_rate» instead.",
                          "RMSprop: «lr» is the spelling of an older Keras. Say «learning_rate» instead."));
}

TEST(Optimizers, Errors) {
  EXPECT_THAT([] { Optimizer("rmspop"); }, ThrowsMessage<ValueError>(HasSubstr("Did you mean «RMSprop»?")));
  EXPECT_THAT([] { optimizers::AdamW({.weight_decay = std::nullopt}); },
              ThrowsMessage<ValueError>(HasSubstr("AdamW: weight_decay")));
  EXPECT_THAT([] { optimizers::Lion({.beta_1 = 0}); }, ThrowsMessage<ValueError>(HasSubstr("Lion: beta_1")));
  EXPECT_THAT([] { optimizers::Ftrl({.learning_rate_power = 1}); },
              ThrowsMessage<ValueError>(HasSubstr("learning_rate_power must be 0 or less. Received: 1")));
  EXPECT_THAT([] { optimizers::LossScaleOptimizer(); }, ThrowsMessage<ValueError>(HasSubstr("inner_optimizer")));
  EXPECT_THAT([] { optimizers::LossScaleOptimizer("sgd", {.inner_optimizer = "adam"}); },
              ThrowsMessage<ValueError>(HasSubstr("given twice")));
  EXPECT_THAT([] { optimizers::MultiOptimizer(); }, ThrowsMessage<ValueError>(HasSubstr("default_optimizer")));
  EXPECT_THAT(
      [] {
        optimizers::MultiOptimizer({.default_optimizer = "sgd", .optimizer_map = {{"(", "adam"}}});
      },
      ThrowsMessage<ValueError>(HasSubstr("no regular expression")));
  EXPECT_THAT(
      [] {
        optimizers::MultiOptimizer({.default_optimizer = optimizers::LossScaleOptimizer("sgd"), .optimizer_map = {}});
      },
      ThrowsMessage<ValueError>(HasSubstr("cannot be inside")));
  EXPECT_THAT([] { optimizers::MultiOptimizer({.default_optimizer = "sgd"}).learning_rate(); },
              ThrowsMessage<ValueError>(HasSubstr("no learning rate of its own")));
  EXPECT_THAT([] { optimizers::SGD().exclude_from_weight_decay({.var_names = {"("}}); },
              ThrowsMessage<ValueError>(HasSubstr("no regular expression")));
  EXPECT_THAT(
      [] {
        Optimizer optimizer = optimizers::SGD();
        Variable w(Array({1.}));
        optimizer.apply_gradients({{Array({1.}), w}});
        optimizer.exclude_from_weight_decay({.var_list = {w}});
      },
      ThrowsMessage<ValueError>(HasSubstr("Call it before training")));
  EXPECT_THAT([] { optimizers::SGD({.clipnorm = 1, .clipvalue = 1}); },
              ThrowsMessage<ValueError>(HasSubstr("one of clipnorm")));
  EXPECT_THAT([] { optimizers::SGD({.clipnorm = 1, .global_clipnorm = 1}); },
              ThrowsMessage<ValueError>(HasSubstr("one of clipnorm")));
  EXPECT_THAT([] { optimizers::SGD({.momentum = 1.5}); }, ThrowsMessage<ValueError>(HasSubstr("SGD: momentum")));
  EXPECT_THAT([] { optimizers::Adam({.gradient_accumulation_steps = 1}); },
              ThrowsMessage<ValueError>(HasSubstr("2 or more")));
  EXPECT_THAT([] { optimizers::Adam({.use_ema = true, .ema_momentum = 2}); },
              ThrowsMessage<ValueError>(HasSubstr("ema_momentum")));
  EXPECT_THAT([] { Optimizer().learning_rate(); }, ThrowsMessage<ValueError>(HasSubstr("empty")));
}

}  // namespace
}  // namespace keras
