// Adam and AdamW, whose weight decay is part of the chain.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "optimizers/makers.h"
#include "optimizers/move.h"

namespace keras::optimizers {

namespace {
template <class A>
class AdamBody : public OptimizerBody {
 public:
  static constexpr auto class_name = "Adam";
  using Args = A;
  explicit AdamBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {}

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) {
      momentums_.push_back(add_slot("momentum", variable));
      velocities_.push_back(add_slot("velocity", variable));
    }
    if (!args_.amsgrad) return;
    for (const Variable& variable : trainable) largest_.push_back(add_slot("velocity_hat", variable));
  }

  bool decays_in_update() const override { return true; }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    using primitives::Op;
    const Tensor step = ops::cast(updates() + 1, variable.dtype());
    const Tensor alpha =
        learning_rate * ops::sqrt(rest_of_power(args_.beta_2, step)) / rest_of_power(args_.beta_1, step);
    const std::size_t i = index_of(variable);
    std::vector<Variable> states{variable, momentums_[i], velocities_[i]};
    if (args_.amsgrad) states.push_back(largest_[i]);
    std::vector<Tensor> scalars{alpha, 1 - args_.beta_1, 1 - args_.beta_2, args_.epsilon};
    const std::optional<double> decay = decay_of(variable);
    if (decay) scalars.insert(scalars.end(), {*decay, learning_rate});
    move(args_.amsgrad ? (decay ? Op::adamw_amsgrad_update : Op::adam_amsgrad_update)
                       : (decay ? Op::adamw_update : Op::adam_update),
         states, gradient, scalars);
  }

  Args args_;
  std::vector<Variable> momentums_, velocities_, largest_;
};

class AdamWBody final : public AdamBody<AdamWArgs> {
 public:
  static constexpr auto class_name = "AdamW";
  explicit AdamWBody(const Args& args) : AdamBody(args) {
    if (!args.weight_decay)
      throw ValueError("AdamW: weight_decay must be a number. Received: none. Adam is the one without.");
  }
};
}  // namespace

Maker adam() { return custom<AdamBody<AdamArgs>>(); }
Maker adamw() { return custom<AdamWBody>(); }
Optimizer Adam(AdamArgs args) { return make_optimizer<AdamBody<AdamArgs>>(std::move(args)); }
Optimizer AdamW(AdamWArgs args) { return make_optimizer<AdamWBody>(std::move(args)); }

}  // namespace keras::optimizers
