// keras::optimizers: how weights move.
#pragma once

#include <keras/constraints.h>
#include <keras/fields.h>
#include <keras/tensor.h>

#include <utility>

namespace keras {

// The arguments every optimizer shares, after its own: Keras 3's, then `decay` of Keras 2.2 (the learning rate of step
// t is learning_rate / (1 + decay * t)). Spelled out in each Args struct, because designated initializers cannot name a
// base's members.
#define KERAS_OPTIMIZER_ARGS                                \
  std::optional<double> weight_decay = {};                  \
  std::optional<double> clipnorm = {};                      \
  std::optional<double> clipvalue = {};                     \
  std::optional<double> global_clipnorm = {};               \
  bool use_ema = false;                                     \
  double ema_momentum = 0.99;                               \
  std::optional<std::int64_t> ema_overwrite_frequency = {}; \
  std::optional<double> loss_scale_factor = {};             \
  std::optional<std::int64_t> gradient_accumulation_steps = {};
#define KERAS_OPTIMIZER_FIELDS(A)                                                                                 \
  f("weight_decay", &A::weight_decay, "Part of each weight taken off at each step.");                             \
  f("clipnorm", &A::clipnorm, "Largest norm of each gradient.");                                                  \
  f("clipvalue", &A::clipvalue, "Largest absolute value of a gradient's elements.");                              \
  f("global_clipnorm", &A::global_clipnorm, "Largest norm of all gradients together.");                           \
  f("use_ema", &A::use_ema, "Whether a moving average of the weights is kept.");                                  \
  f("ema_momentum", &A::ema_momentum, "Momentum of that average.");                                               \
  f("ema_overwrite_frequency", &A::ema_overwrite_frequency, "Steps after which the weights become the average."); \
  f("loss_scale_factor", &A::loss_scale_factor, "The loss is multiplied and the gradients divided by it.");       \
  f("gradient_accumulation_steps", &A::gradient_accumulation_steps,                                               \
    "Steps whose gradients are averaged for one update.");

struct AdadeltaArgs {
  double learning_rate = config::dialect().adadelta;  // 0.001; in Keras 2.2 and in the paper 1
  double rho = 0.95;
  double epsilon = 1e-7;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  double decay = 0;
  static void fields(auto&& f) {
    f("learning_rate", &AdadeltaArgs::learning_rate, "Step size.", was("lr"));
    f("rho", &AdadeltaArgs::rho, "Momentum of the means of squared gradients and of squared steps.", not_negative);
    f("epsilon", &AdadeltaArgs::epsilon, "Added under both roots.", not_negative);
    KERAS_OPTIMIZER_FIELDS(AdadeltaArgs)
    f("name", &AdadeltaArgs::name, "Name of the optimizer; none: its class's in snake_case.");
    f("decay", &AdadeltaArgs::decay, "Keras 2.2: the learning rate of step t is learning_rate / (1 + decay * t).",
      not_negative);
  }
};
struct SGDArgs {
  double learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  double decay = 0;
  static void fields(auto&& f) {
    f("learning_rate", &SGDArgs::learning_rate, "Step size.", was("lr"));
    f("momentum", &SGDArgs::momentum, "Part of the last step that is taken again.", fraction);
    f("nesterov", &SGDArgs::nesterov, "Nesterov's momentum.");
    KERAS_OPTIMIZER_FIELDS(SGDArgs)
    f("name", &SGDArgs::name, "Name of the optimizer; none: its class's in snake_case.");
    f("decay", &SGDArgs::decay, "Keras 2.2: the learning rate of step t is learning_rate / (1 + decay * t).",
      not_negative);
  }
};
struct RMSpropArgs {
  double learning_rate = 0.001;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  double decay = 0;
  static void fields(auto&& f) {
    f("learning_rate", &RMSpropArgs::learning_rate, "Step size.", was("lr"));
    f("rho", &RMSpropArgs::rho, "Momentum of the mean of squared gradients.", not_negative);
    f("momentum", &RMSpropArgs::momentum, "Part of the last step that is taken again.");
    f("epsilon", &RMSpropArgs::epsilon, "Keeps the divisor from 0.", not_negative);
    f("centered", &RMSpropArgs::centered, "Divides by the variance of the gradient instead of its second moment.");
    KERAS_OPTIMIZER_FIELDS(RMSpropArgs)
    f("name", &RMSpropArgs::name, "Name of the optimizer; none: its class's in snake_case.");
    f("decay", &RMSpropArgs::decay, "Keras 2.2: the learning rate of step t is learning_rate / (1 + decay * t).",
      not_negative);
  }
};
struct AdamArgs {
  double learning_rate = 0.001;
  double beta_1 = 0.9, beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name = {};
  double decay = 0;
  static void fields(auto&& f) {
    f("learning_rate", &AdamArgs::learning_rate, "Step size.", was("lr"));
    f("beta_1", &AdamArgs::beta_1, "Momentum of the mean gradient.", fraction);
    f("beta_2", &AdamArgs::beta_2, "Momentum of the mean of squared gradients.", fraction);
    f("epsilon", &AdamArgs::epsilon, "Keeps the divisor from 0.", not_negative);
    f("amsgrad", &AdamArgs::amsgrad, "Divides by the largest second moment so far (Reddi et al., 2018).");
    KERAS_OPTIMIZER_FIELDS(AdamArgs)
    f("name", &AdamArgs::name, "Name of the optimizer; none: its class's in snake_case.");
    f("decay", &AdamArgs::decay, "Keras 2.2: the learning rate of step t is learning_rate / (1 + decay * t).",
      not_negative);
  }
};

// What the base class needs of an optimizer's arguments.
struct OptimizerArgs {
  double learning_rate;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name;
  double decay = 0;
  template <class A>
  static OptimizerArgs of(const A& a) {
    return {a.learning_rate,
            a.weight_decay,
            a.clipnorm,
            a.clipvalue,
            a.global_clipnorm,
            a.use_ema,
            a.ema_momentum,
            a.ema_overwrite_frequency,
            a.loss_scale_factor,
            a.gradient_accumulation_steps,
            a.name,
            a.decay};
  }
};

// An optimizer: build() makes its slots, update() says how one variable moves; clipping, decay and averages are the
// base's.
class KERAS_API OptimizerBody : public Body {
 public:
  static constexpr auto category = "optimizer";
  explicit OptimizerBody(OptimizerArgs args);
  ~OptimizerBody() override;
  Config get_config() const override;  // with the current learning rate

  // New values of the variables from the gradients: traced into the step once, or, outside a trace, computed at once.
  // ValueError for a variable that build() did not see, and when no gradient is given.
  void apply(const std::vector<std::pair<Tensor, Variable>>& gradients_and_variables,
             const std::vector<Constraint>& constraints = {});
  Tensor scale_loss(const Tensor& loss) const;

  const Variable& iterations() const { return iterations_; }  // int64
  const Variable& learning_rate() const {
    return learning_rate_;
  }  // float32; a variable, so that it may change any time
  const std::vector<Variable>& variables() const { return variables_; }  // iterations, learning rate, then the slots
  struct Slot {
    std::string kind;  // "momentum"
    Variable variable;
  };
  const std::vector<Slot>& slots() const { return slots_; }              // of variables(), those from the third on
  const std::vector<Variable>& trainable() const { return trainable_; }  // what it was built for
  const std::vector<Variable>& averages() const { return averages_; }    // of them, in this order; none without use_ema
  std::string name() const;
  std::int64_t accumulation_steps() const { return args_.gradient_accumulation_steps.value_or(1); }
  void build(const std::vector<Variable>& trainable);  // makes the slots once
  bool built() const { return built_; }
  void finalize_variable_values();  // at the end of training: with use_ema, the weights become their averages

 protected:
  virtual void build_slots(const std::vector<Variable>& trainable) = 0;
  virtual void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) = 0;
  Variable add_slot(const std::string& name, const Variable& like, double initial = 0);
  std::size_t index_of(const Variable& variable) const;  // in `trainable` of build
  Tensor updates() const;  // made before this one: iterations, over gradient_accumulation_steps where that is set

 private:
  void apply_now(const std::vector<std::pair<Tensor, Variable>>& gradients_and_variables,
                 const std::vector<Constraint>& constraints);
  void clip(std::vector<Tensor>& gradients) const;
  void average_weights();
  Tensor current_learning_rate() const;  // with decay

  struct Step;  // apply() as a program, for use outside a trace
  OptimizerArgs args_;
  Variable iterations_, learning_rate_;
  std::vector<Variable> trainable_, variables_, averages_, accumulators_;
  std::vector<Slot> slots_;
  std::size_t first_slot_ = 0;  // of build_slots, in variables_
  bool built_ = false;
  std::shared_ptr<Step> step_;
};

// A handle: a Keras name ("sgd", "rmsprop", "adam", "adadelta"; ValueError with a suggestion for an unknown one), a
// class below, or an own OptimizerBody. Copies share the state.
class KERAS_API Optimizer {
 public:
  Optimizer() = default;
  Optimizer(const char* name);
  Optimizer(const std::string& name) : Optimizer(name.c_str()) {}
  explicit Optimizer(std::shared_ptr<OptimizerBody> body) : body_(std::move(body)) {}
  explicit operator bool() const { return body_ != nullptr; }
  double learning_rate() const;
  void set_learning_rate(double learning_rate);  // takes effect at the next step
  std::int64_t iterations() const;               // updates so far
  std::vector<Variable> variables() const;
  // One step. The first one makes the slots, for these variables and no others.
  void apply_gradients(const std::vector<std::pair<Tensor, Variable>>& gradients_and_variables);
  void finalize_variable_values();
  Config get_config() const;
  OptimizerBody* body() const { return body_.get(); }

 private:
  std::shared_ptr<OptimizerBody> body_;
};
KERAS_API Config as_config(const Optimizer& optimizer);
KERAS_API void read_config(const Config& config, Optimizer& optimizer);
template <class B>
Optimizer make_optimizer(typename B::Args args = {}) {
  return Optimizer(make_body<B>(std::move(args)));
}

namespace optimizers {
KERAS_API Optimizer SGD(SGDArgs args = {});
KERAS_API Optimizer RMSprop(RMSpropArgs args = {});
KERAS_API Optimizer Adam(AdamArgs args = {});
KERAS_API Optimizer Adadelta(AdadeltaArgs args = {});  // Zeiler, 2012
}  // namespace optimizers

}  // namespace keras
