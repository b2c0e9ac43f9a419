// The constraints against what Keras computes, and their configurations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/constraints.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "tests/support/golden.h"
#include "tests/support/shelves.h"

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const testing::Golden& golden() {
  static const testing::Golden golden("constraints");
  return golden;
}

class ConstraintsAgainstKeras : public ::testing::TestWithParam<const char*> {};

TEST_P(ConstraintsAgainstKeras, Values) {
  const DType dtype(GetParam());
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("inputs")) continue;
    SCOPED_TRACE(c.at("name").as_string());
    const auto constraint = testing::made<Constraint>(c.at("class").as_string(), c.at("args"));
    EXPECT_TRUE(golden().agrees(constraint(golden().input(c, "w", dtype)), c, "y"));
    ++count;
  }
  EXPECT_GT(count, 20);
}

INSTANTIATE_TEST_SUITE_P(Types, ConstraintsAgainstKeras, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Constraints, NamesAndConfigsAreThoseOfKeras) { testing::check_names<Constraint>(golden(), "keras.constraints"); }

TEST(Constraints, ArgumentsAreThoseOfKeras) { testing::check_arguments<Constraint>("constraints", 4); }

TEST(Constraints, HistoricNames) {
  for (const auto& [older, name] : {std::pair{"maxnorm", "MaxNorm"}, {"nonneg", "NonNeg"}, {"unitnorm", "UnitNorm"}}) {
    EXPECT_EQ(as_config(Constraint(older)), as_config(Constraint(name)));
  }
  EXPECT_EQ(
      as_config(testing::made<Constraint>("MaxNorm", Config::map({{"m", 3}}))).at("config").at("max_value").as_real(),
      3);
}

TEST(Constraints, Axes) {
  const Config config = as_config(constraints::MaxNorm({.max_value = 1, .axis = {0, 1, 2}}));
  EXPECT_EQ(config.at("config").at("axis").to_json(), "[0, 1, 2]");
  EXPECT_EQ(as_config(testing::made<Constraint>("MaxNorm", config.at("config"))), config);
  const Array all = constraints::UnitNorm({.axis = nullptr})(Array({{3., 0.}, {0., 4.}}));
  EXPECT_NEAR(all.at({1, 1}), 0.8, 1e-6);
  EXPECT_TRUE(as_config(constraints::UnitNorm({.axis = nullptr})).at("config").at("axis").is_null());
  EXPECT_THAT(
      [] {
        testing::made<Constraint>("UnitNorm", Config::map({{"axis", Config::list()}}));
      },
      ThrowsMessage<ValueError>(HasSubstr("UnitNorm: axis")));
}

TEST(Constraints, EmptyIsNone) {
  EXPECT_FALSE(Constraint(nullptr));
  EXPECT_TRUE(as_config(Constraint()).is_null());
  const Tensor w = ones({2});
  EXPECT_EQ(Constraint()(w).node(), w.node());
}

TEST(Constraints, Errors) {
  EXPECT_THAT([] { Constraint("maxnrom"); }, ThrowsMessage<ValueError>(HasSubstr("Did you mean «MaxNorm»?")));
  EXPECT_THAT(
      [] {
        testing::made<Constraint>("MaxNorm", Config::map({{"max_valu", 3}}));
      },
      ThrowsMessage<ValueError>(HasSubstr("MaxNorm has no argument «max_valu». Did you mean «max_value»?")));
  EXPECT_THAT(
      [] {
        testing::made<Constraint>("MaxNorm", Config::map({{"max_value", "big"}}));
      },
      ThrowsMessage<TypeError>(HasSubstr("MaxNorm: max_value: ")));
  EXPECT_THAT(
      [] {
        testing::made<Constraint>("MaxNorm", Config::map({{"max_value", 2}, {"m", 3}}));
      },
      ThrowsMessage<ValueError>(HasSubstr("two spellings")));
}

}  // namespace
}  // namespace keras
