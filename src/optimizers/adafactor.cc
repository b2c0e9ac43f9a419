#include <keras/ops.h>

#include "ops/tensor_node.h"
#include "optimizers/makers.h"
#include "optimizers/move.h"

namespace keras::optimizers {

namespace {
Tensor root_mean_square(const Tensor& x) { return ops::sqrt(ops::mean(ops::square(x))); }

class AdafactorBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "Adafactor";
  using Args = AdafactorArgs;
  explicit AdafactorBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {}

 private:
  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) {
      const Shape& shape = variable.shape();
      if (shape.rank() < 2) {  // Keras keeps a placeholder for each mean that it does not keep
        for (auto* means : {&rows_, &columns_}) {
          means->push_back(add_variable("placeholder", variable.name(), Array::scalar_int(0, DType::int32)));
          means->back().state()->path = variable.name();
        }
      } else {
        Shape column = shape.slice(0, -2);
        column.push_back(shape.back());
        rows_.push_back(add_variable("row", variable.name(), zeros(shape.slice(0, -1), variable.dtype())));
        columns_.push_back(add_variable("column", variable.name(), zeros(column, variable.dtype())));
      }
      velocities_.push_back(add_slot("velocity", variable));
    }
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    const std::size_t i = index_of(variable);
    const DType dtype = variable.dtype();
    const Tensor step = ops::cast(updates() + 1, dtype);
    const Tensor rate = ops::minimum(learning_rate, 1 / ops::sqrt(step));
    const Tensor alpha = ops::maximum(number(args_.epsilon_2, dtype), root_mean_square(variable)) * rate;
    const Tensor squares = ops::square(gradient) + number(args_.epsilon_1, dtype);
    const Tensor beta = 1 - ops::power(step, number(args_.beta_2_decay, dtype));
    Variable& velocity = velocities_[i];
    if (variable.shape().rank() < 2) {
      velocity.assign(beta * velocity + (1 - beta) * squares);
    } else {
      rows_[i].assign(beta * rows_[i] + (1 - beta) * ops::mean(squares, {-1}));
      columns_[i].assign(beta * columns_[i] + (1 - beta) * ops::mean(squares, {-2}));
      const Tensor row = rows_[i];
      velocity.assign(ops::expand_dims(row / ops::mean(row, {-1}, true), -1) * ops::expand_dims(columns_[i], -2));
    }
    const Tensor direction = gradient / ops::sqrt(velocity);
    const Tensor clip = ops::maximum(number(1, dtype), root_mean_square(direction) / args_.clip_threshold);
    Variable(variable).assign(variable - alpha * (direction / clip));
  }

  Args args_;
  std::vector<Variable> rows_, columns_, velocities_;  // means of squares: of each row, of each column, what they say
};
}  // namespace

Maker adafactor() { return custom<AdafactorBody>(); }
Optimizer Adafactor(AdafactorArgs args) { return make_optimizer<AdafactorBody>(std::move(args)); }

}  // namespace keras::optimizers
