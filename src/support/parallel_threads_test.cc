#include <gtest/gtest.h>
#include <keras/error.h>

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/threads.h"

namespace keras::support {
namespace {

TEST(Threads, EveryIndexOnceInRangesOfTheGrain) {
  for (const std::int64_t n : {0, 1, 7, 8, 9, 1000, 1001}) {
    std::vector<std::atomic<int>> seen(static_cast<std::size_t>(n));
    std::mutex mutex;
    std::set<std::pair<std::int64_t, std::int64_t>> ranges;
    parallel_for(n, 8, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
      const std::lock_guard lock(mutex);
      ranges.emplace(begin, end);
    });
    for (const auto& count : seen) EXPECT_EQ(count, 1);
    std::set<std::pair<std::int64_t, std::int64_t>> expected;
    for (std::int64_t begin = 0; begin < n; begin += 8) expected.emplace(begin, std::min<std::int64_t>(begin + 8, n));
    EXPECT_EQ(ranges, expected) << n;
  }
}

TEST(Threads, SmallWorkStaysOnTheCallersThread) {
  const auto caller = std::this_thread::get_id();
  parallel_for(8, 8, [&](std::int64_t, std::int64_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
}

TEST(Threads, ExceptionsReachTheCaller) {
  const auto work = [](std::int64_t begin, std::int64_t) {
    if (begin == 96) throw std::runtime_error("range 96");
  };
  EXPECT_THROW(parallel_for(1000, 8, work), std::runtime_error);
  EXPECT_THROW(in_pool([&] { parallel_for(1000, 8, work); }), std::runtime_error);
}

TEST(Threads, TheirNumberIsSet) {
  const int before = num_threads();
  EXPECT_GE(before, 1);
  set_num_threads(1);
  const auto caller = std::this_thread::get_id();
  in_pool([&] {
    parallel_for(100, 1, [&](std::int64_t, std::int64_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
  });
  set_num_threads(4);
  EXPECT_EQ(num_threads(), 4);
  std::atomic<std::int64_t> sum{0};
  in_pool([&] { parallel_for(100, 1, [&](std::int64_t begin, std::int64_t) { sum += begin; }); });
  EXPECT_EQ(sum, 4950);
  EXPECT_THROW(set_num_threads(0), ValueError);
  set_num_threads(before);
}

}  // namespace
}  // namespace keras::support
