// The pool of memory: blocks come back, grow, and are refused where the machine has too little.
#include "runtime/memory.h"

#include <gtest/gtest.h>
#include <keras/error.h>

#include <cstdint>
#include <thread>
#include <vector>

namespace keras::runtime {
namespace {

TEST(MemoryPool, GivesABlockAgainAndAgain) {
  MemoryPool pool;
  Block* first = pool.take(1000, "a test");
  EXPECT_GE(first->bytes, 1000u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first->data()) % kAlign, 0u);
  pool.give(first);
  Block* again = pool.take(10, "a test");  // what is smaller finds room in it
  EXPECT_EQ(again, first);
  pool.give(again);
}

TEST(MemoryPool, BlocksGrowToTheLargest) {
  MemoryPool pool;
  pool.give(pool.take(100, "a test"));
  pool.give(pool.take(5000, "a test"));
  Block* a = pool.take(100, "a test");
  Block* b = pool.take(100, "a test");
  EXPECT_GE(a->bytes, 5000u);
  EXPECT_GE(b->bytes, 5000u);
  EXPECT_NE(a, b);
  pool.give(a), pool.give(b);
  a = pool.take(5000, "a test");
  b = pool.take(5000, "a test");  // neither had to be made anew
  EXPECT_GE(a->bytes, 5000u);
  EXPECT_GE(b->bytes, 5000u);
  pool.give(a), pool.give(b);
}

TEST(MemoryPool, GivesEachThreadABlockOfItsOwn) {
  MemoryPool pool;
  std::atomic<int> mixed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 2000; ++i) {
        Block* block = pool.take(64 + 64 * (i % 7) * static_cast<std::size_t>(t + 1), "a test");
        auto* mine = reinterpret_cast<volatile int*>(block->data());
        *mine = t;
        if (*mine != t) ++mixed;
        pool.give(block);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(mixed, 0);
}

TEST(MemoryPool, RefusesWhatDoesNotFit) {
  constexpr std::size_t kMega = 1 << 20;
  MemoryPool pool;
  pretend_available_memory(100 * kMega);
  pool.give(pool.take(90 * kMega, "a step"));
  try {
    pool.take(200 * kMega, "a step of the model \"m\"");
    FAIL();
  } catch (const RuntimeError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("a step of the model \"m\""), std::string::npos) << text;
    EXPECT_NE(text.find("200.00 MB"), std::string::npos) << text;
    EXPECT_NE(text.find("100.00 MB are free"), std::string::npos) << text;
    EXPECT_NE(text.find("batch"), std::string::npos) << text;
  }
  pretend_available_memory(std::nullopt);
  EXPECT_GT(available_memory(), kMega);
}

}  // namespace
}  // namespace keras::runtime
