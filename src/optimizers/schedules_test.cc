// Schedules against what Keras gives, alone and inside optimizers, their configurations and errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/optimizers.h>

#include "tests/support/arguments.h"
#include "tests/support/golden.h"
#include "tests/support/shelves.h"

namespace keras {
namespace {

namespace schedules = optimizers::schedules;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const testing::Golden& golden() {
  static const testing::Golden golden("schedules");
  return golden;
}

class SchedulesAgainstKeras : public ::testing::TestWithParam<const char*> {
 protected:
  SchedulesAgainstKeras() { config::set_floatx(GetParam()); }
  ~SchedulesAgainstKeras() override { config::set_floatx("float32"); }
};

TEST_P(SchedulesAgainstKeras, Values) {
  int count = 0;
  for (const Config& c : golden().cases()) {
    const auto schedule = testing::made<LearningRateSchedule>(c.at("class").as_string(), c.at("args"));
    std::vector<Tensor> rates;
    for (const std::int64_t step : golden().array(c.at("name").as_string() + "/steps").values<std::int64_t>())
      rates.push_back(schedule(Array::scalar_int(step, DType::int64)));
    EXPECT_TRUE(golden().agrees(eval(ops::stack(rates)), c, "y"));
    ++count;
  }
  EXPECT_GE(count, 18);
}
INSTANTIATE_TEST_SUITE_P(Types, SchedulesAgainstKeras, ::testing::Values("float64", "float32"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Schedules, ConfigsAreThoseOfKeras) {
  for (const Config& c : golden().cases()) {
    SCOPED_TRACE(c.at("name"));
    LearningRateSchedule schedule, back;
    read_config(c.at("serialized"), schedule);
    EXPECT_EQ(as_config(schedule), c.at("serialized"));
    // As tf.keras wrote it.
    read_config(Config::map({{"class_name", c.at("class")}, {"config", c.at("config")}}), back);
    EXPECT_EQ(as_config(back), c.at("serialized"));
  }
}

TEST(Schedules, ArgumentsAreThoseOfKeras) {
  const testing::Golden arguments("arguments");
  const std::vector<std::string> rate{"initial_learning_rate", "decay_steps"};
  std::vector<std::string> with_rate = rate;
  with_rate.emplace_back("decay_rate");
  testing::check_defaults<CosineDecayArgs>(arguments, "schedules.CosineDecay", rate);
  testing::check_defaults<CosineDecayRestartsArgs>(arguments, "schedules.CosineDecayRestarts",
                                                   {"initial_learning_rate", "first_decay_steps"});
  testing::check_defaults<ExponentialDecayArgs>(arguments, "schedules.ExponentialDecay", with_rate);
  testing::check_defaults<InverseTimeDecayArgs>(arguments, "schedules.InverseTimeDecay", with_rate);
  testing::check_defaults<PiecewiseConstantDecayArgs>(arguments, "schedules.PiecewiseConstantDecay",
                                                      {"boundaries", "values"});
  testing::check_defaults<PolynomialDecayArgs>(arguments, "schedules.PolynomialDecay", rate);
}

TEST(Schedules, GiveAnOptimizerItsLearningRate) {
  Variable w(Array({8.}));
  Optimizer optimizer =
      optimizers::SGD({.learning_rate = schedules::PiecewiseConstantDecay({1, 2}, {0.5, 0.25, 0.125})});
  EXPECT_EQ(optimizer.learning_rate(), 0.5);
  for (const double after : {7.5, 7., 6.75, 6.625, 6.5}) {
    optimizer.apply_gradients({{Array({1.}), w}});
    EXPECT_EQ(w.value().item(), after);
  }
  EXPECT_EQ(optimizer.learning_rate(), 0.125);
  EXPECT_EQ(optimizer.variables().size(), 1);  // the learning rate is no state
  EXPECT_THAT([&] { optimizer.set_learning_rate(0.1); }, ThrowsMessage<TypeError>(HasSubstr("follows a schedule")));
  EXPECT_EQ(optimizer.get_config().at("learning_rate").at("class_name"), Config("PiecewiseConstantDecay"));
}

struct HalfArgs {
  double first = 1;
  static void fields(auto&& f) { f("first", &HalfArgs::first, "Learning rate of the first step."); }
};
struct Half final : LearningRateScheduleBody {
  static constexpr auto class_name = "Half";
  using Args = HalfArgs;
  explicit Half(Args args) : first(args.first) {}
  Tensor call(const Tensor& step) const override { return first * ops::power(0.5, ops::cast(step, DType::float32)); }
  double first;
};

TEST(Schedules, OwnOne) {
  Variable w(Array({0.}));
  Optimizer optimizer = optimizers::SGD({.learning_rate = make_schedule<Half>({.first = 2})});
  for (int i = 0; i < 3; ++i) optimizer.apply_gradients({{Array({-1.}), w}});
  EXPECT_EQ(w.value().item(), 3.5);
  EXPECT_EQ(optimizer.get_config().at("learning_rate").at("registered_name"), Config("Half"));
}

TEST(Schedules, Errors) {
  EXPECT_THAT([] { schedules::ExponentialDecay({.decay_steps = 3}); },
              ThrowsMessage<ValueError>(HasSubstr("initial_learning_rate must be given")));
  EXPECT_THAT([] { schedules::CosineDecay(0.1, 0); }, ThrowsMessage<ValueError>(HasSubstr("decay_steps")));
  EXPECT_THAT([] { schedules::CosineDecay(0.1, 5, {.decay_steps = 4}); },
              ThrowsMessage<ValueError>(HasSubstr("given twice")));
  EXPECT_THAT(
      [] {
        schedules::PiecewiseConstantDecay({1, 2}, {0.5, 0.25});
      },
      ThrowsMessage<ValueError>(HasSubstr("2 boundaries, 2 values")));
  EXPECT_THAT(
      [] {
        LearningRateSchedule schedule;
        read_config(Config::map({{"class_name", "CosinDecay"}, {"config", Config::map({})}}), schedule);
      },
      ThrowsMessage<ValueError>(HasSubstr("Did you mean «CosineDecay»?")));
  EXPECT_THAT([] { LearningRateSchedule()(1); }, ThrowsMessage<ValueError>(HasSubstr("empty")));
}

}  // namespace
}  // namespace keras
