#include "support/probe.h"

#include <gtest/gtest.h>

#include <chrono>

#include "support/threads.h"

namespace keras::support {
namespace {

TEST(Probe, MeasuresWhatAMachineCanDo) {
  const Peak first = peak();
  EXPECT_EQ(first.threads, num_threads());
  EXPECT_GT(first.flops, 1e8);
  EXPECT_LT(first.flops, 1e14);
  EXPECT_GT(first.bytes, 1e7);
  EXPECT_LT(first.bytes, 1e14);
}

TEST(Probe, MeasuresOnceForEachNumberOfThreads) {
  const int threads = num_threads();
  const Peak first = peak();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(peak().flops, first.flops);
  EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), 0.01);
  set_num_threads(1);
  EXPECT_EQ(peak().threads, 1);
  set_num_threads(threads);
  EXPECT_EQ(peak().flops, first.flops);
}

}  // namespace
}  // namespace keras::support
