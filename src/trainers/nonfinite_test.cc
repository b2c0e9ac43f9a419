// What fit does where the loss of a batch is not finite, and what it says of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>

#include <cmath>
#include <limits>

#include "tests/support/keras2.h"
#include "trainers/trainer_state.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// The third of four batches overflows in the layer "exp".
struct Overflow {
  Sequential model;
  Array x = random::normal({16, 3}), y = random::normal({16, 1});

  explicit Overflow(const Optimizer& optimizer = "adam")
      : model({layers::Dense(4, {.name = "first", .input_dim = 3}), layers::BatchNormalization({.name = "norm"}),
               layers::Dense(4, {.name = "second"}), layers::Activation("exponential", {.name = "exp"}),
               layers::Dense(1, {.name = "last"})}) {
    model.compile({.optimizer = optimizer, .loss = "mse", .metrics = {"mae"}});
    model.get_layer("second").set_weights({full({4, 4}, 30), zeros({4})});
    for (const std::int64_t row : {8, 9}) x.set({row, 0}, row == 8 ? 1e3 : -1e3);
  }
  History fit(const std::string& way, std::vector<Callback> callbacks = {}, int epochs = 1) {
    return model.fit(x, y,
                     {.batch_size = 4,
                      .epochs = epochs,
                      .verbose = 0,
                      .callbacks = std::move(callbacks),
                      .shuffle = false,
                      .on_nonfinite = way});
  }
};

TEST(NonFinite, IsToldWithLayerBatchAndRange) {
  random::seed(3);
  Overflow run;
  const testing::Warnings warnings;
  run.fit("warn");
  ASSERT_EQ(warnings.texts.size(), 1u);
  EXPECT_THAT(warnings.texts[0],
              AllOf(HasSubstr("of epoch 1 is "), HasSubstr("«exp» (Activation)"),
                    HasSubstr("The inputs of the batch lie between"), HasSubstr("Training goes on.")));
  for (const Array& weight : run.model.get_layer("last").get_weights())
    EXPECT_FALSE(std::isfinite(weight.flatten().at({0})));
}

TEST(NonFinite, IgnoreSaysNothingAndComesToTheSameAsWarn) {
  random::seed(3);
  Overflow told;
  random::seed(3);
  Overflow ignored;
  const testing::Warnings warnings;
  ignored.fit("ignore");
  EXPECT_TRUE(warnings.texts.empty());
  told.fit("warn");
  const auto a = told.model.get_weights(), b = ignored.model.get_weights();
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(identical(a[i], b[i])) << i;
}

// A layer whose output is infinite for a batch whose first number is above 50, and its input for others.
struct TrapBody final : LayerBody {
  static constexpr auto class_name = "Trap";
  using Args = NoArgs;
  explicit TrapBody(Args) {}
  Tensor call(const Tensor& x) override {
    const Tensor sprung = ops::cast(ops::greater(ops::max(x), 50), DType::float32);
    return x + sprung / (1 - sprung);
  }
};

struct Trapped {
  Sequential model;
  Array x, y;
  Trapped()
      : model({make_layer<TrapBody>({}), layers::Dense(4, {.activation = "relu", .name = "hidden"}),
               layers::BatchNormalization(), layers::Dropout(0.5), layers::Dense(1)}) {
    model.build({None, 3});
    model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
    x = random::normal({16, 3}), y = random::normal({16, 1});
    x.set({9, 1}, 100);  // of batch 2
  }
  FitArgs args(const std::string& way) const {
    return {.batch_size = 4, .verbose = 0, .shuffle = false, .on_nonfinite = way};
  }
  std::vector<Array> state() const {
    std::vector<Array> all = model.get_weights();
    for (const Variable& variable : model.optimizer().variables()) all.push_back(variable.value());
    return all;
  }
};

void expect_same(const std::vector<Array>& a, const std::vector<Array>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(identical(a[i], b[i])) << i;
}

TEST(NonFinite, SkipLeavesTheBatchOut) {
  random::seed(5);
  Trapped run;
  random::seed(5);
  Trapped without;
  const testing::Warnings warnings;
  const History history = run.model.fit(run.x, run.y, run.args("skip"));
  const Array kept = concatenate(std::vector<Array>{without.x.slice(0, 8), without.x.slice(12)});
  const Array targets = concatenate(std::vector<Array>{without.y.slice(0, 8), without.y.slice(12)});
  const History expected = without.model.fit(kept, targets, without.args("skip"));
  expect_same(run.state(), without.state());
  EXPECT_EQ(history.history, expected.history);
  ASSERT_EQ(warnings.texts.size(), 1u);
  EXPECT_THAT(warnings.texts[0], AllOf(HasSubstr("batch 3 of epoch 1"), HasSubstr("(Trap)"), HasSubstr("and 100"),
                                       HasSubstr("is left out")));
}

TEST(NonFinite, StopEndsTrainingBeforeTheUpdate) {
  random::seed(5);
  Trapped run;
  random::seed(5);
  Trapped without;
  const testing::Warnings warnings;
  FitArgs args = run.args("stop");
  args.epochs = 4;
  const History history = run.model.fit(run.x, run.y, args);
  EXPECT_EQ(history.epoch.size(), 1u);
  without.model.fit(without.x.slice(0, 8), without.y.slice(0, 8), without.args("stop"));
  expect_same(run.state(), without.state());
  ASSERT_EQ(warnings.texts.size(), 1u);
  EXPECT_THAT(warnings.texts[0], HasSubstr("Training ends"));
}

TEST(NonFinite, SkipTellsOncePerEpochOfTheOthers) {
  random::seed(5);
  Trapped run;
  for (const std::int64_t row : {1, 5}) run.x.set({row, 1}, 100);
  FitArgs args = run.args("skip");
  args.epochs = 2;
  const testing::Warnings warnings;
  const History history = run.model.fit(run.x, run.y, args);
  ASSERT_EQ(warnings.texts.size(), 3u);
  EXPECT_THAT(warnings.texts[1], HasSubstr("2 more batches of epoch 1"));
  EXPECT_THAT(warnings.texts[2], HasSubstr("3 more batches of epoch 2"));
  for (const double loss : history.history.at("loss")) EXPECT_TRUE(std::isfinite(loss));
  EXPECT_EQ(run.model.optimizer().iterations(), 2);
}

TEST(NonFinite, SkipEndsWhereTheWeightsAreBroken) {
  random::seed(5);
  Trapped run;
  run.x.set({9, 1}, 0);
  std::vector<Array> weights = run.model.get_weights();
  weights[0].set({0, 0}, std::numeric_limits<double>::quiet_NaN());
  run.model.set_weights(weights);
  FitArgs args = run.args("skip");
  args.epochs = 3;
  const testing::Warnings warnings;
  EXPECT_EQ(run.model.fit(run.x, run.y, args).epoch.size(), 1u);
  ASSERT_EQ(warnings.texts.size(), 1u);
  EXPECT_THAT(warnings.texts[0], AllOf(HasSubstr("hidden"), HasSubstr("not finite since an update before")));
}

TEST(NonFinite, SaysThatTheLossIsToBlame) {
  random::seed(5);
  Sequential model({layers::Dense(1, {.input_dim = 2})});
  model.compile({.optimizer = "sgd", .loss = Loss(+[](const Tensor& y, const Tensor& p) {
                                       return ops::log(y) + ops::mean(p * 0, {-1}, true);
                                     })});
  const testing::Warnings warnings;
  model.fit(ones({4, 2}), zeros({4, 1}), {.verbose = 0});
  ASSERT_EQ(warnings.texts.size(), 1u);
  EXPECT_THAT(warnings.texts[0], AllOf(HasSubstr("look at the loss"), HasSubstr("targets lie between 0 and 0")));
}

TEST(NonFinite, RefusesAnUnknownWay) {
  Trapped run;
  EXPECT_THROW(run.model.fit(run.x, run.y, run.args("halt")), ValueError);
}

// The guard costs nothing: what an optimizer updates is still written in place.
TEST(NonFinite, TheGuardCopiesNoWeights) {
  random::seed(5);
  Trapped run;
  const auto step = step_program(run.model, Stage::train, {{DType::float32, {4, 3}}, {DType::float32, {4, 1}}}, {});
  const runtime::Program& program = step->function.program();
  ASSERT_GE(program.guard_step, 0);
  for (const runtime::Copy& copy : program.copies) EXPECT_LE(copy.bytes, 64u);
}

}  // namespace
}  // namespace keras
