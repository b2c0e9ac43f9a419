#include <keras/ops.h>

#include "ops/chains.h"
#include "optimizers/makers.h"

namespace keras::optimizers {

namespace {
class AdamBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "Adam";
  using Args = AdamArgs;
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

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    using primitives::Op;
    const DType dtype = variable.dtype();
    const Tensor step = ops::cast(updates() + 1, dtype);
    // The powers are of beta as the variable's dtype holds it, as in Keras.
    const Tensor rest_1 = 1 - ops::power(ops::full({}, args_.beta_1, dtype), step);
    const Tensor rest_2 = 1 - ops::power(ops::full({}, args_.beta_2, dtype), step);
    const Tensor alpha = learning_rate * ops::sqrt(rest_2) / rest_1;

    const std::size_t i = index_of(variable);
    std::vector<Variable> states{variable, momentums_[i], velocities_[i]};
    if (args_.amsgrad) states.push_back(largest_[i]);
    std::vector<Tensor> full(states.begin(), states.end());
    full.push_back(gradient);
    const std::vector<Tensor> moved = ops::chain(args_.amsgrad ? Op::adam_amsgrad_update : Op::adam_update, full,
                                                 {alpha, 1 - args_.beta_1, 1 - args_.beta_2, args_.epsilon});
    for (std::size_t k = 0; k < states.size(); ++k) states[k].assign(moved[k]);
  }

  Args args_;
  std::vector<Variable> momentums_, velocities_, largest_;
};
}  // namespace

Maker adam() { return custom<AdamBody>(); }
Optimizer Adam(AdamArgs args) { return make_optimizer<AdamBody>(std::move(args)); }

}  // namespace keras::optimizers
