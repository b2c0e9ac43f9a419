// The schedules of the learning rate, in floatx, after Keras 3's order of operations.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/schedules.h>

#include <cmath>
#include <numbers>

#include "tensor/shelf.h"

namespace keras {

LearningRateScheduleBody::~LearningRateScheduleBody() = default;

Tensor LearningRateSchedule::operator()(const Tensor& step) const {
  if (!body_) throw ValueError("A LearningRateSchedule was used before it was given a value: it is empty.");
  return body_->call(step);
}

namespace optimizers::schedules {
namespace {

// Numbers of steps were mostly given as integers, and are written so.
class ScheduleBody : public LearningRateScheduleBody {
 public:
  Config get_config() const override {
    Config config = Body::get_config();
    for (const char* name : {"decay_steps", "first_decay_steps", "warmup_steps", "boundaries"}) {
      if (const Config* given = config.find(name)) config.set(name, whole(*given));
    }
    return config;
  }

 protected:
  static double required(const std::optional<double>& argument, const char* schedule, const char* name) {
    if (argument) return *argument;
    throw ValueError(fmt::format("{}: {} must be given.", schedule, name));
  }
  static Tensor number(double value) { return ops::full({}, value, config::floatx()); }
  static Tensor real(const Tensor& step) { return ops::cast(step, config::floatx()); }

 private:
  static Config whole(const Config& given) {
    if (given.is_list()) {
      Config list = Config::list();
      for (const Config& each : given.items()) list.push_back(whole(each));
      return list;
    }
    const bool is_whole =
        given.is_number() && std::fabs(given.as_real()) < 9e15 && given.as_real() == std::trunc(given.as_real());
    return is_whole ? Config(given.as_int()) : given;
  }
};

class ExponentialDecayBody final : public ScheduleBody {
 public:
  static constexpr auto class_name = "ExponentialDecay";
  using Args = ExponentialDecayArgs;
  explicit ExponentialDecayBody(const Args& args)
      : initial_(required(args.initial_learning_rate, class_name, "initial_learning_rate")),
        steps_(required(args.decay_steps, class_name, "decay_steps")),
        rate_(required(args.decay_rate, class_name, "decay_rate")),
        staircase_(args.staircase) {}
  Tensor call(const Tensor& step) const override {
    const Tensor part = real(step) / number(steps_);
    return number(initial_) * ops::power(number(rate_), staircase_ ? ops::floor(part) : part);
  }

 private:
  double initial_, steps_, rate_;
  bool staircase_;
};

class PiecewiseConstantDecayBody final : public ScheduleBody {
 public:
  static constexpr auto class_name = "PiecewiseConstantDecay";
  using Args = PiecewiseConstantDecayArgs;
  explicit PiecewiseConstantDecayBody(const Args& args) : boundaries_(args.boundaries), values_(args.values) {
    if (boundaries_.empty() || boundaries_.size() + 1 != values_.size()) {
      throw ValueError(fmt::format(
          "PiecewiseConstantDecay: values must be one more than boundaries, of which there is one at least. "
          "Received: {} boundaries, {} values.",
          boundaries_.size(), values_.size()));
    }
  }
  Tensor call(const Tensor& step) const override {
    Tensor value = number(values_.back());
    for (std::size_t i = boundaries_.size(); i-- > 0;) {
      const auto last = static_cast<std::int64_t>(boundaries_[i]);
      value = ops::where(ops::less_equal(step, last), number(values_[i]), value);
    }
    return value;
  }

 private:
  std::vector<double> boundaries_, values_;
};

class PolynomialDecayBody final : public ScheduleBody {
 public:
  static constexpr auto class_name = "PolynomialDecay";
  using Args = PolynomialDecayArgs;
  explicit PolynomialDecayBody(const Args& args)
      : args_(args),
        initial_(required(args.initial_learning_rate, class_name, "initial_learning_rate")),
        steps_(required(args.decay_steps, class_name, "decay_steps")) {}
  Tensor call(const Tensor& step) const override {
    Tensor now = real(step), steps = number(steps_);
    if (args_.cycle) {
      const Tensor periods = ops::where(ops::equal(now, 0), number(1), ops::ceil(now / steps));
      steps = steps * periods;
    } else {
      now = ops::minimum(now, steps);
    }
    const Tensor end = number(args_.end_learning_rate);
    return (number(initial_) - end) * ops::power(1 - now / steps, number(args_.power)) + end;
  }

 private:
  Args args_;
  double initial_, steps_;
};

class InverseTimeDecayBody final : public ScheduleBody {
 public:
  static constexpr auto class_name = "InverseTimeDecay";
  using Args = InverseTimeDecayArgs;
  explicit InverseTimeDecayBody(const Args& args)
      : initial_(required(args.initial_learning_rate, class_name, "initial_learning_rate")),
        steps_(required(args.decay_steps, class_name, "decay_steps")),
        rate_(required(args.decay_rate, class_name, "decay_rate")),
        staircase_(args.staircase) {}
  Tensor call(const Tensor& step) const override {
    const Tensor part = real(step) / number(steps_);
    return number(initial_) / (1 + number(rate_) * (staircase_ ? ops::floor(part) : part));
  }

 private:
  double initial_, steps_, rate_;
  bool staircase_;
};

// 1 at `part` 0, 0 at 1.
Tensor half_cosine(const Tensor& part) {
  return 0.5 * (1 + ops::cos(ops::full({}, std::numbers::pi, part.dtype()) * part));
}

class CosineDecayBody final : public ScheduleBody {
 public:
  static constexpr auto class_name = "CosineDecay";
  using Args = CosineDecayArgs;
  explicit CosineDecayBody(const Args& args)
      : args_(args),
        initial_(required(args.initial_learning_rate, class_name, "initial_learning_rate")),
        steps_(required(args.decay_steps, class_name, "decay_steps")) {}
  Tensor call(const Tensor& step) const override {
    const Tensor now = real(step), initial = number(initial_), steps = number(steps_);
    if (!args_.warmup_target) return decayed(ops::minimum(now, steps) / steps, initial);
    const Tensor target = number(*args_.warmup_target), warmup = number(args_.warmup_steps);
    const Tensor bounded = ops::minimum(now, steps + warmup);
    return ops::where(ops::less(bounded, warmup), (target - initial) * (bounded / warmup) + initial,
                      decayed((bounded - warmup) / steps, target));
  }

 private:
  Tensor decayed(const Tensor& part, const Tensor& from) const {
    return from * ((1 - args_.alpha) * half_cosine(part) + args_.alpha);
  }
  Args args_;
  double initial_, steps_;
};

class CosineDecayRestartsBody final : public ScheduleBody {
 public:
  static constexpr auto class_name = "CosineDecayRestarts";
  using Args = CosineDecayRestartsArgs;
  explicit CosineDecayRestartsBody(const Args& args)
      : args_(args),
        initial_(required(args.initial_learning_rate, class_name, "initial_learning_rate")),
        steps_(required(args.first_decay_steps, class_name, "first_decay_steps")) {}
  Tensor call(const Tensor& step) const override {
    Tensor part = real(step) / number(steps_), period;
    if (args_.t_mul == 1) {
      period = ops::floor(part);
      part = part - period;
    } else {
      const Tensor times = number(args_.t_mul);
      period = ops::floor(ops::log(1 - part * (1 - times)) / ops::log(times));
      const Tensor length = ops::power(times, period), before = (1 - length) / (1 - times);
      part = (part - before) / length;
    }
    const Tensor alpha = number(args_.alpha);
    const Tensor height = ops::power(number(args_.m_mul), period);
    return number(initial_) * ((1 - alpha) * (height * half_cosine(part)) + alpha);
  }

 private:
  Args args_;
  double initial_, steps_;
};

void upgrade(const char*, Config& config) {  // tf.keras's have no name unless it is given
  if (config.get("name", "").is_null()) config.erase("name");
}

const Shelf& shelf() {
  static const Shelf shelf("schedule", "keras.optimizers.schedules",
                           {{custom<CosineDecayBody>()},
                            {custom<CosineDecayRestartsBody>()},
                            {custom<ExponentialDecayBody>()},
                            {custom<InverseTimeDecayBody>()},
                            {custom<PiecewiseConstantDecayBody>()},
                            {custom<PolynomialDecayBody>()}},
                           upgrade);
  return shelf;
}

void give(const char* schedule, const char* name, std::optional<double>& argument, double value) {
  if (argument) {
    throw ValueError(
        fmt::format("{}: {} is given twice, in front and in the arguments in braces. Give it once.", schedule, name));
  }
  argument = value;
}
void give(const char* schedule, const char* name, std::vector<double>& argument, std::vector<double> values) {
  if (!argument.empty()) {
    throw ValueError(
        fmt::format("{}: {} is given twice, in front and in the arguments in braces. Give it once.", schedule, name));
  }
  argument = std::move(values);
}
}  // namespace

LearningRateSchedule ExponentialDecay(ExponentialDecayArgs args) {
  return make_schedule<ExponentialDecayBody>(std::move(args));
}
LearningRateSchedule ExponentialDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                                      ExponentialDecayArgs args) {
  give("ExponentialDecay", "initial_learning_rate", args.initial_learning_rate, initial_learning_rate);
  give("ExponentialDecay", "decay_steps", args.decay_steps, decay_steps);
  give("ExponentialDecay", "decay_rate", args.decay_rate, decay_rate);
  return ExponentialDecay(std::move(args));
}
LearningRateSchedule PiecewiseConstantDecay(PiecewiseConstantDecayArgs args) {
  return make_schedule<PiecewiseConstantDecayBody>(std::move(args));
}
LearningRateSchedule PiecewiseConstantDecay(std::vector<double> boundaries, std::vector<double> values,
                                            PiecewiseConstantDecayArgs args) {
  give("PiecewiseConstantDecay", "boundaries", args.boundaries, std::move(boundaries));
  give("PiecewiseConstantDecay", "values", args.values, std::move(values));
  return PiecewiseConstantDecay(std::move(args));
}
LearningRateSchedule PolynomialDecay(PolynomialDecayArgs args) {
  return make_schedule<PolynomialDecayBody>(std::move(args));
}
LearningRateSchedule PolynomialDecay(double initial_learning_rate, double decay_steps, PolynomialDecayArgs args) {
  give("PolynomialDecay", "initial_learning_rate", args.initial_learning_rate, initial_learning_rate);
  give("PolynomialDecay", "decay_steps", args.decay_steps, decay_steps);
  return PolynomialDecay(std::move(args));
}
LearningRateSchedule InverseTimeDecay(InverseTimeDecayArgs args) {
  return make_schedule<InverseTimeDecayBody>(std::move(args));
}
LearningRateSchedule InverseTimeDecay(double initial_learning_rate, double decay_steps, double decay_rate,
                                      InverseTimeDecayArgs args) {
  give("InverseTimeDecay", "initial_learning_rate", args.initial_learning_rate, initial_learning_rate);
  give("InverseTimeDecay", "decay_steps", args.decay_steps, decay_steps);
  give("InverseTimeDecay", "decay_rate", args.decay_rate, decay_rate);
  return InverseTimeDecay(std::move(args));
}
LearningRateSchedule CosineDecay(CosineDecayArgs args) { return make_schedule<CosineDecayBody>(std::move(args)); }
LearningRateSchedule CosineDecay(double initial_learning_rate, double decay_steps, CosineDecayArgs args) {
  give("CosineDecay", "initial_learning_rate", args.initial_learning_rate, initial_learning_rate);
  give("CosineDecay", "decay_steps", args.decay_steps, decay_steps);
  return CosineDecay(std::move(args));
}
LearningRateSchedule CosineDecayRestarts(CosineDecayRestartsArgs args) {
  return make_schedule<CosineDecayRestartsBody>(std::move(args));
}
LearningRateSchedule CosineDecayRestarts(double initial_learning_rate, double first_decay_steps,
                                         CosineDecayRestartsArgs args) {
  give("CosineDecayRestarts", "initial_learning_rate", args.initial_learning_rate, initial_learning_rate);
  give("CosineDecayRestarts", "first_decay_steps", args.first_decay_steps, first_decay_steps);
  return CosineDecayRestarts(std::move(args));
}

}  // namespace optimizers::schedules

Config as_config(const LearningRateSchedule& schedule) { return optimizers::schedules::shelf().write(schedule.body()); }
void read_config(const Config& config, LearningRateSchedule& schedule) {
  schedule = LearningRateSchedule(
      std::static_pointer_cast<LearningRateScheduleBody>(optimizers::schedules::shelf().read(config)));
}

Config as_config(const LearningRate& rate) {
  return rate.schedule() ? as_config(rate.schedule()) : Config(rate.value());
}
void read_config(const Config& config, LearningRate& rate) {
  if (config.is_number()) {
    rate = config.as_real();
    return;
  }
  LearningRateSchedule schedule;
  read_config(config, schedule);
  if (!schedule) throw ValueError("A learning rate must be a number or a schedule. Received: none.");
  rate = schedule;
}

}  // namespace keras
