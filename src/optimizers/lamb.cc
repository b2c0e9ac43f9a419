#include <keras/ops.h>

#include "ops/chains.h"
#include "optimizers/makers.h"
#include "optimizers/move.h"

namespace keras::optimizers {

namespace {
class LambBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "Lamb";
  using Args = LambArgs;
  explicit LambBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {}

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) {
      momentums_.push_back(add_slot("momentum", variable));
      velocities_.push_back(add_slot("velocity", variable));
    }
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    const std::size_t i = index_of(variable);
    const Tensor step = ops::cast(updates() + 1, variable.dtype());
    const std::vector<Tensor> made =
        ops::chain(primitives::Op::lamb_direction, {gradient, momentums_[i], velocities_[i]},
                   {1 - args_.beta_1, 1 - args_.beta_2, rest_of_power(args_.beta_1, step),
                    rest_of_power(args_.beta_2, step), args_.epsilon});
    momentums_[i].assign(made[1]);
    velocities_[i].assign(made[2]);
    // The step is as long as the weights, relative to its own length.
    const Tensor weights = ops::norm(variable), length = ops::norm(made[0]);
    const Tensor one = ops::ones_like(weights);
    const Tensor ratio = ops::where(ops::logical_and(ops::greater(weights, 0), ops::greater(length, 0)),
                                    weights / ops::where(ops::greater(length, 0), length, one), one);
    move(primitives::Op::sgd_update, {variable}, made[0], {ratio * learning_rate});
  }

  Args args_;
  std::vector<Variable> momentums_, velocities_;
};
}  // namespace

Maker lamb() { return custom<LambBody>(); }
Optimizer Lamb(LambArgs args) { return make_optimizer<LambBody>(std::move(args)); }

}  // namespace keras::optimizers
