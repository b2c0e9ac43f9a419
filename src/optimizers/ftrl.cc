#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "optimizers/makers.h"
#include "optimizers/move.h"
#include "support/text.h"

namespace keras::optimizers {

namespace {
class FtrlBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "Ftrl";
  using Args = FtrlArgs;
  explicit FtrlBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {
    if (args.learning_rate_power <= 0) return;
    throw ValueError(fmt::format("Ftrl: learning_rate_power must be 0 or less. Received: {}.",
                                 support::number(args.learning_rate_power)));
  }

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) {
      sums_.push_back(add_slot("accumulator", variable, args_.initial_accumulator_value));
      linears_.push_back(add_slot("linear", variable));
    }
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    using primitives::Op;
    const std::size_t i = index_of(variable);
    const Tensor l2 = args_.l2_regularization_strength + args_.beta / (2 * learning_rate);
    std::vector<Tensor> scalars{learning_rate, args_.l1_regularization_strength, 2 * l2,
                                2 * args_.l2_shrinkage_regularization_strength};
    const bool root = args_.learning_rate_power == -0.5;
    if (!root) scalars.emplace_back(-args_.learning_rate_power);
    move(root ? Op::ftrl_root_update : Op::ftrl_update, {variable, sums_[i], linears_[i]}, gradient, scalars);
  }

  Args args_;
  std::vector<Variable> sums_, linears_;
};
}  // namespace

Maker ftrl() { return custom<FtrlBody>(); }
Optimizer Ftrl(FtrlArgs args) { return make_optimizer<FtrlBody>(std::move(args)); }

}  // namespace keras::optimizers
