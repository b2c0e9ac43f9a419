// What a step may cost at most (issue: train_on_batch 15 µs, its first call 5 ms, predict of one picture 20 µs). The
// best of many calls is compared, so that a busy machine does not fail it; how fast things are is keras-bench's
// business.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

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

}  // namespace
}  // namespace keras::testing
