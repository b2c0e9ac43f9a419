#include <keras/config.h>
#include <keras/ops.h>

#include <cmath>
#include <string_view>

#include "ops/tensor_node.h"
#include "optimizers/makers.h"
#include "optimizers/move.h"

namespace keras::optimizers {

namespace {
// The momentum of step t is beta_1 (1 - 0.96 ^ (schedule_decay t) / 2): Keras 3 has schedule_decay 1.
constexpr double kBase = 0.96, kOfKeras2 = 0.004;

class NadamBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "Nadam";
  using Args = NadamArgs;
  explicit NadamBody(const Args& args)
      : OptimizerBody(OptimizerArgs::of(args)),
        args_(args),
        schedule_decay_(
            args.schedule_decay.value_or(std::string_view(config::dialect().version) == "2.2" ? kOfKeras2 : 1)) {}
  Config get_config() const override {
    Config config = OptimizerBody::get_config();
    if (schedule_decay_ == 1) config.erase("schedule_decay");
    return schedule_decay_ == 1 ? config : config.set("schedule_decay", schedule_decay_);
  }

  // Keras 2 kept the product in no file.
  void complete_state() override {
    if (product_.empty()) return;
    const std::int64_t count = iterations().value().values<std::int64_t>()[0] / accumulation_steps();
    double product = 1;
    for (std::int64_t t = 1; t <= count && product > 0; ++t)
      product *= args_.beta_1 * (1 - 0.5 * std::pow(kBase, static_cast<double>(t) * schedule_decay_));
    product_.assign(Array::scalar(product, product_.dtype()));
  }

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) {
      momentums_.push_back(add_slot("momentum", variable));
      velocities_.push_back(add_slot("velocity", variable));
    }
    const DType dtype = trainable.empty() ? config::floatx() : trainable[0].dtype();
    product_ = add_variable("product", "variable", Array::scalar(1, dtype));
    product_.state()->path = product_.name();  // as Keras calls it
  }

  Tensor momentum_of(const Tensor& step) const {
    const Tensor power = schedule_decay_ == 1 ? step : step * schedule_decay_;
    return args_.beta_1 * (1 - 0.5 * ops::power(number(kBase, step.dtype()), power));
  }

  void begin_updates() override {
    const Tensor step = ops::cast(updates() + 1, product_.dtype());
    product_.assign(Tensor(product_) * momentum_of(step));
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    const DType dtype = variable.dtype();
    const std::size_t i = index_of(variable);
    const Tensor step = ops::cast(updates() + 1, dtype), product = ops::cast(product_, dtype);
    const Tensor next = momentum_of(ops::cast(updates() + 2, dtype));
    move(primitives::Op::nadam_update, {variable, momentums_[i], velocities_[i]}, gradient,
         {learning_rate, 1 - number(args_.beta_1, dtype), 1 - number(args_.beta_2, dtype), next, 1 - product * next,
          1 - momentum_of(step), 1 - product, rest_of_power(args_.beta_2, step), args_.epsilon});
  }

  Args args_;
  const double schedule_decay_;
  std::vector<Variable> momentums_, velocities_;
  Variable product_;  // of the momenta of all steps so far
};
}  // namespace

Maker nadam() { return custom<NadamBody>(); }
Optimizer Nadam(NadamArgs args) { return make_optimizer<NadamBody>(std::move(args)); }

}  // namespace keras::optimizers
