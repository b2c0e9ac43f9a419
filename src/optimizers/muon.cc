#include <keras/ops.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "ops/tensor_node.h"
#include "optimizers/makers.h"
#include "optimizers/move.h"
#include "support/text.h"

namespace keras::optimizers {

namespace {
class MuonBody final : public OptimizerBody {
 public:
  static constexpr auto class_name = "Muon";
  using Args = MuonArgs;
  explicit MuonBody(const Args& args) : OptimizerBody(OptimizerArgs::of(args)), args_(args) {}

 private:
  bool moves_by_adam(const Variable& variable) const {
    const std::string& path = variable.state()->path;
    if (variable.shape().rank() != 2) return true;
    if (args_.exclude_embeddings && support::lower(path).find("embedding") != std::string::npos) return true;
    return std::any_of(args_.exclude_layers.begin(), args_.exclude_layers.end(),
                       [&](const std::string& layer) { return std::regex_search(path, std::regex(layer)); });
  }

  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) {
      momentums_.push_back(add_slot("momentum", variable));
      velocities_.push_back(moves_by_adam(variable) ? add_slot("velocity", variable) : Variable());
    }
  }

  std::optional<double> weight_decay_of(const Variable& variable) const override {
    return moves_by_adam(variable) ? args_.adam_weight_decay : args_.weight_decay;
  }

  void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) override {
    const std::size_t i = index_of(variable);
    if (velocities_[i].empty()) return update_matrix(gradient, variable, momentums_[i], learning_rate);
    const Tensor step = ops::cast(updates() + 1, variable.dtype());
    const Tensor alpha = learning_rate * args_.adam_lr_ratio * ops::sqrt(rest_of_power(args_.adam_beta_2, step)) /
                         rest_of_power(args_.adam_beta_1, step);
    move(primitives::Op::adam_update, {variable, momentums_[i], velocities_[i]}, gradient,
         {alpha, 1 - args_.adam_beta_1, 1 - args_.adam_beta_2, args_.epsilon});
  }

  void update_matrix(const Tensor& gradient, Variable variable, Variable momentum, const Tensor& learning_rate) const {
    momentum.assign(momentum + (gradient + momentum * (args_.momentum - 1)));
    const Tensor mean = args_.nesterov ? gradient + args_.momentum * momentum : Tensor(momentum);
    Tensor scale = learning_rate;
    if (args_.rms_rate) {
      const auto larger = static_cast<double>(std::max(variable.shape()[0].value(), variable.shape()[1].value()));
      scale = scale * std::sqrt(larger) * *args_.rms_rate;
    }
    move(primitives::Op::sgd_update, {variable}, orthogonal(mean), {scale});
  }

  // The nearest matrix with orthonormal rows or columns, nearly, by Newton and Schulz's iteration of odd powers.
  Tensor orthogonal(const Tensor& matrix) const {
    const bool tall = matrix.shape()[0].value() > matrix.shape()[1].value();
    Tensor x = tall ? ops::transpose(matrix) : matrix;
    x = x / (ops::norm(x) + 1e-7);
    for (std::int64_t step = 0; step < args_.ns_steps; ++step) {
      const Tensor square = ops::matmul(x, ops::transpose(x));
      const Tensor powers = args_.muon_b * square + ops::matmul(args_.muon_c * square, square);
      x = args_.muon_a * x + ops::matmul(powers, x);
    }
    return tall ? ops::transpose(x) : x;
  }

  Args args_;
  std::vector<Variable> momentums_, velocities_;  // no velocity: a matrix
};
}  // namespace

Maker muon() { return custom<MuonBody>(); }
Optimizer Muon(MuonArgs args) { return make_optimizer<MuonBody>(std::move(args)); }

}  // namespace keras::optimizers
