#include "ops/chains.h"
#include "optimizers/makers.h"

namespace keras::optimizers {

namespace {
class RMSpropBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "RMSprop";
  using Args = RMSpropArgs;
  explicit RMSpropBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {}

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
    std::vector<Variable> states{variable, velocities_[i]};
    if (args_.centered) states.push_back(averages_[i]);
    if (momentum) states.push_back(momentums_[i]);
    std::vector<Tensor> full(states.begin(), states.end());
    full.push_back(gradient);
    std::vector<Tensor> scalars{learning_rate, args_.rho, 1 - args_.rho, args_.epsilon};
    if (momentum) scalars.push_back(args_.momentum);
    const Op op = args_.centered ? momentum ? Op::rmsprop_centered_momentum_update : Op::rmsprop_centered_update
                  : momentum     ? Op::rmsprop_momentum_update
                                 : Op::rmsprop_update;
    const std::vector<Tensor> moved = ops::chain(op, full, scalars);
    for (std::size_t k = 0; k < states.size(); ++k) states[k].assign(moved[k]);
  }

  Args args_;
  std::vector<Variable> velocities_, momentums_, averages_;
};
}  // namespace

Maker rmsprop() { return custom<RMSpropBody>(); }
Optimizer RMSprop(RMSpropArgs args) { return make_optimizer<RMSpropBody>(std::move(args)); }

}  // namespace keras::optimizers
