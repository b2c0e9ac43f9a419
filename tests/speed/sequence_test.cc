// With a Sequence whose batches cost about as much as the steps, an epoch takes hardly longer than the dearer of the
// two: the other happens meanwhile.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>

#include "tests/support/primer.h"

namespace keras::testing {
namespace {

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// A batch that one waits for, as for a disk.
struct Waiting final : utils::SequenceBody {
  Waiting(double seconds, int workers)
      : SequenceBody({.workers = workers}), seconds_(seconds), x_(random::uniform({64, 512})), y_(zeros({64, 1})) {}
  std::int64_t length() const override { return 40; }
  Batch get(std::int64_t) override {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds_));
    return {x_, y_};
  }

 private:
  const double seconds_;
  const Array x_, y_;
};

TEST(SequenceSpeed, BatchesAreMadeWhileStepsRun) {
  if (kSanitized) GTEST_SKIP() << "only builds without sanitizers are held to limits";
  Sequential model({layers::Dense(512, {.activation = "tanh", .input_dim = 512}),
                    layers::Dense(512, {.activation = "tanh"}), layers::Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse"});
  const auto epoch = [&](double wait, int workers) {
    const auto sequence = utils::make_sequence<Waiting>(wait, workers);
    return seconds_of([&] { model.fit(sequence, {}, {.verbose = 0}); });
  };
  epoch(0, 0);
  double best = 1e300;  // of several tries, so that a busy machine does not fail it
  for (int i = 0; i < 5 && best > 1.35; ++i) {
    const double step = std::min(epoch(0, 0), epoch(0, 0)) / 40;
    const double one_by_one = epoch(step, 0), ahead = epoch(step, 1), slept = one_by_one / 40 - step;
    best = std::min(best, ahead / (40 * std::max(step, slept)));
    std::printf("step %.2f ms, batch %.2f ms: an epoch of 40 takes %.0f ms one by one, %.0f ms ahead\n", step * 1e3,
                slept * 1e3, one_by_one * 1e3, ahead * 1e3);
  }
  EXPECT_LE(best, 1.35);
}

}  // namespace
}  // namespace keras::testing
