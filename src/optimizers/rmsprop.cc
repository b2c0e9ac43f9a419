#include <keras/config.h>
#include <keras/ops.h>

#include "optimizers/makers.h"
#include "optimizers/move.h"

namespace keras::optimizers {

namespace {
class RMSpropBody final : public OptimizerBody, public HasEpsilon {
 public:
  static constexpr auto class_name = "RMSprop";
  using Args = RMSpropArgs;
  explicit RMSpropBody(const Args& args)
      : OptimizerBody(OptimizerArgs::of(args)),
        args_(args),
        outside_root_(args.momentum == 0 &&
                      (OldMeanings::active() || (config::dialect().epsilon_outside_root && !args.centered))) {}
  bool outside_root() const override { return outside_root_; }

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) velocities_.push_back(add_slot("velocity", variable));
    if (args_.momentum > 0) {
      for (const Variable& variable : trainable) momentums_.push_back(add_slot("momentum", variable));
    }
    if (args_.centered) {
      for (const Variable& variable : trainable) averages_.push_back(add_slot("average_gradient", variable));
    }
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    using primitives::Op;
    const bool momentum = !momentums_.empty();
    const std::size_t i = index_of(variable);
    if (outside_root_) return update_of_2_2(gradient, variable, i, learning_rate);
    std::vector<Variable> states{variable, velocities_[i]};
    if (args_.centered) states.push_back(averages_[i]);
    if (momentum) states.push_back(momentums_[i]);
    std::vector<Tensor> scalars{learning_rate, args_.rho, 1 - args_.rho, args_.epsilon};
    if (momentum) scalars.push_back(args_.momentum);
    move(args_.centered ? momentum ? Op::rmsprop_centered_momentum_update : Op::rmsprop_centered_update
         : momentum     ? Op::rmsprop_momentum_update
                        : Op::rmsprop_update,
         states, gradient, scalars);
  }

  void update_of_2_2(const Tensor& gradient, Variable variable, std::size_t i, const Tensor& learning_rate) {
    if (!args_.centered) {
      move(primitives::Op::rmsprop_outside_update, {variable, velocities_[i]}, gradient,
           {learning_rate, args_.rho, 1 - args_.rho, args_.epsilon});
      return;
    }
    const Tensor now = args_.rho * velocities_[i] + (1 - args_.rho) * ops::square(gradient);
    velocities_[i].assign(now);
    const Tensor average = args_.rho * averages_[i] + (1 - args_.rho) * gradient;
    averages_[i].assign(average);
    variable.assign(variable - learning_rate * gradient / (ops::sqrt(now - ops::square(average)) + args_.epsilon));
  }

  Args args_;
  const bool outside_root_;  // epsilon is added to the root, as Keras 2 did
  std::vector<Variable> velocities_, momentums_, averages_;
};
}  // namespace

Maker rmsprop() { return custom<RMSpropBody>(); }
Optimizer RMSprop(RMSpropArgs args) { return make_optimizer<RMSpropBody>(std::move(args)); }

}  // namespace keras::optimizers
