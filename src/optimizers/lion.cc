#include <fmt/format.h>
#include <keras/error.h>

#include "optimizers/makers.h"
#include "optimizers/move.h"

namespace keras::optimizers {

namespace {
class LionBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "Lion";
  using Args = LionArgs;
  explicit LionBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {
    if (args.beta_1 > 0) return;
    throw ValueError("Lion: beta_1 must be larger than 0, or only the sign of the gradient counts. Received: 0.");
  }

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) momentums_.push_back(add_slot("momentum", variable));
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    const Tensor beta_1 = number(args_.beta_1, variable.dtype()), beta_2 = number(args_.beta_2, variable.dtype());
    move(primitives::Op::lion_update, {variable, momentums_[index_of(variable)]}, gradient,
         {learning_rate, beta_1, 1 - beta_1, beta_2, 1 - beta_2});
  }

  Args args_;
  std::vector<Variable> momentums_;
};
}  // namespace

Maker lion() { return custom<LionBody>(); }
Optimizer Lion(LionArgs args) { return make_optimizer<LionBody>(std::move(args)); }

}  // namespace keras::optimizers
