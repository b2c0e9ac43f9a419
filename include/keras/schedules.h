// keras::optimizers::schedules: learning rates that follow the number of steps.
#pragma once

#include <keras/fields.h>
#include <keras/tensor.h>

#include <memory>
#include <utility>
#include <vector>

namespace keras {

// A schedule: call() gives the learning rate, a scalar, of the step number `step` (an int64 scalar, 0 at first). It is
// traced into the training step once, which computes it from the optimizer's count each time it runs.
class KERAS_API LearningRateScheduleBody : public Body {
 public:
  static constexpr auto category = "schedule";
  ~LearningRateScheduleBody() override;
  virtual Tensor call(const Tensor& step) const = 0;
};

// A handle: one of the classes below, or an own LearningRateScheduleBody.
class KERAS_API LearningRateSchedule {
 public:
  LearningRateSchedule() = default;
  explicit LearningRateSchedule(std::shared_ptr<const LearningRateScheduleBody> body) : body_(std::move(body)) {}
  explicit operator bool() const { return body_ != nullptr; }
  Tensor operator()(const Tensor& step) const;  // ValueError when empty
  const LearningRateScheduleBody* body() const { return body_.get(); }

 private:
  std::shared_ptr<const LearningRateScheduleBody> body_;
};
KERAS_API Config as_config(const LearningRateSchedule& schedule);
KERAS_API void read_config(const Config& config, LearningRateSchedule& schedule);
template <class B>
LearningRateSchedule make_schedule(typename B::Args args = {}) {
  return LearningRateSchedule(make_body<B>(std::move(args)));
}

// What an optimizer takes as its learning rate: a number, or a schedule.
class KERAS_API LearningRate {
 public:
  LearningRate(double value = 0) : value_(value) {}
  LearningRate(LearningRateSchedule schedule) : schedule_(std::move(schedule)) {}
  double value() const { return value_; }  // where there is no schedule
  const LearningRateSchedule& schedule() const { return schedule_; }

 private:
  double value_ = 0;
  LearningRateSchedule schedule_;
};
KERAS_API Config as_config(const LearningRate& rate);
KERAS_API void read_config(const Config& config, LearningRate& rate);

// Numbers of steps may be of any numeric type, as in Keras; whole ones are written as integers.
struct ExponentialDecayArgs {
  std::optional<double> initial_learning_rate = {}, decay_steps = {}, decay_rate = {};
  bool staircase = false;
  std::string name = "ExponentialDecay";
  static void fields(auto&& f) {
    using A = ExponentialDecayArgs;
    f("initial_learning_rate", &A::initial_learning_rate, "Learning rate of the first step.");
    f("decay_steps", &A::decay_steps, "Steps after which decay_rate has been applied once.", positive);
    f("decay_rate", &A::decay_rate, "Factor.");
    f("staircase", &A::staircase, "Whether the rate stays the same for decay_steps steps at a time.");
    f("name", &A::name, "Name of the schedule.");
  }
};
struct PiecewiseConstantDecayArgs {
  std::vector<double> boundaries = {}, values = {};
  std::string name = "PiecewiseConstant";
  static void fields(auto&& f) {
    using A = PiecewiseConstantDecayArgs;
    f("boundaries", &A::boundaries, "The last step of each value but the last one, growing.");
    f("values", &A::values, "One more than boundaries.");
    f("name", &A::name, "Name of the schedule.");
  }
};
struct PolynomialDecayArgs {
  std::optional<double> initial_learning_rate = {}, decay_steps = {};
  double end_learning_rate = 0.0001;
  double power = 1;
  bool cycle = false;
  std::string name = "PolynomialDecay";
  static void fields(auto&& f) {
    using A = PolynomialDecayArgs;
    f("initial_learning_rate", &A::initial_learning_rate, "Learning rate of the first step.");
    f("decay_steps", &A::decay_steps, "Steps until end_learning_rate.", positive);
    f("end_learning_rate", &A::end_learning_rate, "Learning rate at the end.");
    f("power", &A::power, "Power of the part of the way that is left.");
    f("cycle", &A::cycle, "Whether it starts again, over twice as many steps, then three times as many, …");
    f("name", &A::name, "Name of the schedule.");
  }
};
struct InverseTimeDecayArgs {
  std::optional<double> initial_learning_rate = {}, decay_steps = {}, decay_rate = {};
  bool staircase = false;
  std::string name = "InverseTimeDecay";
  static void fields(auto&& f) {
    using A = InverseTimeDecayArgs;
    f("initial_learning_rate", &A::initial_learning_rate, "Learning rate of the first step.");
    f("decay_steps", &A::decay_steps, "Steps after which the divisor has grown by decay_rate.", positive);
    f("decay_rate", &A::decay_rate, "What the divisor grows by.");
    f("staircase", &A::staircase, "Whether the rate stays the same for decay_steps steps at a time.");
    f("name", &A::name, "Name of the schedule.");
  }
};
struct CosineDecayArgs {
  std::optional<double> initial_learning_rate = {}, decay_steps = {};
  double alpha = 0;
  std::string name = "CosineDecay";
  std::optional<double> warmup_target = {};
  double warmup_steps = 0;
  static void fields(auto&& f) {
    using A = CosineDecayArgs;
    f("initial_learning_rate", &A::initial_learning_rate, "Learning rate of the first step.");
    f("decay_steps", &A::decay_steps, "Steps of the way down.", positive);
    f("alpha", &A::alpha, "The last learning rate as a part of the largest.");
    f("name", &A::name, "Name of the schedule.");
    f("warmup_target", &A::warmup_target, "Learning rate that is reached before the way down; none: no warmup.");
    f("warmup_steps", &A::warmup_steps, "Steps of the way up.");
  }
};
struct CosineDecayRestartsArgs {
  std::optional<double> initial_learning_rate = {}, first_decay_steps = {};
  double t_mul = 2, m_mul = 1, alpha = 0;
  std::string name = "SGDRDecay";
  static void fields(auto&& f) {
    using A = CosineDecayRestartsArgs;
    f("initial_learning_rate", &A::initial_learning_rate, "Learning rate of the first step.");
    f("first_decay_steps", &A::first_decay_steps, "Steps of the first period.", positive);
    f("t_mul", &A::t_mul, "How much longer each period is than the one before.");
    f("m_mul", &A::m_mul, "How much higher each period starts than the one before.");
    f("alpha", &A::alpha, "The last learning rate of a period as a part of the initial one.");
    f("name", &A::name, "Name of the schedule.");
  }
};

// ValueError where an argument that has no default is left out, or given in front and in braces. Keras 3.
namespace optimizers::schedules {
// initial_learning_rate * decay_rate ^ (step / decay_steps)
KERAS_API LearningRateSchedule ExponentialDecay(ExponentialDecayArgs args = {});
KERAS_API LearningRateSchedule ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                                                ExponentialDecayArgs args = {});
// values[i] while step <= boundaries[i]
KERAS_API LearningRateSchedule PiecewiseConstantDecay(PiecewiseConstantDecayArgs args = {});
KERAS_API LearningRateSchedule PiecewiseConstantDecay(std::vector<double> boundaries, std::vector<double> values,
                                                      PiecewiseConstantDecayArgs args = {});
// end + (initial - end) * (1 - step / decay_steps) ^ power
KERAS_API LearningRateSchedule PolynomialDecay(PolynomialDecayArgs args = {});
KERAS_API LearningRateSchedule PolynomialDecay(double initial_learning_rate, double decay_steps,
                                               PolynomialDecayArgs args = {});
// initial_learning_rate / (1 + decay_rate * step / decay_steps)
KERAS_API LearningRateSchedule InverseTimeDecay(InverseTimeDecayArgs args = {});
KERAS_API LearningRateSchedule InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                                                InverseTimeDecayArgs args = {});
// Half a cosine, after a straight way up where there is a warmup (Loshchilov and Hutter, 2016).
KERAS_API LearningRateSchedule CosineDecay(CosineDecayArgs args = {});
KERAS_API LearningRateSchedule CosineDecay(double initial_learning_rate, double decay_steps, CosineDecayArgs args = {});
// Half a cosine again and again (Loshchilov and Hutter, 2016).
KERAS_API LearningRateSchedule CosineDecayRestarts(CosineDecayRestartsArgs args = {});
KERAS_API LearningRateSchedule CosineDecayRestarts(double initial_learning_rate, double first_decay_steps,
                                                   CosineDecayRestartsArgs args = {});
}  // namespace optimizers::schedules

}  // namespace keras
