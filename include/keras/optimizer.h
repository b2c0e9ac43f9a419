// Optimizer and OptimizerBody: what all optimizers share, and what an own one derives from. The classes are in
// keras/optimizers.h.
#pragma once

#include <keras/constraints.h>
#include <keras/fields.h>
#include <keras/schedules.h>
#include <keras/tensor.h>

#include <utility>

namespace keras {

// The arguments every optimizer shares, after its own. Spelled out in each Args struct, because designated initializers
// cannot name a base's members; those whose weight_decay stands elsewhere take the rest.
#define KERAS_OPTIMIZER_ARGS_BUT_DECAY                      \
  std::optional<double> clipnorm = {};                      \
  std::optional<double> clipvalue = {};                     \
  std::optional<double> global_clipnorm = {};               \
  bool use_ema = false;                                     \
  double ema_momentum = 0.99;                               \
  std::optional<std::int64_t> ema_overwrite_frequency = {}; \
  std::optional<double> loss_scale_factor = {};             \
  std::optional<std::int64_t> gradient_accumulation_steps = {};
#define KERAS_OPTIMIZER_ARGS               \
  std::optional<double> weight_decay = {}; \
  KERAS_OPTIMIZER_ARGS_BUT_DECAY
#define KERAS_OPTIMIZER_FIELDS_BUT_DECAY(A)                                                                       \
  f("clipnorm", &A::clipnorm, "Largest norm of each gradient.");                                                  \
  f("clipvalue", &A::clipvalue, "Largest absolute value of a gradient's elements.");                              \
  f("global_clipnorm", &A::global_clipnorm, "Largest norm of all gradients together.");                           \
  f("use_ema", &A::use_ema, "Whether a moving average of the weights is kept.");                                  \
  f("ema_momentum", &A::ema_momentum, "Momentum of that average.");                                               \
  f("ema_overwrite_frequency", &A::ema_overwrite_frequency, "Steps after which the weights become the average."); \
  f("loss_scale_factor", &A::loss_scale_factor, "The loss is multiplied and the gradients divided by it.");       \
  f("gradient_accumulation_steps", &A::gradient_accumulation_steps,                                               \
    "Steps whose gradients are averaged for one update.");
#define KERAS_WEIGHT_DECAY_FIELD(A) \
  f("weight_decay", &A::weight_decay, "Part of each weight, times the learning rate, taken off at each step.");
#define KERAS_OPTIMIZER_FIELDS(A) \
  KERAS_WEIGHT_DECAY_FIELD(A)     \
  KERAS_OPTIMIZER_FIELDS_BUT_DECAY(A)
// `name`, which Keras 3 has last, and `decay` of Keras 2.2.
#define KERAS_OPTIMIZER_NAME_FIELD(A) f("name", &A::name, "Name of the optimizer; none: its class's in snake_case.");
#define KERAS_OPTIMIZER_DECAY_FIELD(A) \
  f("decay", &A::decay, "Keras 2.2: the learning rate of step t is divided by 1 + decay * t.", not_negative);

// What the base class needs of an optimizer's arguments.
struct OptimizerArgs {
  LearningRate learning_rate;
  KERAS_OPTIMIZER_ARGS
  std::optional<std::string> name;
  double decay = 0;
  template <class A>
  static OptimizerArgs of(const A& a) {
    OptimizerArgs args{a.learning_rate,
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
                       0};
    if constexpr (requires { a.decay; }) args.decay = a.decay;
    return args;
  }
};

// What weight decay leaves alone: these variables, and those in whose name one of the regular expressions is found.
struct ExcludeArgs {
  std::vector<Variable> var_list = {};
  std::vector<std::string> var_names = {};  // {"bias", "gamma"}
};

// An optimizer: build_slots() makes what it remembers, update() says how one variable moves; clipping, decay, schedules
// and averages are the base's.
class KERAS_API OptimizerBody : public Body {
 public:
  static constexpr auto category = "optimizer";
  using Pairs = std::vector<std::pair<Tensor, Variable>>;  // of gradients and variables
  explicit OptimizerBody(OptimizerArgs args);
  ~OptimizerBody() override;
  Config get_config() const override;  // with the current learning rate, or the schedule

  // New values of the variables from the gradients: traced into the step once, or, outside a trace, computed at once.
  // ValueError for a variable that build() did not see, and when no gradient is given.
  void apply(const Pairs& gradients_and_variables, const std::vector<Constraint>& constraints = {});
  virtual Tensor scale_loss(const Tensor& loss) const;  // the optimizer is built before

  virtual const Variable& iterations() const { return iterations_; }  // int64
  // A scalar variable, so that it may change any time; empty where a schedule gives the learning rate.
  virtual const Variable& learning_rate() const { return learning_rate_; }
  virtual double current_rate() const;  // that variable's value, or what the schedule gives for the next step
  virtual std::vector<Variable> variables() const;                  // iterations, learning rate, then the slots
  virtual std::vector<OptimizerBody*> inner() const { return {}; }  // optimizers that this one hands gradients on to
  struct Slot {
    std::string kind;  // "momentum"
    Variable variable;
  };
  const std::vector<Slot>& slots() const { return slots_; }
  const std::vector<Variable>& trainable() const { return trainable_; }  // what it was built for
  // Of those, in this order; none without use_ema.
  virtual const std::vector<Variable>& averages() const { return averages_; }
  std::string name() const;
  virtual std::int64_t accumulation_steps() const { return args_.gradient_accumulation_steps.value_or(1); }
  void build(const std::vector<Variable>& trainable);  // makes the slots once
  bool built() const { return built_; }
  virtual void finalize_variable_values();  // at the end of training: with use_ema, the weights become their averages
  // ValueError once it is built. See Optimizer.
  void exclude_from_weight_decay(ExcludeArgs args);
  // For one that hands gradients on to this one.
  void set_loss_scale_factor(std::optional<double> factor) { args_.loss_scale_factor = factor; }
  // After the state came from a file that has not all of it.
  virtual void complete_state() {}

 protected:
  virtual void build_slots(const std::vector<Variable>& trainable) = 0;
  virtual void update(const Tensor& gradient, const Variable& variable, const Tensor& learning_rate) = 0;
  virtual void begin_updates() {}  // before the first update of a step
  virtual std::optional<double> weight_decay_of(const Variable& /*variable*/) const { return args_.weight_decay; }
  virtual bool decays_in_update() const { return false; }  // update() does what decay_of() says
  // weight_decay_of, or none where the variable is excluded.
  std::optional<double> decay_of(const Variable& variable) const;
  // The whole of a step inside a trace.
  virtual void apply_traced(const Pairs& gradients_and_variables, const std::vector<Constraint>& constraints);

  Variable add_slot(const std::string& name, const Variable& like, double initial = 0);
  Variable add_variable(const std::string& kind, const std::string& name, const Array& initial);  // another slot
  std::size_t index_of(const Variable& variable) const;  // in `trainable` of build
  Tensor updates() const;  // made before this one: iterations, over gradient_accumulation_steps where that is set
  bool scheduled() const { return bool(args_.learning_rate.schedule()); }

 private:
  void apply_now(const Pairs& gradients_and_variables, const std::vector<Constraint>& constraints);
  void clip(std::vector<Tensor>& gradients) const;
  void average_weights();
  Tensor rate_of_step() const;  // with decay

  struct Step;  // apply() as a program, for use outside a trace
  OptimizerArgs args_;
  Variable iterations_, learning_rate_;
  std::vector<Variable> trainable_, variables_, averages_, accumulators_;
  std::vector<Slot> slots_;
  ExcludeArgs excluded_;
  std::size_t first_slot_ = 0;  // of build_slots, in variables_
  bool built_ = false;
  std::shared_ptr<Step> step_;
};

// A handle: a Keras name ("sgd", "rmsprop", "adam", …; ValueError with a suggestion for an unknown one), a class of
// keras/optimizers.h, or an own OptimizerBody. Copies share the state.
class KERAS_API Optimizer {
 public:
  Optimizer() = default;
  Optimizer(const char* name);
  Optimizer(const std::string& name) : Optimizer(name.c_str()) {}
  explicit Optimizer(std::shared_ptr<OptimizerBody> body) : body_(std::move(body)) {}
  explicit operator bool() const { return body_ != nullptr; }
  // Without Keras 2.2's decay, and of the next step where a schedule gives it.
  double learning_rate() const;
  void set_learning_rate(double learning_rate);  // takes effect at the next step; TypeError where there is a schedule
  std::int64_t iterations() const;               // updates so far
  std::vector<Variable> variables() const;
  // One step. The first one makes the slots, for these variables and no others.
  void apply_gradients(const std::vector<std::pair<Tensor, Variable>>& gradients_and_variables);
  void finalize_variable_values();
  // ValueError once the optimizer is built.
  void exclude_from_weight_decay(ExcludeArgs args);
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

}  // namespace keras
