#include <keras/ops.h>

#include "optimizers/makers.h"
#include "optimizers/move.h"

namespace keras::optimizers {

namespace {
class AdamaxBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "Adamax";
  using Args = AdamaxArgs;
  explicit AdamaxBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {}

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) {
      momentums_.push_back(add_slot("momentum", variable));
      norms_.push_back(add_slot("norm", variable));
    }
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    const std::size_t i = index_of(variable);
    const Tensor step = ops::cast(updates() + 1, variable.dtype());
    move(primitives::Op::adamax_update, {variable, momentums_[i], norms_[i]}, gradient,
         {learning_rate, 1 - args_.beta_1, args_.beta_2, rest_of_power(args_.beta_1, step), args_.epsilon});
  }

  Args args_;
  std::vector<Variable> momentums_, norms_;
};
}  // namespace

Maker adamax() { return custom<AdamaxBody>(); }
Optimizer Adamax(AdamaxArgs args) { return make_optimizer<AdamaxBody>(std::move(args)); }

}  // namespace keras::optimizers
