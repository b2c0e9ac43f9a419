#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "ops/names.h"

namespace keras {
namespace {

TEST(Names, AreUniqueAcrossThreads) {
  ops::reset_names();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 100; ++i) ops::unique_name("Dense");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ops::unique_name("Dense"), "dense_400");
  ops::reset_names();
}

}  // namespace
}  // namespace keras
