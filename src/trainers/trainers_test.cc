// What is the trainers' own: step programs and their cache, inspection, batches. Whole fits are in tests/e2e.
#include <gtest/gtest.h>
#include <keras/keras.h>

#include <cstdlib>

#include "compile/passes.h"
#include "compile/plan.h"
#include "runtime/memory.h"
#include "support/threads.h"
#include "trainers/dataset.h"
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
  (void)model.predict(ones({70, 3}), {.batch_size = 32});  // 32, 32, and 6 padded
  EXPECT_EQ(trainer_of(model).programs.size(), 1u);
  (void)model.evaluate(ones({70, 3}), ones({70, 1}), {.batch_size = 32});
  EXPECT_EQ(trainer_of(model).programs.size(), 3u);
  (void)model.evaluate(ones({102, 3}), ones({102, 1}), {.batch_size = 32});
  EXPECT_EQ(trainer_of(model).programs.size(), 3u);
}

// A layer that shifts each row by the mean of the whole batch.
struct Shift final : LayerBody {
  static constexpr auto class_name = "Shift";
  using Args = NoArgs;
  explicit Shift(Args) {}
  Tensor call(const Tensor& x) override { return x - ops::mean(x, {0}, true); }
};

TEST(Predict, PadsTheLastBatchWhereRowsAreIndependent) {
  random::seed(4);
  const Array x = random::normal({70, 3});
  const Sequential model = regressor();
  const Array all = model.predict(x, {.batch_size = 32});
  const Array last = model.predict(x.slice(64), {.batch_size = 32});
  ASSERT_EQ(all.shape(), Shape({70, 1}));
  for (std::int64_t i = 0; i < 6; ++i) EXPECT_NEAR(all.at({64 + i, 0}), last.at({i, 0}), 1e-5);

  Sequential mixing({make_layer<Shift>({})});
  (void)mixing(x);
  const Array shifted = mixing.predict(x, {.batch_size = 32});
  EXPECT_TRUE(identical(shifted.slice(64), mixing.predict(x.slice(64))));
}

TEST(Memory, IsKnownBeforehandAndGrowsWithTheBatch) {
  const Sequential model = regressor();
  const MemoryUsage small = model.memory_usage(32), large = model.memory_usage(3200);
  EXPECT_EQ(small.weights, 4u * (3 * 4 + 4 + 4 + 1));
  EXPECT_GE(small.optimizer, 2 * small.weights);
  EXPECT_LT(small.optimizer, 2 * small.weights + 64);
  EXPECT_GT(small.prediction, 0u);
  EXPECT_GE(small.training, small.prediction);
  EXPECT_GT(large.training, 20 * small.training);
  EXPECT_EQ(small.total(), small.weights + small.optimizer + small.training + small.scratch + small.data);
  EXPECT_NE(small.str().find("training step"), std::string::npos);
  EXPECT_EQ(model.optimizer().iterations(), 0);
  EXPECT_THROW((void)model.memory_usage(0), ValueError);
  const Sequential plain({layers::Dense(2, {.input_dim = 3})});
  EXPECT_EQ(plain.memory_usage(8).training, 0u);
  EXPECT_GT(plain.memory_usage(8).prediction, 0u);
}

TEST(Memory, ABatchThatDoesNotFitIsRefused) {
  Sequential model({layers::Dense(1000, {.activation = "tanh", .input_dim = 3}), layers::Dense(1)});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Array x = ones({20000, 3}), y = ones({20000, 1});
  EXPECT_GT(model.memory_usage(20000).training, 80u << 20);
  runtime::pretend_available_memory(50 << 20);
  bool began = false;
  try {
    model.fit(x, y,
              {.batch_size = 20000,
               .verbose = 0,
               .callbacks = {callbacks::LambdaCallback({.on_train_begin = [&](const Logs&) { began = true; }})}});
    ADD_FAILURE();
  } catch (const RuntimeError& error) {
    EXPECT_NE(std::string(error.what()).find("on 20000 samples"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(began);
  EXPECT_THROW((void)model.predict(x, {.batch_size = 20000}), RuntimeError);
  EXPECT_THROW((void)model.train_on_batch(x, y), RuntimeError);
  runtime::pretend_available_memory(std::nullopt);
  EXPECT_NO_THROW((void)model.predict(x, {.batch_size = 100}));
}

TEST(Memory, OfAStepWithDropoutIsLessWithMasksMadeAgain) {
  random::seed(6);
  std::vector<Layer> layers{layers::Dense(256, {.activation = "relu", .input_dim = 256})};
  for (int i = 0; i < 5; ++i) {
    layers.push_back(layers::Dropout(0.5));
    layers.push_back(layers::Dense(256, {.activation = "relu"}));
  }
  Sequential model(layers);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const ir::Type batch{DType::float32, {1024, 256}};
  const auto step = step_program(model, Stage::train, {batch, batch}, {1});
  const ir::Graph& traced = step->function.stages().traced();
  ir::Graph graph = traced;
  for (const auto pass : {compile::dead, compile::fold, compile::simplify, compile::cse, compile::dead, compile::order,
                          compile::fuse, compile::segments, compile::dead}) {
    graph = pass(graph, session::target());
  }
  const auto without = compile::plan(graph, session::target());
  if (!std::getenv("KERAS_PASSES")) {
    EXPECT_LT(model.memory_usage(1024).training, without->memory_bytes(0) - (512 << 10));
  }

  const auto run = [&](const runtime::Program& program) {
    random::seed(7);
    std::vector<Array> arrays;
    std::vector<const void*> inputs;
    std::vector<void*> states, outputs;
    for (const ir::Type& type : program.inputs) {
      arrays.push_back(random::normal(type.shape));
      inputs.push_back(arrays.back().data());
    }
    for (const ir::Type& type : program.states) {
      arrays.push_back(type.shape.rank() == 2 ? random::normal(type.shape, {.stddev = 0.1})
                                              : Array(type.shape, type.dtype));
      states.push_back(arrays.back().mutable_data());
    }
    for (const ir::Type& type : program.outputs) {
      arrays.emplace_back(type.shape, type.dtype);
      outputs.push_back(arrays.back().mutable_data());
    }
    program.run(inputs, states, outputs);
    return arrays;
  };
  const std::vector<Array> expected = run(*without), actual = run(step->function.program());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(identical(expected[i], actual[i])) << i;
}

// Rows large enough for the gathering to run beside the steps.
TEST(Batches, GatheredAheadAreTheSame) {
  random::seed(5);
  const Array x = random::normal({100, 3000}), y = random::normal({100, 1});
  const Dataset data(Sequential({layers::Dense(1, {.input_dim = 3000})}), "a test", x, y, {});
  const int threads = config::num_threads();
  for (const int count : {1, 2}) {
    config::set_num_threads(count);
    Batches batches(data, 32);
    for (int epoch = 0; epoch < 3; ++epoch) {
      const Array shuffled = random::permutation(100);
      const auto order = shuffled.values<std::int64_t>();
      for (std::int64_t begin = 0; begin < 100; begin += 32) {
        const std::int64_t rows = std::min<std::int64_t>(32, 100 - begin);
        const auto pointers = batches.get(begin, rows, order);
        const Batches::Ahead ahead(batches, begin + rows, order);
        for (std::int64_t i = 0; i < rows; ++i) {
          const std::int64_t row = order[static_cast<std::size_t>(begin + i)];
          const auto* have = static_cast<const float*>(pointers[0]) + i * 3000;
          const auto* want = static_cast<const float*>(x.data()) + row * 3000;
          ASSERT_TRUE(std::equal(have, have + 3000, want)) << epoch << ' ' << begin + i;
          ASSERT_EQ(static_cast<const float*>(pointers[1])[i], static_cast<const float*>(y.data())[row]);
        }
      }
    }
  }
  config::set_num_threads(threads);
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
