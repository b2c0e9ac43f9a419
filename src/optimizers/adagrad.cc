#include <keras/config.h>

#include "optimizers/makers.h"
#include "optimizers/move.h"

namespace keras::optimizers {

namespace {
class AdagradBody final : public OptimizerBody, public HasEpsilon {
 public:
  static constexpr auto class_name = "Adagrad";
  using Args = AdagradArgs;
  explicit AdagradBody(const Args& args)
      : OptimizerBody(OptimizerArgs::of(args)),
        args_(args),
        outside_root_(OldMeanings::active() || config::dialect().epsilon_outside_root) {}
  bool outside_root() const override { return outside_root_; }

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable)
      sums_.push_back(add_slot("accumulator", variable, args_.initial_accumulator_value));
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    using primitives::Op;
    move(outside_root_ ? Op::adagrad_outside_update : Op::adagrad_update, {variable, sums_[index_of(variable)]},
         gradient, {learning_rate, args_.epsilon});
  }

  Args args_;
  const bool outside_root_;  // epsilon is added to the root, as Keras 2 did
  std::vector<Variable> sums_;
};
}  // namespace

Maker adagrad() { return custom<AdagradBody>(); }
Optimizer Adagrad(AdagradArgs args) { return make_optimizer<AdagradBody>(std::move(args)); }

}  // namespace keras::optimizers
