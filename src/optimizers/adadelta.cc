#include "ops/chains.h"
#include "optimizers/makers.h"

namespace keras::optimizers {

namespace {
class AdadeltaBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "Adadelta";
  using Args = AdadeltaArgs;
  explicit AdadeltaBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {}

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) {
      gradients_.push_back(add_slot("accumulated_grad", variable));
      steps_.push_back(add_slot("accumulated_delta_var", variable));
    }
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    const std::size_t i = index_of(variable);
    std::vector<Variable> states{variable, gradients_[i], steps_[i]};
    std::vector<Tensor> full(states.begin(), states.end());
    full.push_back(gradient);
    const std::vector<Tensor> moved =
        ops::chain(primitives::Op::adadelta_update, full, {learning_rate, args_.rho, 1 - args_.rho, args_.epsilon});
    for (std::size_t k = 0; k < states.size(); ++k) states[k].assign(moved[k]);
  }

  Args args_;
  std::vector<Variable> gradients_, steps_;  // means of squares
};
}  // namespace

Maker adadelta() { return custom<AdadeltaBody>(); }
Optimizer Adadelta(AdadeltaArgs args) { return make_optimizer<AdadeltaBody>(std::move(args)); }

}  // namespace keras::optimizers
