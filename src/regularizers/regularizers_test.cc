// The regularizers against what Keras computes, and their configurations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/regularizers.h>

#include "tests/support/golden.h"
#include "tests/support/shelves.h"

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const testing::Golden& golden() {
  static const testing::Golden golden("regularizers");
  return golden;
}

class RegularizersAgainstKeras : public ::testing::TestWithParam<const char*> {};

TEST_P(RegularizersAgainstKeras, ValuesAndGradients) {
  const DType dtype(GetParam());
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("inputs") || !golden().has(c.at("name").as_string() + "/value/64")) continue;
    SCOPED_TRACE(c.at("name").as_string());
    const auto regularizer = testing::made<Regularizer>(c.at("class").as_string(), c.at("args"));
    const Tensor x = golden().input(c, "x", dtype);
    const Tensor value = regularizer(x);
    const std::vector<Array> results = eval({value, ops::gradients(value, {x})[0]});
    EXPECT_TRUE(golden().agrees(results[0], c, "value"));
    if (golden().has(c.at("name").as_string() + "/dx/64")) {
      EXPECT_TRUE(golden().agrees(results[1], c, "dx"));
    }
    ++count;
  }
  EXPECT_GT(count, 30);
}

INSTANTIATE_TEST_SUITE_P(Types, RegularizersAgainstKeras, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Regularizers, NamesAndConfigsAreThoseOfKeras) {
  testing::check_names<Regularizer>(golden(), "keras.regularizers");
}

TEST(Regularizers, ArgumentsAreThoseOfKeras) { testing::check_arguments<Regularizer>("regularizers", 4); }

TEST(Regularizers, Keras2Functions) {
  EXPECT_EQ(as_config(Regularizer("l1_l2")), as_config(regularizers::l1_l2()));
  EXPECT_EQ(as_config(regularizers::l1_l2()), as_config(regularizers::L1L2({.l1 = 0.01, .l2 = 0.01})));
  EXPECT_EQ(as_config(regularizers::l1(0.5)), as_config(regularizers::L1(0.5)));
  EXPECT_EQ(as_config(testing::made<Regularizer>("l1_l2", Config::map({{"l1", 0.3}}))).at("config").to_json(),
            R"({"l1": 0.3, "l2": 0.01})");
}

TEST(Regularizers, EmptyIsNone) {
  EXPECT_FALSE(Regularizer());
  EXPECT_TRUE(as_config(Regularizer()).is_null());
  EXPECT_EQ(Array(Regularizer(nullptr)(ones({2}))).item(), 0);
}

TEST(Regularizers, Errors) {
  EXPECT_THAT([] { Regularizer("l3"); }, ThrowsMessage<ValueError>(HasSubstr("no regularizer of the name «l3»")));
  EXPECT_THAT([] { Regularizer("orthogonal_regulariser"); },
              ThrowsMessage<ValueError>(HasSubstr("«orthogonal_regularizer»")));
  EXPECT_THAT([] { regularizers::L2(-1); },
              ThrowsMessage<ValueError>(HasSubstr("L2: l2 must be a number of 0 or more")));
  EXPECT_THAT([] { regularizers::L1(std::nan("")); }, ThrowsMessage<ValueError>(HasSubstr("nan was given")));
  EXPECT_THAT([] { regularizers::OrthogonalRegularizer({.mode = "row"}); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «rows»?")));
  EXPECT_THAT([] { regularizers::OrthogonalRegularizer()(ones({3})); }, ThrowsMessage<ValueError>(HasSubstr("(3,)")));
  EXPECT_EQ(Array(regularizers::OrthogonalRegularizer()(ones({1, 3}))).item(), 0);  // no pair of rows
}

// An own regularizer.
struct NuclearArgs {
  double factor = 1;
  static void fields(auto&& f) { f("factor", &NuclearArgs::factor, "Factor.", positive); }
};
struct Largest final : RegularizerBody {
  static constexpr auto class_name = "Largest";
  using Args = NuclearArgs;
  explicit Largest(Args args) : args_(args) {}
  Tensor call(const Tensor& weight) const override { return args_.factor * ops::max(ops::abs(weight)); }
  Args args_;
};

TEST(Regularizers, Own) {
  const Regularizer largest = make_regularizer<Largest>({.factor = 2});
  EXPECT_EQ(Array(largest(Array({1.f, -4.f}))).item(), 8);
  EXPECT_EQ(as_config(largest).to_json(),
            R"({"module": null, "class_name": "Largest", "config": {"factor": 2.0}, "registered_name": "Largest"})");
}

}  // namespace
}  // namespace keras
