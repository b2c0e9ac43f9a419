#include <keras/ops.h>

#include "optimizers/makers.h"
#include "optimizers/move.h"

namespace keras::optimizers {

namespace {
class ScheduleFreeAdamWBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "ScheduleFreeAdamW";
  using Args = ScheduleFreeAdamWArgs;
  explicit ScheduleFreeAdamWBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {}

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) {
      momentums_.push_back(add_slot("momentum", variable));
      momentums_.back().assign(variable.value().copy());  // where the search goes on from
      velocities_.push_back(add_slot("velocity", variable));
    }
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    const std::size_t i = index_of(variable);
    const DType dtype = variable.dtype();
    const Tensor step = ops::cast(updates() + 1, dtype);
    Tensor rate = learning_rate;
    if (args_.warmup_steps > 0)
      rate = rate * ops::minimum(step / number(static_cast<double>(args_.warmup_steps), dtype), 1.0);
    const Tensor beta_1 = number(args_.beta_1, dtype), share = 1 / step;
    move(primitives::Op::schedule_free_update, {variable, momentums_[i], velocities_[i]}, gradient,
         {rate, 1 - number(args_.beta_2, dtype), rest_of_power(args_.beta_2, step), args_.epsilon, beta_1, 1 - beta_1,
          share, 1 - share});
  }

  Args args_;
  std::vector<Variable> momentums_, velocities_;
};
}  // namespace

Maker schedule_free_adamw() { return custom<ScheduleFreeAdamWBody>(); }
Optimizer ScheduleFreeAdamW(ScheduleFreeAdamWArgs args) {
  return make_optimizer<ScheduleFreeAdamWBody>(std::move(args));
}

}  // namespace keras::optimizers
