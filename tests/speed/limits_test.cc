// What a step may cost at most (issue: train_on_batch 15 µs, its first call 5 ms, predict of one picture 20 µs). The
// best of many calls is compared, so that a busy machine does not fail it; how fast things are is keras-bench's
// business.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/support/primer.h"

namespace keras::testing {
namespace {

#ifdef NDEBUG
constexpr bool kOptimised = true;
#else
constexpr bool kOptimised = false;
#endif

template <class F>
double best_microseconds(int calls, F&& call) {
  double best = 1e300;
  for (int i = 0; i < calls; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    best = std::min(best, std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

class Limits : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!kOptimised || kSanitized) GTEST_SKIP() << "only optimised builds are held to limits";
  }
};

TEST_F(Limits, FirstTrainOnBatch) {
  const Array x = random::uniform({160, 1}), y = x * 0.5 + 2;
  double best = 1e300;
  for (int i = 0; i < 5; ++i) {
    Sequential model = regressor_model();
    best = std::min(best, best_microseconds(1, [&] { model.train_on_batch(x, y); }));
  }
  std::printf("first train_on_batch: %.0f µs\n", best);
  EXPECT_LE(best, 5000);
}

TEST_F(Limits, TrainOnBatch) {
  const Array x = random::uniform({160, 1}), y = x * 0.5 + 2;
  Sequential model = regressor_model();
  const double best = best_microseconds(5000, [&] { model.train_on_batch(x, y); });
  std::printf("train_on_batch: %.2f µs\n", best);
  EXPECT_LE(best, 15);
}

TEST_F(Limits, PredictSmall) {
  const Sequential model = mnist_model();
  const Array x = random::uniform({1, 784});
  const double best = best_microseconds(5000, [&] { model.predict(x); });
  std::printf("predict of one picture: %.2f µs\n", best);
  EXPECT_LE(best, 20);
}

long kilobytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return std::stol(line.substr(key.size() + 1));
  }
  return 0;
}

// The file is mapped, and its pages must not stay beside the weights that were copied from them.
TEST_F(Limits, MemoryOfLoading) {
  const std::string path = ::testing::TempDir() + "keras_limits_" + std::to_string(::getpid()) + ".h5";
  {
    const Sequential model({layers::Dense(6000, {.input_shape = Shape{6000}}), layers::Dense(10)});
    model.save(path);
  }
  std::ofstream("/proc/self/clear_refs") << 5;  // the peak begins anew
  const long before = kilobytes("VmRSS");
  const Model model = load_model(path);
  const long more = kilobytes("VmHWM") - before, weights = static_cast<long>(model.count_params() * 4 / 1024);
  std::remove(path.c_str());
  std::printf("loading %ld kB of weights: %ld kB\n", weights, more);
  EXPECT_GE(more, weights * 9 / 10) << "this measures nothing";
  EXPECT_LE(more, weights * 13 / 10);
}

}  // namespace
}  // namespace keras::testing
