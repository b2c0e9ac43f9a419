#include <gtest/gtest.h>
#include <keras/array.h>
#include <keras/random.h>

#include <set>
#include <thread>
#include <vector>

#include "tensor/random_stream.h"

namespace keras {
namespace {

// Threads that read, copy and let go of copies, while each writes to its own.
TEST(ArrayThreads, CopiesAreIndependent) {
  const Array shared = full({1000}, 1);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([shared, t] {
      for (int i = 0; i < 200; ++i) {
        Array own = shared;
        own.set({t}, 5);
        EXPECT_EQ(shared.at({t}), 1);
        EXPECT_EQ(own.at({t}), 5);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(ArrayThreads, TheLastOwnerMayWrite) {
  for (int i = 0; i < 200; ++i) {
    Array array = full({64}, 1);
    std::thread reader([copy = array]() mutable {
      EXPECT_EQ(copy.at({3}), 1);
      copy = Array();
    });
    array.set({3}, 2);
    EXPECT_EQ(array.at({3}), 2);
    reader.join();
  }
}

TEST(RandomThreads, StreamsAreTakenOnce) {
  random::seed(3);
  std::vector<std::vector<std::uint64_t>> taken(4);
  std::vector<std::thread> threads;
  for (auto& mine : taken) {
    threads.emplace_back([&mine] {
      for (int i = 0; i < 500; ++i) mine.push_back(next_stream());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : taken) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 2000u);
}

}  // namespace
}  // namespace keras
