#include "optimizers/makers.h"
#include "optimizers/move.h"

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
    move(primitives::Op::adadelta_update, {variable, gradients_[i], steps_[i]}, gradient,
         {learning_rate, args_.rho, 1 - args_.rho, args_.epsilon});
  }

  Args args_;
  std::vector<Variable> gradients_, steps_;  // means of squares
};
}  // namespace

Maker adadelta() { return custom<AdadeltaBody>(); }
Optimizer Adadelta(AdadeltaArgs args) { return make_optimizer<AdadeltaBody>(std::move(args)); }

}  // namespace keras::optimizers
