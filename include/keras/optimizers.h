// keras::optimizers: how weights move. Names, order and defaults of the arguments are Keras 3's; `decay` and
// `schedule_decay`, which only Keras 2.2 has, come last.
#pragma once

#include <keras/optimizer.h>

namespace keras {

struct AdadeltaArgs {
  LearningRate learning_rate = config::dialect().adadelta;
  double rho = 0.95;
  double epsilon = 1e-7;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  double decay = 0;
  static void fields(auto&& f) {
    using A = AdadeltaArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("rho", &A::rho, "Momentum of the means of squared gradients and of squared steps.", not_negative);
    f("epsilon", &A::epsilon, "Added under both roots.", not_negative);
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
    KERAS_OPTIMIZER_DECAY_FIELD(A)
  }
};
struct AdafactorArgs {
  LearningRate learning_rate = 0.001;
  double beta_2_decay = -0.8;
  double epsilon_1 = 1e-30;
  double epsilon_2 = 1e-3;
  double clip_threshold = 1.0;
  bool relative_step = true;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    using A = AdafactorArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("beta_2_decay", &A::beta_2_decay, "Power of the step in the momentum of second moments.");
    f("epsilon_1", &A::epsilon_1, "Added to squared gradients.", not_negative);
    f("epsilon_2", &A::epsilon_2, "Least size of a weight that a step is relative to.", not_negative);
    f("clip_threshold", &A::clip_threshold, "Largest root mean square of an update.", positive);
    f("relative_step", &A::relative_step,
      "Accepted as Keras has it: the step never exceeds 1 / sqrt(step) either way.");
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
  }
};
struct AdagradArgs {
  LearningRate learning_rate = config::dialect().adagrad;
  double initial_accumulator_value = config::dialect().initial_accumulator_value;
  double epsilon = 1e-7;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  double decay = 0;
  static void fields(auto&& f) {
    using A = AdagradArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("initial_accumulator_value", &A::initial_accumulator_value,
      "Start of the sums of squared gradients; 0 in Keras 2.2.", not_negative);
    f("epsilon", &A::epsilon, "Keeps the divisor from 0.", not_negative);
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
    KERAS_OPTIMIZER_DECAY_FIELD(A)
  }
};
struct AdamArgs {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  double decay = 0;
  static void fields(auto&& f) {
    using A = AdamArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("beta_1", &A::beta_1, "Momentum of the mean gradient.", fraction);
    f("beta_2", &A::beta_2, "Momentum of the mean of squared gradients.", fraction);
    f("epsilon", &A::epsilon, "Keeps the divisor from 0.", not_negative);
    f("amsgrad", &A::amsgrad, "Divides by the largest second moment so far (Reddi et al., 2018).");
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
    KERAS_OPTIMIZER_DECAY_FIELD(A)
  }
};
struct AdamaxArgs {
  LearningRate learning_rate = config::dialect().adamax;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  double decay = 0;
  static void fields(auto&& f) {
    using A = AdamaxArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("beta_1", &A::beta_1, "Momentum of the mean gradient.", fraction);
    f("beta_2", &A::beta_2, "Decay of the largest gradient.", fraction);
    f("epsilon", &A::epsilon, "Keeps the divisor from 0.", not_negative);
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
    KERAS_OPTIMIZER_DECAY_FIELD(A)
  }
};
struct AdamWArgs {
  LearningRate learning_rate = 0.001;
  std::optional<double> weight_decay = 0.004;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  KERAS_OPTIMIZER_ARGS_BUT_DECAY
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    using A = AdamWArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    KERAS_WEIGHT_DECAY_FIELD(A)
    f("beta_1", &A::beta_1, "Momentum of the mean gradient.", fraction);
    f("beta_2", &A::beta_2, "Momentum of the mean of squared gradients.", fraction);
    f("epsilon", &A::epsilon, "Keeps the divisor from 0.", not_negative);
    f("amsgrad", &A::amsgrad, "Divides by the largest second moment so far (Reddi et al., 2018).");
    KERAS_OPTIMIZER_FIELDS_BUT_DECAY(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
  }
};
struct FtrlArgs {
  LearningRate learning_rate = 0.001;
  double learning_rate_power = -0.5;
  double initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0;
  double l2_regularization_strength = 0;
  double l2_shrinkage_regularization_strength = 0;
  double beta = 0;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    using A = FtrlArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("learning_rate_power", &A::learning_rate_power, "Power of the sums of squared gradients, 0 or less.");
    f("initial_accumulator_value", &A::initial_accumulator_value, "Start of the sums of squared gradients.",
      not_negative);
    f("l1_regularization_strength", &A::l1_regularization_strength, "Weights that this outweighs become 0.",
      not_negative);
    f("l2_regularization_strength", &A::l2_regularization_strength, "Pulls weights to 0.", not_negative);
    f("l2_shrinkage_regularization_strength", &A::l2_shrinkage_regularization_strength,
      "Pulls weights to 0 by way of the gradient.", not_negative);
    f("beta", &A::beta, "Added to the divisor of the learning rate, as in the paper.");
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
  }
};
struct LambArgs {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    using A = LambArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("beta_1", &A::beta_1, "Momentum of the mean gradient.", fraction);
    f("beta_2", &A::beta_2, "Momentum of the mean of squared gradients.", fraction);
    f("epsilon", &A::epsilon, "Keeps the divisor from 0.", not_negative);
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
  }
};
struct LionArgs {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.99;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    using A = LionArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("beta_1", &A::beta_1, "Momentum of the mean gradient.", fraction);
    f("beta_2", &A::beta_2, "Momentum of the mean gradient that is kept.", fraction);
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
  }
};
struct MuonArgs {
  LearningRate learning_rate = 0.001;
  double adam_beta_1 = 0.9;
  double adam_beta_2 = 0.999;
  std::optional<double> adam_weight_decay = 0.004;
  double epsilon = 1e-7;
  std::optional<double> weight_decay = 0.004;
  KERAS_OPTIMIZER_ARGS_BUT_DECAY
  std::optional<std::string> name = {};
  std::vector<std::string> exclude_layers = {};
  bool exclude_embeddings = true;
  double muon_a = 3.4445;
  double muon_b = -4.7750;
  double muon_c = 2.0315;
  double adam_lr_ratio = 1;
  double momentum = 0.95;
  std::int64_t ns_steps = 5;
  bool nesterov = true;
  std::optional<double> rms_rate = 0.2;
  static void fields(auto&& f) {
    using A = MuonArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("adam_beta_1", &A::adam_beta_1, "beta_1 of variables that are no matrices.", fraction);
    f("adam_beta_2", &A::adam_beta_2, "beta_2 of variables that are no matrices.", fraction);
    f("adam_weight_decay", &A::adam_weight_decay, "weight_decay of variables that are no matrices.");
    f("epsilon", &A::epsilon, "Of variables that are no matrices.", not_negative);
    KERAS_WEIGHT_DECAY_FIELD(A)
    KERAS_OPTIMIZER_FIELDS_BUT_DECAY(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
    f("exclude_layers", &A::exclude_layers,
      "Regular expressions: variables in whose path one is found move as by AdamW.");
    f("exclude_embeddings", &A::exclude_embeddings,
      "Whether variables of embeddings, by their path, move as by AdamW.");
    f("muon_a", &A::muon_a, "First coefficient of the Newton-Schulz iteration.");
    f("muon_b", &A::muon_b, "Second coefficient.");
    f("muon_c", &A::muon_c, "Third coefficient.");
    f("adam_lr_ratio", &A::adam_lr_ratio, "Learning rate of variables that are no matrices, as a part of the others'.");
    f("momentum", &A::momentum, "Momentum of the gradient.", fraction);
    f("ns_steps", &A::ns_steps, "Newton-Schulz iterations.", not_negative);
    f("nesterov", &A::nesterov, "Nesterov's momentum.");
    f("rms_rate", &A::rms_rate, "Root mean square of an update, so that AdamW's learning rates fit; none: not scaled.");
  }
};
struct NadamArgs {
  LearningRate learning_rate = config::dialect().nadam;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  std::optional<double> schedule_decay = {};
  static void fields(auto&& f) {
    using A = NadamArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("beta_1", &A::beta_1, "Momentum of the mean gradient.", fraction);
    f("beta_2", &A::beta_2, "Momentum of the mean of squared gradients.", fraction);
    f("epsilon", &A::epsilon, "Keeps the divisor from 0.", not_negative);
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
    f("schedule_decay", &A::schedule_decay, "Keras 2.2: how fast the momentum grows; none: 0.004 there, 1 in Keras 3.");
  }
};
struct RMSpropArgs {
  LearningRate learning_rate = 0.001;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  double decay = 0;
  static void fields(auto&& f) {
    using A = RMSpropArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("rho", &A::rho, "Momentum of the mean of squared gradients.", not_negative);
    f("momentum", &A::momentum, "Part of the last step that is taken again.");
    f("epsilon", &A::epsilon, "Keeps the divisor from 0.", not_negative);
    f("centered", &A::centered, "Divides by the variance of the gradient instead of its second moment.");
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
    KERAS_OPTIMIZER_DECAY_FIELD(A)
  }
};
struct ScheduleFreeAdamWArgs {
  LearningRate learning_rate = 0.0025;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  std::int64_t warmup_steps = 0;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    using A = ScheduleFreeAdamWArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("beta_1", &A::beta_1, "Momentum of the mean gradient.", fraction);
    f("beta_2", &A::beta_2, "Momentum of the mean of squared gradients.", fraction);
    f("epsilon", &A::epsilon, "Keeps the divisor from 0.", not_negative);
    f("warmup_steps", &A::warmup_steps, "Steps over which the learning rate grows from 0.", not_negative);
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
  }
};
struct SGDArgs {
  LearningRate learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  double decay = 0;
  static void fields(auto&& f) {
    using A = SGDArgs;
    f("learning_rate", &A::learning_rate, "Step size, or a schedule of it.", was("lr"));
    f("momentum", &A::momentum, "Part of the last step that is taken again.", fraction);
    f("nesterov", &A::nesterov, "Nesterov's momentum.");
    KERAS_OPTIMIZER_FIELDS(A)
    KERAS_OPTIMIZER_NAME_FIELD(A)
    KERAS_OPTIMIZER_DECAY_FIELD(A)
  }
};

struct LossScaleOptimizerArgs {
  Optimizer inner_optimizer = {};
  double initial_scale = 32768;
  std::int64_t dynamic_growth_steps = 2000;
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    using A = LossScaleOptimizerArgs;
    f("inner_optimizer", &A::inner_optimizer, "The optimizer that gets the unscaled gradients.");
    f("initial_scale", &A::initial_scale, "Factor of the loss at first.", positive);
    f("dynamic_growth_steps", &A::dynamic_growth_steps, "Steps with finite gradients after which it doubles.",
      positive);
    KERAS_OPTIMIZER_NAME_FIELD(A)
  }
};
// Which optimizer moves which variable: the one whose regular expression is the whole of the variable's path, or the
// default one.
struct OptimizerMap {
  Optimizer default_optimizer = {};
  std::vector<std::pair<std::string, Optimizer>> optimizer_map = {};
};
KERAS_API Config as_config(const OptimizerMap& map);
KERAS_API void read_config(const Config& config, OptimizerMap& map);
struct MultiOptimizerArgs {
  OptimizerMap optimizer_map = {};
  std::optional<double> loss_scale_factor = {};
  std::optional<std::string> name = {};
  static void fields(auto&& f) {
    using A = MultiOptimizerArgs;
    f("optimizer_map", &A::optimizer_map, "The optimizers, by variable.");
    f("loss_scale_factor", &A::loss_scale_factor, "The loss is multiplied and the gradients divided by it.");
    KERAS_OPTIMIZER_NAME_FIELD(A)
  }
};

namespace optimizers {
KERAS_API Optimizer Adadelta(AdadeltaArgs args = {});    // Zeiler, 2012
KERAS_API Optimizer Adafactor(AdafactorArgs args = {});  // Shazeer and Stern, 2018
KERAS_API Optimizer Adagrad(AdagradArgs args = {});      // Duchi et al., 2011
KERAS_API Optimizer Adam(AdamArgs args = {});            // Kingma and Ba, 2015
KERAS_API Optimizer Adamax(AdamaxArgs args = {});        // Kingma and Ba, 2015
KERAS_API Optimizer AdamW(AdamWArgs args = {});          // Loshchilov and Hutter, 2019; ValueError without weight_decay
KERAS_API Optimizer Ftrl(FtrlArgs args = {});            // McMahan et al., 2013
KERAS_API Optimizer Lamb(LambArgs args = {});            // You et al., 2020
KERAS_API Optimizer Lion(LionArgs args = {});            // Chen et al., 2023
KERAS_API Optimizer Muon(MuonArgs args = {});            // Jordan, 2024; matrices only, the others move as by AdamW
KERAS_API Optimizer Nadam(NadamArgs args = {});          // Dozat, 2016
KERAS_API Optimizer RMSprop(RMSpropArgs args = {});      // Tieleman and Hinton, 2012
KERAS_API Optimizer ScheduleFreeAdamW(ScheduleFreeAdamWArgs args = {});  // Defazio et al., 2024
KERAS_API Optimizer SGD(SGDArgs args = {});
// Multiplies the loss, so that small gradients do not vanish in half precision: halves the factor and skips the step
// where a gradient is not finite, doubles it after dynamic_growth_steps good ones.
KERAS_API Optimizer LossScaleOptimizer(LossScaleOptimizerArgs args = {});
KERAS_API Optimizer LossScaleOptimizer(const Optimizer& inner_optimizer, LossScaleOptimizerArgs args = {});
// Several optimizers, each for some of the variables. Their learning rates are theirs: it has none.
KERAS_API Optimizer MultiOptimizer(MultiOptimizerArgs args = {});
KERAS_API Optimizer MultiOptimizer(const OptimizerMap& optimizer_map, MultiOptimizerArgs args = {});
}  // namespace optimizers

}  // namespace keras
