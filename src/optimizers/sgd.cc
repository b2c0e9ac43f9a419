#include "optimizers/makers.h"
#include "optimizers/move.h"

namespace keras::optimizers {

namespace {
class SGDBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "SGD";
  using Args = SGDArgs;
  explicit SGDBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {}

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    if (args_.momentum == 0) return;
    for (const Variable& variable : trainable) momentums_.push_back(add_slot("momentum", variable));
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    using primitives::Op;
    if (momentums_.empty()) return move(Op::sgd_update, {variable}, gradient, {learning_rate});
    move(args_.nesterov ? Op::nesterov_update : Op::momentum_update, {variable, momentums_[index_of(variable)]},
         gradient, {learning_rate, args_.momentum});
  }

  Args args_;
  std::vector<Variable> momentums_;
};
}  // namespace

Maker sgd() { return custom<SGDBody>(); }
Optimizer SGD(SGDArgs args) { return make_optimizer<SGDBody>(std::move(args)); }

}  // namespace keras::optimizers
