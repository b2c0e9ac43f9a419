#include "support/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <vector>

namespace keras::support {
namespace {

TEST(Rng, PhiloxGivesTheKnownAnswers) {  // Random123, kat_vectors: philox 4x32 10
  EXPECT_EQ(philox(0, 0, 0), (Bits{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint64_t kOnes = ~std::uint64_t{0};
  EXPECT_EQ(philox(kOnes, kOnes, kOnes), (Bits{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88),
            (Bits{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Rng, UniformStaysInside) {
  constexpr Bits kOnes = {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF};
  EXPECT_EQ(uniform01f(0), 0.f);
  EXPECT_LT(uniform01f(kOnes[0]), 1.f);
  EXPECT_LT(uniform01(kOnes), 1.0);
  EXPECT_GT(open01({}), 0.0);
  EXPECT_LT(open01(kOnes), 1.0);
  EXPECT_LT(scaled(uniform01f(kOnes[0]), -1000.f, 0.001f), 0.001f);
  EXPECT_EQ(scaled(0.5, 2.0, 2.0), 2.0);
}

TEST(Rng, LogarithmAndInverseNormalAreExact) {
  for (double x = 1e-300; x < 1; x *= 1.37) EXPECT_NEAR(portable_log(x) / std::log(x), 1, 1e-15) << x;
  for (double x = 1e-14; x < 0.4; x *= 1.37) {
    EXPECT_NEAR(portable_log(1 - x) / std::log(1 - x), 1, 1e-15) << x;
    // The distribution function of the inverse is the identity.
    EXPECT_NEAR(0.5 * std::erfc(-inverse_normal(x) / std::sqrt(2.0)) / x, 1, 1e-13) << x;
    EXPECT_NEAR(inverse_normal(0.5 - x / 2), -inverse_normal(0.5 + x / 2), 1e-14) << x;
  }
  EXPECT_NEAR(inverse_normal(0.975), 1.959963984540054, 1e-15);
  EXPECT_NEAR(inverse_normal(1e-20), -9.262340089798408, 1e-13);
  EXPECT_EQ(inverse_normal(0.5), 0);
}

TEST(Rng, MomentsOfTheDraws) {
  constexpr int kCount = 200000;
  double sum = 0, squares = 0, truncated_squares = 0, largest = 0;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const double z = normal_at(7, 3, i), t = truncated_normal_at(7, 4, i);
    sum += z;
    squares += z * z;
    truncated_squares += t * t;
    largest = std::max(largest, std::fabs(t));
  }
  EXPECT_NEAR(sum / kCount, 0, 0.01);
  EXPECT_NEAR(squares / kCount, 1, 0.02);
  EXPECT_NEAR(truncated_squares / kCount, 0.7737413, 0.01);  // 1 - 4 phi(2) / P(|z| < 2)
  EXPECT_LE(largest, 2.0);
  EXPECT_GT(largest, 1.99);
}

TEST(Rng, ElementsDependOnStreamStepAndIndexAlone) {
  EXPECT_EQ(uniform_at(1, 2, 3), uniform_at(1, 2, 3));
  std::set<double> seen;
  for (std::uint64_t n = 0; n < 10; ++n) {
    seen.insert({uniform64_at(n, 0, 0), uniform64_at(100, n + 1, 0), uniform64_at(100, 0, n)});
  }
  EXPECT_EQ(seen.size(), 30u);
  EXPECT_NE(stream_key(1, 0), stream_key(0, 1));
}

TEST(Rng, IntegersAreUnbiased) {
  std::map<std::int64_t, int> counts;
  Sequence sequence(stream_key(1, 2));
  for (std::uint64_t i = 0; i < 60000; ++i) {
    ++counts[below_at(5, i, 3)];
    ++counts[10 + static_cast<std::int64_t>(sequence.below(3))];
  }
  ASSERT_EQ(counts.size(), 6u);
  for (const auto& [value, count] : counts) EXPECT_NEAR(count, 20000, 600) << value;
  EXPECT_EQ(sequence.below(1), 0u);
  EXPECT_EQ(below_at(5, 0, 1), 0);
}

}  // namespace
}  // namespace keras::support
