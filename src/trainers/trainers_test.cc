// What is the trainers' own: step programs and their cache, inspection, batches. Whole fits are in tests/e2e.
#include <gtest/gtest.h>
#include <keras/keras.h>

#include "trainers/trainer_state.h"

namespace keras {
namespace {

Sequential regressor() {
  random::seed(3);
  Sequential model({layers::Dense(4, {.activation = "relu", .input_dim = 3}), layers::Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  return model;
}

TEST(StepPrograms, OfAModelAreSixteenAtMost) {
  const Sequential model = regressor();
  for (std::int64_t rows = 1; rows <= 40; ++rows) (void)model.predict(ones({rows, 3}), {.batch_size = 64});
  EXPECT_EQ(trainer_of(model).programs.size(), 16u);
}

TEST(StepPrograms, AreMadeOnceForEachBatchSize) {
  const Sequential model = regressor();
  (void)model.predict(ones({70, 3}), {.batch_size = 32});  // 32, 32, 6
  EXPECT_EQ(trainer_of(model).programs.size(), 2u);
  (void)model.predict(ones({102, 3}), {.batch_size = 32});
  EXPECT_EQ(trainer_of(model).programs.size(), 2u);
}

TEST(Show, PrintsEachStageOfTheStep) {
  const Sequential model = regressor();
  EXPECT_NE(model.show("graph", 8).find("matmul"), std::string::npos);
  EXPECT_EQ(model.show("graph", 8).find("adam_update"), std::string::npos);
  EXPECT_NE(model.show("grad", 8).find("adam_update"), std::string::npos);
  EXPECT_NE(model.show("grad", 8).find("f32[8,3]"), std::string::npos);
  EXPECT_NE(model.show("fused", 8).find("update %"), std::string::npos);
  EXPECT_NE(model.show("program", 8).find("arena"), std::string::npos);
  try {
    (void)model.show("fusd");
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("fused"), std::string::npos) << error.what();
  }
}

TEST(Show, OfAModelThatIsNotCompiledIsItsPrediction) {
  const Sequential model({layers::Dense(2, {.input_dim = 3})});
  EXPECT_NE(model.show("program", 4).find("matmul"), std::string::npos);
  const Sequential unbuilt({layers::Dense(2)});
  EXPECT_THROW((void)unbuilt.show("graph"), ValueError);
}

TEST(Profiles, TimeEachKernelAndLeaveTheWeights) {
  const Sequential model = regressor();
  const std::vector<Array> before = model.get_weights();
  const Profile profile = model.profile(16);
  const std::vector<Array> after = model.get_weights();
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(identical(before[i], after[i]));
  ASSERT_FALSE(profile.kernels.empty());
  double share = 0;
  for (const KernelTime& row : profile.kernels) share += row.share;
  EXPECT_NEAR(share, 1, 1e-6);
  EXPECT_GT(profile.peak_flops, 0);
  EXPECT_GT(profile.peak_bytes, 0);
  for (const KernelTime& row : profile.kernels) {
    EXPECT_GE(row.flops, 0);
    EXPECT_LT(row.flops, 1.5 * profile.peak_flops) << row.kernel;
    EXPECT_LT(row.bytes, 1e14) << row.kernel;
  }
  EXPECT_NE(profile.str().find("GFLOP/s"), std::string::npos);
  EXPECT_NE(profile.str().find("peak, on " + std::to_string(profile.threads) + " thread"), std::string::npos);
  EXPECT_EQ(model.optimizer().iterations(), 0);
}

TEST(Evaluate, WeightsTheLastBatchByItsSizeAndLeavesTheModel) {
  Sequential model({layers::Dense(1, {.use_bias = false, .input_dim = 1, .weights = {Array({{1.0}})}})});
  model.compile({.loss = "mse"});
  const Array x = arange(5).astype("float32"), y = zeros({5});
  EXPECT_NEAR(model.evaluate(x, y, {.batch_size = 2}), (0 + 1 + 4 + 9 + 16) / 5.0, 1e-5);
  EXPECT_NEAR(model.evaluate(x, y), 6, 1e-5);
  EXPECT_NEAR(model.test_on_batch(x, y), 6, 1e-5);
}

TEST(SampleWeights, WeighTheLossAsKeras) {
  Sequential model({layers::Dense(1, {.use_bias = false, .input_dim = 1, .weights = {Array({{1.0}})}})});
  model.compile({.loss = "mse"});
  const Array x = Array({1.0, 2.0}), y = zeros({2}), weight = Array({1.0, 0.5});
  EXPECT_NEAR(model.evaluate(x, y, {.sample_weight = weight}), (1 + 0.5 * 4) / 2, 1e-6);
}

TEST(Dropout, DrawsANewMaskAtEachStepAndTheSameForASeed) {
  const auto run = [](std::uint64_t seed) {
    random::seed(seed);
    Sequential model({layers::Dense(8, {.input_dim = 4}), layers::Dropout(0.5), layers::Dense(1)});
    model.compile({.optimizer = optimizers::SGD({.learning_rate = 0}), .loss = "mse"});
    std::vector<double> losses;
    for (int i = 0; i < 4; ++i) losses.push_back(model.train_on_batch(ones({6, 4}), ones({6, 1})));
    return losses;
  };
  const auto a = run(1), b = run(1), c = run(2);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_NE(a[0], a[1]);
  EXPECT_NE(a[1], a[2]);
}

}  // namespace
}  // namespace keras
