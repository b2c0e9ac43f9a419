// The readings of the rows that need no backend: integers do not trap, ties and edges are as documented, source text is
// C.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "primitives/build.h"
#include "primitives/interpret.h"
#include "primitives/rows.h"
#include "primitives/source_text.h"
#include "primitives/value.h"

namespace keras::scalar {
namespace {

using rows::row_floor_divide;
using rows::row_mod;
using rows::row_power;

template <class T>
class Whole : public ::testing::Test {};
using WholeTypes = ::testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                                    std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(Whole, WholeTypes);

TYPED_TEST(Whole, DivisionIsPythons) {
  using T = TypeParam;
  const auto check = [](int a, int b, int quotient, int rest) {
    if (std::is_unsigned_v<T> && (a < 0 || b < 0)) return;
    const Num<T> x{static_cast<T>(a)}, y{static_cast<T>(b)};
    EXPECT_EQ(row_floor_divide.fwd(x, y).v, static_cast<T>(quotient)) << a << " // " << b;
    EXPECT_EQ(row_mod.fwd(x, y).v, static_cast<T>(rest)) << a << " % " << b;
  };
  check(7, 3, 2, 1);
  check(-7, 3, -3, 2);
  check(7, -3, -3, -2);
  check(-7, -3, 2, -1);
  check(6, 3, 2, 0);
  check(-6, 3, -2, 0);
  check(0, 5, 0, 0);
  check(5, 0, 0, 0);
  check(-5, 0, 0, 0);
}

TYPED_TEST(Whole, NothingTraps) {
  using T = TypeParam;
  const Num<T> low{std::numeric_limits<T>::min()}, high{std::numeric_limits<T>::max()}, minus_one{static_cast<T>(-1)};
  for (const Num<T> a : {low, high, minus_one, Num<T>{0}, Num<T>{2}}) {
    for (const Num<T> b : {low, high, minus_one, Num<T>{0}, Num<T>{2}}) {
#define KERAS_UNARY(name, kind, ...) \
  if constexpr (Kind::kind == Kind::same || Kind::kind == Kind::test) (void)rows::row_##name.fwd(a);
#define KERAS_BINARY(name, kind, ...) \
  if constexpr (Kind::kind == Kind::same || Kind::kind == Kind::test) (void)rows::row_##name.fwd(a, b);
#include <keras/elementwise.def>
    }
  }
  EXPECT_EQ((high + Num<T>{1}).v, low.v);
  EXPECT_EQ((low - Num<T>{1}).v, high.v);
  if (std::is_signed_v<T>) {
    EXPECT_EQ(abs(low).v, low.v);
    EXPECT_EQ((low / minus_one).v, low.v);
    EXPECT_EQ(row_floor_divide.fwd(low, minus_one).v, low.v);
    EXPECT_EQ(row_mod.fwd(low, minus_one).v, 0);
  }
}

TYPED_TEST(Whole, Powers) {
  using T = TypeParam;
  const auto power = [](int a, int b) { return row_power.fwd(Num<T>{static_cast<T>(a)}, Num<T>{static_cast<T>(b)}).v; };
  EXPECT_EQ(power(3, 4), 81);
  EXPECT_EQ(power(2, 0), 1);
  EXPECT_EQ(power(0, 0), 1);
  EXPECT_EQ(power(0, 3), 0);
  EXPECT_EQ(power(-2, 3), static_cast<T>(-8));
  EXPECT_EQ(power(2, 100), 0) << "wraps";
  if (std::is_signed_v<T>) {
    EXPECT_EQ(power(2, -1), 0);
    EXPECT_EQ(power(0, -1), 0);
    EXPECT_EQ(power(1, -3), 1);
    EXPECT_EQ(power(-1, -3), static_cast<T>(-1));
    EXPECT_EQ(power(-1, -4), 1);
  }
}

TEST(Num, EdgesOfReals) {
  const float inf = INFINITY, nan = NAN;
  using N = Num<float>;
  EXPECT_TRUE(std::isnan(rows::row_relu.fwd(N{nan}).v));
  EXPECT_TRUE(std::isnan(rows::row_maximum.fwd(N{1}, N{nan}).v));
  EXPECT_TRUE(std::isnan(rows::row_maximum.fwd(N{nan}, N{1}).v));
  EXPECT_TRUE(std::isnan(rows::row_minimum.fwd(N{1}, N{nan}).v));
  EXPECT_TRUE(std::isnan(rows::row_sign.fwd(N{nan}).v));
  EXPECT_TRUE(rows::row_isinf.fwd(N{-inf}));
  EXPECT_FALSE(rows::row_isinf.fwd(N{nan}));
  EXPECT_FALSE(rows::row_isinf.fwd(N{3}));
  EXPECT_TRUE(rows::row_isfinite.fwd(N{3e38F}));
  EXPECT_FALSE(rows::row_isfinite.fwd(N{inf}));
  EXPECT_FALSE(rows::row_isfinite.fwd(N{nan}));
  EXPECT_EQ(rows::row_sigmoid.fwd(N{-inf}).v, 0);
  EXPECT_EQ(rows::row_sigmoid.fwd(N{inf}).v, 1);
  EXPECT_GT(rows::row_sigmoid.fwd(N{-100}).v, 0) << "1 / (1 + exp(100)) would be 0";
  EXPECT_EQ(rows::row_softplus.fwd(N{1000}).v, 1000);
  EXPECT_EQ(rows::row_round.fwd(N{2.5F}).v, 2);
  EXPECT_EQ(rows::row_round.fwd(N{-1.5F}).v, -2);
  EXPECT_EQ(row_mod.fwd(N{-5}, N{3}).v, 1);
  EXPECT_EQ((0.5 * N{3}).v, 1.5F) << "a literal takes the operand's type";
}

TEST(Src, IsText) {
  EXPECT_EQ(rows::row_tanh.vjp(Src{"g"}, Src{"x"}, Src{"y"}).text, "(g * (1.0f - (y * y)))");
  EXPECT_EQ(rows::row_relu.fwd(Src{"x"}).text, "k_max(x, 0.0f)");
  EXPECT_EQ(rows::row_where.fwd(Src{"m"}, Src{"a"}, Src{"b"}).text, "(m ? a : b)");
  EXPECT_EQ(like(Src{}, 1e-7).text, "1e-07f");
  EXPECT_EQ(chains::chain_sgd_update.fwd(Src{"w"}, Src{"g"}, Src{"lr"})[0].text, "(w - (g * lr))");
}

// A chain taken apart into nodes gives the bits of the whole.
TEST(Chains, AsNodesGiveTheSameBits) {
  ir::Graph graph;
  std::vector<ir::Value> x;
  std::vector<Array> values;
  for (int i = 0; i < 4; ++i) {
    x.push_back(graph.at(graph.add_input("x", {DType::float32, {}})));
    values.push_back(Array::scalar(0.3 + 0.17 * i));
  }
  for (const double s : {0.01, 0.1, 0.001, 1e-7}) {
    x.push_back(graph.at(graph.add_input("s", {DType::float32, {}})));
    values.push_back(Array::scalar(s));
  }
  for (const ir::Value& y : chains::chain_adam_update.fwd(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]))
    graph.outputs.push_back(y.id);
  const ir::Value whole = primitives::node(primitives::Op::adam_update, x);
  for (int i = 0; i < 3; ++i) graph.outputs.push_back(whole.id + i);
  const auto results = primitives::Interpreter(graph).run(values);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(identical(results[i], results[i + 3])) << i;
}

}  // namespace
}  // namespace keras::scalar
