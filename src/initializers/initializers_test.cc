// The initializers against what Keras computes, the laws of the random ones, and their configurations.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/initializers.h>
#include <keras/random.h>

#include <cmath>

#include "tests/support/golden.h"
#include "tests/support/shelves.h"

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const testing::Golden& golden() {
  static const testing::Golden golden("initializers");
  return golden;
}

Shape shape_of(const Config& c) {
  Shape shape;
  read_config(c.at("shape"), shape);
  return shape;
}

Initializer initializer_of(const Config& c) {
  return testing::made<Initializer>(c.at("class").as_string(), c.at("args"));
}

std::vector<double> numbers(const Array& array) {
  const Array real = array.astype(DType::float64);
  return {real.values<double>().begin(), real.values<double>().end()};
}

// The laws: mean, standard deviation, bounds and points of the distribution function, within 4 sigma of a sample's
// scatter (a fixed seed, so that a test that passes always passes).
class InitializerLaws : public ::testing::TestWithParam<const char*> {};

TEST_P(InitializerLaws, AreThoseOfKeras) {
  int count = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("below")) continue;
    SCOPED_TRACE(c.at("name").as_string());
    Config args = c.at("args");
    args.set("seed", 11);
    const Array drawn = testing::made<Initializer>(c.at("class").as_string(), args)(shape_of(c), DType(GetParam()));
    EXPECT_EQ(drawn.dtype(), DType(GetParam()));
    const std::vector<double> values = numbers(drawn);
    const double n = static_cast<double>(values.size());
    ASSERT_EQ(n, c.at("n").as_real());
    double mean = 0, square = 0;
    for (double v : values) mean += v / n;
    for (double v : values) square += (v - mean) * (v - mean) / n;
    EXPECT_NEAR(mean, c.at("mean").as_real(), c.at("mean_tolerance").as_real());
    EXPECT_NEAR(std::sqrt(square), c.at("stddev").as_real(), c.at("stddev_tolerance").as_real());
    if (c.contains("low")) {
      const double low = c.at("low").as_real(), high = c.at("high").as_real();
      const double slack = 1e-6 * std::max(std::fabs(low), std::fabs(high));
      for (double v : values) ASSERT_TRUE(v >= low - slack && v <= high + slack) << v;
    }
    for (std::size_t i = 0; i < c.at("points").size(); ++i) {
      const double point = c.at("points").items()[i].as_real();
      double below = 0;
      for (double v : values) below += v <= point ? 1 / n : 0;
      EXPECT_NEAR(below, c.at("below").items()[i].as_real(), c.at("below_tolerance").items()[i].as_real()) << point;
    }
    ++count;
  }
  EXPECT_GT(count, 40);
}

INSTANTIATE_TEST_SUITE_P(Types, InitializerLaws, ::testing::Values("float32", "float64"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Initializers, Fans) {
  for (const Config& c : golden().cases()) {
    if (!c.contains("fan_in")) continue;
    const std::pair<std::int64_t, std::int64_t> fans{c.at("fan_in").as_int(), c.at("fan_out").as_int()};
    EXPECT_EQ(initializers::compute_fans(shape_of(c)), fans) << c.at("name");
  }
}

TEST(Initializers, FansOfNamedAxes) {
  const Initializer wide = initializers::GlorotUniform({.seed = 1, .input_axes = {{0, 1}}, .output_axes = {{-1}}});
  double largest = 0;
  for (double v : numbers(wide({30, 20, 50}))) largest = std::max(largest, std::fabs(v));
  const double limit = std::sqrt(6.0 / (600 + 50));
  EXPECT_LE(largest, limit);
  EXPECT_GT(largest, 0.99 * limit);
  EXPECT_EQ(as_config(wide).at("config").at("input_axes").to_json(), "[0, 1]");
  EXPECT_THAT([&] { wide({3}); }, ThrowsMessage<ValueError>(HasSubstr("no axis 1")));
}

TEST(Initializers, ExactOnesAreThoseOfKeras) {
  int count = 0;
  for (const Config& c : golden().cases()) {
    const std::string name = c.at("name").as_string();
    SCOPED_TRACE(name);
    if (c.contains("value")) {
      for (double v : numbers(initializer_of(c)(shape_of(c)))) ASSERT_EQ(v, c.at("value").as_real());
      ++count;
    } else if (golden().has(name + "/value") || golden().has(name + "/value/64")) {
      for (DType dtype : {DType(DType::float32), DType(DType::float64)}) {
        EXPECT_TRUE(golden().agrees(initializer_of(c)(shape_of(c), dtype), c, "value"));
      }
      ++count;
    } else if (c.contains("error") && c.contains("shape")) {
      EXPECT_EQ(c.at("error").as_string(), "ValueError");
      EXPECT_THROW(initializer_of(c)(shape_of(c)), ValueError);
      ++count;
    }
  }
  EXPECT_GT(count, 25);
}

TEST(Initializers, OrthogonalIsOrthonormalAndUniform) {
  for (const Config& c : golden().cases()) {
    if (!c.contains("orthonormal")) continue;
    SCOPED_TRACE(c.at("name").as_string());
    Config args = c.at("args");
    args.set("seed", 5);
    const auto rows = static_cast<std::size_t>(c.at("rows").as_int()),
               columns = static_cast<std::size_t>(c.at("columns").as_int());
    const std::vector<double> q = numbers(testing::made<Initializer>("Orthogonal", args)(shape_of(c), DType::float64));
    ASSERT_EQ(q.size(), rows * columns);
    const bool by_rows = c.at("orthonormal").as_string() == "rows";
    const std::size_t count = by_rows ? rows : columns, length = by_rows ? columns : rows;
    auto element = [&](std::size_t vector, std::size_t i) {
      return by_rows ? q[vector * columns + i] : q[i * columns + vector];
    };
    double worst = 0, mean = 0;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double product = 0;
        for (std::size_t k = 0; k < length; ++k) product += element(i, k) * element(j, k);
        worst = std::max(worst, std::fabs(product - (i == j ? c.at("squared_length").as_real() : 0)));
      }
    }
    EXPECT_LT(worst, 1e-12);
    for (double v : q) mean += v / static_cast<double>(q.size());  // neither sign is preferred
    EXPECT_LT(std::fabs(mean),
              4 * std::sqrt(c.at("squared_length").as_real() / static_cast<double>(length * q.size())));
  }
}

TEST(Initializers, NamesAndConfigsAreThoseOfKeras) {
  testing::check_names<Initializer>(golden(), "keras.initializers");
}

TEST(Initializers, ArgumentsAreThoseOfKeras) { testing::check_arguments<Initializer>("initializers", 16); }

TEST(Initializers, WhatOlderKerasWroteIsRead) {
  // Keras 2.2.4 writes these functions as the class; drawn from one seed they are the same numbers.
  for (const Config& c : golden().cases()) {
    if (!c.contains("dialect")) continue;
    SCOPED_TRACE(c.at("name").as_string());
    Config args = c.at("args");
    args.set("seed", 3);
    const Initializer older = testing::made<Initializer>(c.at("class").as_string(), args);
    const Initializer newer = testing::made<Initializer>(c.at("identifier").as_string(), Config::map({{"seed", 3}}));
    EXPECT_TRUE(identical(older({7, 9}), newer({7, 9})));
  }
  Initializer read;
  read_config(Config::from_json(R"({"class_name": "Zeros", "config": {"dtype": "float32"}})"), read);
  EXPECT_EQ(read({1}).item(), 0);
  read_config(
      Config::from_json(R"({"module": "keras.initializers", "class_name": "HeNormal", "registered_name": null, "config":
      {"seed": {"module": "keras.random", "class_name": "SeedGenerator", "config": {"name": "g", "seed": 17}}}})"),
      read);
  EXPECT_EQ(as_config(read).at("config").to_json(), R"({"seed": 17})");
  EXPECT_EQ(
      as_config(Initializer("VarianceScaling")).to_json(),
      R"({"module": "keras.initializers", "class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_in", )"
      R"("distribution": "truncated_normal", "seed": null}, "registered_name": null})");
}

TEST(Initializers, SeedsAndStreams) {
  const Initializer seeded = initializers::RandomNormal({.seed = 4});
  random::seed(1);
  const Array a = seeded({50}), b = Initializer("normal")({50}), c = Initializer("normal")({50});
  random::seed(1);
  const Array b2 = Initializer("normal")({50}), a2 = seeded({50});
  EXPECT_TRUE(identical(a, a2));  // whatever the program's seed is and what was drawn before
  EXPECT_TRUE(identical(b, b2));  // the program's seed governs
  EXPECT_FALSE(identical(b, c));  // a new draw at each call
  EXPECT_FALSE(identical(a, b));
  EXPECT_FALSE(identical(a, initializers::RandomNormal({.seed = 5})({50})));
  // The first numbers of a larger draw are those of a smaller one, on however many threads.
  EXPECT_TRUE(identical(seeded({100'000}).slice(0, 50), a));
}

TEST(Initializers, DTypes) {
  for (const char* name : {"bfloat16", "float16", "float32", "float64"}) {
    for (const char* initializer : {"glorot_uniform", "he_normal", "orthogonal", "identity", "ones"}) {
      EXPECT_EQ(Initializer(initializer)({3, 4}, name).dtype(), DType(name));
    }
  }
  EXPECT_EQ(Initializer("ones")({2}, DType::int32).at({1}), 1);
  EXPECT_THAT(
      [] {
        Initializer("glorot_uniform")({2, 2}, DType::int32);
      },
      ThrowsMessage<TypeError>(HasSubstr("int32")));
  EXPECT_THROW(Initializer("orthogonal")({2, 2}, DType::int32), TypeError);
  EXPECT_EQ(Initializer("glorot_uniform")({0, 3}).size(), 0);
  EXPECT_EQ(Initializer("orthogonal")({0, 3}).size(), 0);
}

TEST(Initializers, Errors) {
  EXPECT_THAT([] { Initializer("glorot_unifrom"); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «glorot_uniform»?")));
  EXPECT_THAT([] { initializers::VarianceScaling({.mode = "fan"}); },
              ThrowsMessage<ValueError>(HasSubstr("fan_in, fan_out, fan_avg")));
  EXPECT_THAT([] { initializers::VarianceScaling({.distribution = "unifrom"}); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «uniform»?")));
  EXPECT_THAT([] { initializers::VarianceScaling({.scale = 0}); },
              ThrowsMessage<ValueError>(HasSubstr("scale must be a positive number")));
  EXPECT_THAT([] { initializers::STFT({.window = "han"}); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «hann»?")));
  EXPECT_THAT([] { Initializer()({2}); }, ThrowsMessage<ValueError>(HasSubstr("empty Initializer")));
  EXPECT_THAT([] { Initializer("zeros")({2, None}); }, ThrowsMessage<ValueError>(HasSubstr("None")));
  Initializer read;
  EXPECT_THAT(
      [&] {
        read_config(Config::map({{"scale", 2}}), read);
      },
      ThrowsMessage<ValueError>(HasSubstr("class_name")));
  EXPECT_FALSE(Initializer(nullptr));
}

// An own initializer.
struct RampArgs {
  double step = 1;
  static void fields(auto&& f) { f("step", &RampArgs::step, "Difference of neighbours."); }
};
struct Ramp final : InitializerBody {
  static constexpr auto class_name = "Ramp";
  using Args = RampArgs;
  explicit Ramp(Args args) : args_(args) {}
  Array call(const Shape& shape, DType dtype) const override {
    Array values(shape, DType::float64);
    double next = 0;
    for (double& v : values.mutable_values<double>()) v = args_.step * next++;
    return values.astype(dtype);
  }
  Args args_;
};

TEST(Initializers, Own) {
  const Initializer ramp = make_initializer<Ramp>({.step = 2});
  EXPECT_EQ(ramp({2, 2}).at({1, 1}), 6);
  EXPECT_EQ(as_config(ramp).at("registered_name").as_string(), "Ramp");
}

}  // namespace
}  // namespace keras
