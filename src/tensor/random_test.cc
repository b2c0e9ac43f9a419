#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/random.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "support/rng.h"
#include "support/threads.h"
#include "tensor/random_stream.h"

namespace keras {
namespace {

struct Moments {
  double mean = 0, stddev = 0, least = 0, most = 0;
};

Moments moments(const Array& array) {
  const Array reals = array.astype(DType::float64);
  const auto v = reals.values<double>();
  Moments m;
  for (const double x : v) m.mean += x / static_cast<double>(v.size());
  for (const double x : v) m.stddev += (x - m.mean) * (x - m.mean) / static_cast<double>(v.size());
  m.stddev = std::sqrt(m.stddev);
  m.least = *std::min_element(v.begin(), v.end());
  m.most = *std::max_element(v.begin(), v.end());
  return m;
}

TEST(Random, TheSameSeedGivesTheSameNumbers) {
  random::seed(1337);
  const Array a = random::normal({1000}), b = random::normal({1000});
  random::seed(1337);
  EXPECT_TRUE(identical(random::normal({1000}), a));
  EXPECT_TRUE(identical(random::normal({1000}), b));
  EXPECT_FALSE(identical(a, b));
  random::seed(1338);
  EXPECT_FALSE(identical(random::normal({1000}), a));
  EXPECT_EQ(seed_value(), 1338u);
}

TEST(Random, ElementsAreThoseOfTheStream) {
  random::seed(7);
  const std::uint64_t stream = next_stream();
  random::seed(7);
  const Array a = random::normal({30000}, {.mean = 1, .stddev = 2});
  for (const std::int64_t i : {0, 1, 29999}) {
    EXPECT_EQ(a.at({i}), static_cast<float>(1 + 2 * support::normal_at(stream, 0, static_cast<std::uint64_t>(i))));
  }
  random::seed(7);
  EXPECT_EQ(random::uniform({3}).at({2}), support::uniform_at(stream, 0, 2));
}

TEST(Random, TheNumberOfThreadsChangesNoBit) {
  const int before = support::num_threads();
  const auto draw = [](int threads) {
    support::set_num_threads(threads);
    random::seed(5);
    Array out;
    support::in_pool([&] { out = random::truncated_normal({100000}); });
    return out;
  };
  EXPECT_TRUE(identical(draw(1), draw(4)));
  support::set_num_threads(before);
}

TEST(Random, HasTheMomentsOfItsDistribution) {
  random::seed(1);
  const Moments normal = moments(random::normal({200000}, {.mean = 3, .stddev = 2}));
  EXPECT_NEAR(normal.mean, 3, 0.02);
  EXPECT_NEAR(normal.stddev, 2, 0.02);
  const Moments uniform = moments(random::uniform({200000}, {.minval = -1, .maxval = 3}));
  EXPECT_NEAR(uniform.mean, 1, 0.02);
  EXPECT_NEAR(uniform.stddev, 4 / std::sqrt(12.0), 0.02);
  EXPECT_GE(uniform.least, -1);
  EXPECT_LT(uniform.most, 3);
  const Moments truncated = moments(random::truncated_normal({200000}, {.mean = 1, .stddev = 0.5}));
  EXPECT_NEAR(truncated.mean, 1, 0.01);
  EXPECT_NEAR(truncated.stddev, 0.5 * 0.8796257, 0.01);
  EXPECT_GE(truncated.least, 0);
  EXPECT_LE(truncated.most, 2);
}

TEST(Random, FollowsFloatx) {
  EXPECT_EQ(random::normal({2}).dtype(), DType::float32);
  for (const char* name : {"float64", "float16", "bfloat16"}) {
    config::set_floatx(name);
    EXPECT_EQ(random::normal({2}).dtype(), DType(name));
    EXPECT_LE(moments(random::uniform({10000})).most, 1);
  }
  config::set_floatx("float32");
}

TEST(Random, IntegersCoverTheRange) {
  random::seed(2);
  const Array a = random::randint({30000}, -1, 2);
  std::map<int, int> counts;
  for (const int v : a.values<std::int32_t>()) ++counts[v];
  ASSERT_EQ(counts.size(), 3u);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, 10000, 400) << value;
  EXPECT_EQ(random::randint({4}, INT32_MIN, INT64_C(1) << 31).dtype(), DType::int32);
  EXPECT_THROW(random::randint({2}, 3, 3), ValueError);
  EXPECT_THROW(random::randint({2}, 0, INT64_C(1) << 40), ValueError);
}

TEST(Random, PermutationsAndShuffles) {
  random::seed(3);
  const Array order = random::permutation(100);
  std::set<std::int64_t> seen(order.values<std::int64_t>().begin(), order.values<std::int64_t>().end());
  EXPECT_EQ(seen.size(), 100u);
  EXPECT_FALSE(identical(order, arange(100).astype("int64")));
  EXPECT_EQ(random::permutation(0).size(), 0);
  EXPECT_EQ(random::permutation(1).at({0}), 0);
  const Array rows = arange(20).reshape({10, 2}), shuffled = random::shuffle(rows);
  std::set<double> firsts;
  for (std::int64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(shuffled.at({i, 1}), shuffled.at({i, 0}) + 1);
    firsts.insert(shuffled.at({i, 0}));
  }
  EXPECT_EQ(firsts.size(), 10u);
  // Each of the 6 orders of three things comes about as often.
  std::map<std::string, int> counts;
  for (int i = 0; i < 6000; ++i) ++counts[random::permutation(3).str()];
  ASSERT_EQ(counts.size(), 6u);
  for (const auto& [text, count] : counts) EXPECT_NEAR(count, 1000, 150) << text;
}

TEST(Random, RefusesWhatHasNoMeaning) {
  EXPECT_THROW(random::normal({2}, {.stddev = -1}), ValueError);
  EXPECT_THROW(random::truncated_normal({2}, {.stddev = std::nan("")}), ValueError);
  EXPECT_THROW(random::uniform({2}, {.minval = 1, .maxval = 0}), ValueError);
  EXPECT_THROW(random::permutation(-1), ValueError);
  EXPECT_THROW(random::shuffle(Array::scalar(1)), TypeError);
  EXPECT_THROW(random::normal({None}), ValueError);
}

}  // namespace
}  // namespace keras
