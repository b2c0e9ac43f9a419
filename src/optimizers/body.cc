// OptimizerBody: what all optimizers do around the update of one variable, in Keras 3's order: unscale, accumulate,
// clip, decay the weights, update, average, constrain, count.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/optimizer.h>

#include <algorithm>
#include <regex>

#include "ops/trace.h"
#include "optimizers/makers.h"
#include "support/text.h"

namespace keras {

// What apply() records for one list of variables, compiled.
struct OptimizerBody::Step {
  std::vector<Variable> variables;
  std::vector<ir::Type> types;  // of the gradients
  ops::Function function;
};

namespace {
std::string underscored(const Variable& variable) {
  std::string path = variable.state()->path;
  std::replace(path.begin(), path.end(), '/', '_');
  return path;
}

Variable scalar(const char* name, const Array& value) { return Variable(value, {.name = name, .trainable = false}); }

void check(const OptimizerArgs& args) {
  // Keras 2.2 clips by the norm first, then by the value.
  const bool both = config::dialect().clipnorm_is_global && !args.global_clipnorm;
  if (!both && args.clipnorm.has_value() + args.clipvalue.has_value() + args.global_clipnorm.has_value() > 1) {
    throw ValueError("An optimizer takes one of clipnorm, clipvalue and global_clipnorm, and more than one is given.");
  }
  if (args.gradient_accumulation_steps && *args.gradient_accumulation_steps < 2) {
    throw ValueError(
        fmt::format("An optimizer's gradient_accumulation_steps must be 2 or more. Received: {}. Leave it out to "
                    "update at each step.",
                    *args.gradient_accumulation_steps));
  }
  if (args.use_ema && !(args.ema_momentum >= 0 && args.ema_momentum <= 1)) {
    throw ValueError(fmt::format("An optimizer's ema_momentum must lie in [0, 1]. Received: {}.", args.ema_momentum));
  }
  if (args.use_ema && args.ema_overwrite_frequency && *args.ema_overwrite_frequency < 1) {
    throw ValueError(fmt::format("An optimizer's ema_overwrite_frequency must be 1 or more. Received: {}.",
                                 *args.ema_overwrite_frequency));
  }
}

bool set(const std::optional<double>& limit) { return limit && *limit > 0; }
}  // namespace

OptimizerBody::OptimizerBody(OptimizerArgs args) : args_(std::move(args)) {
  check(args_);
  if (config::dialect().clipnorm_is_global) args_.global_clipnorm = std::exchange(args_.clipnorm, std::nullopt);
  iterations_ = scalar("iteration", Array::scalar_int(0, DType::int64));
  variables_ = {iterations_};
  if (scheduled()) return;
  learning_rate_ = scalar("learning_rate", Array::scalar(args_.learning_rate.value(), config::floatx()));
  variables_.push_back(learning_rate_);
}
OptimizerBody::~OptimizerBody() = default;

std::string OptimizerBody::name() const { return args_.name ? *args_.name : optimizers::snake_case(class_name()); }

Config OptimizerBody::get_config() const {
  Config config = Body::get_config();
  config.set("name", name());
  if (!scheduled()) config.set("learning_rate", learning_rate_.value().item());
  if (args_.decay == 0) config.erase("decay");  // Keras 3 has no such argument
  return config;
}

double OptimizerBody::current_rate() const {
  if (!scheduled()) return learning_rate_.value().item();
  return eval(args_.learning_rate.schedule()(iterations_.value())).item();
}

std::vector<Variable> OptimizerBody::variables() const { return variables_; }

Variable OptimizerBody::add_slot(const std::string& name, const Variable& like, double initial) {
  return add_variable(name, fmt::format("{}_{}", underscored(like), name), full(like.shape(), initial, like.dtype()));
}

Variable OptimizerBody::add_variable(const std::string& kind, const std::string& name, const Array& initial) {
  const Variable variable(initial, {.name = name, .trainable = false});
  variable.state()->path = fmt::format("{}/{}", this->name(), name);
  slots_.push_back({kind, variable});
  return variables_.emplace_back(variable);
}

void OptimizerBody::exclude_from_weight_decay(ExcludeArgs args) {
  if (built_) {
    throw ValueError(
        fmt::format("Optimizer \"{}\": exclude_from_weight_decay was called after its first step. Call it "
                    "before training.",
                    name()));
  }
  for (const std::string& name : args.var_names) {
    try {
      (void)std::regex(name);
    } catch (const std::regex_error& error) {
      throw ValueError(fmt::format("exclude_from_weight_decay: \"{}\" is no regular expression: {}.",
                                   support::printable(name), error.what()));
    }
  }
  excluded_ = std::move(args);
}

std::optional<double> OptimizerBody::decay_of(const Variable& variable) const {
  const std::optional<double> decay = weight_decay_of(variable);
  const auto& [variables, names] = excluded_;
  if (!decay || std::find(variables.begin(), variables.end(), variable) != variables.end()) return {};
  const bool named = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::regex_search(variable.name(), std::regex(name));
  });
  return named ? std::nullopt : decay;
}

void OptimizerBody::build(const std::vector<Variable>& trainable) {
  if (built_) return;
  built_ = true;
  trainable_ = trainable;
  for (const Variable& variable : variables_) variable.state()->path = fmt::format("{}/{}", name(), variable.name());
  if (args_.use_ema) {
    for (const Variable& variable : trainable) averages_.push_back(add_slot("average", variable));
  }
  if (args_.gradient_accumulation_steps) {
    for (const Variable& variable : trainable) accumulators_.push_back(add_slot("gradient_accumulator", variable));
  }
  first_slot_ = variables_.size();
  build_slots(trainable);
}

std::size_t OptimizerBody::index_of(const Variable& variable) const {
  const auto found = std::find(trainable_.begin(), trainable_.end(), variable);
  if (found == trainable_.end()) {
    throw ValueError(
        fmt::format("Optimizer \"{}\" was built for other variables than \"{}\". Make a new optimizer for a new set "
                    "of variables.",
                    name(), variable.state()->path));
  }
  return static_cast<std::size_t>(found - trainable_.begin());
}

Tensor OptimizerBody::updates() const {
  const Tensor iterations = iterations_;
  const auto& steps = args_.gradient_accumulation_steps;
  return steps ? ops::floor_divide(iterations, *steps) : iterations;
}

Tensor OptimizerBody::rate_of_step() const {
  const Tensor rate = scheduled() ? args_.learning_rate.schedule()(iterations_) : Tensor(learning_rate_);
  if (args_.decay == 0) return rate;
  return rate * (1 / (1 + args_.decay * ops::cast(iterations_, rate.dtype())));
}

Tensor OptimizerBody::scale_loss(const Tensor& loss) const {
  return args_.loss_scale_factor ? loss * *args_.loss_scale_factor : loss;
}

void OptimizerBody::clip(std::vector<Tensor>& gradients) const {
  if (set(args_.clipnorm)) {
    const double limit = *args_.clipnorm;
    for (Tensor& g : gradients) g = g * limit / ops::maximum(ops::norm(g), limit);
  } else if (set(args_.global_clipnorm)) {
    const double limit = *args_.global_clipnorm;
    Tensor total;
    for (const Tensor& g : gradients) {
      const Tensor squares = ops::sum(ops::square(g));
      total = total.empty() ? squares : total + squares;
    }
    const Tensor norm = ops::sqrt(total);
    // The last term is 0, or NaN where the norm is not finite.
    const Tensor scale = limit * ops::minimum(1 / norm, 1 / limit) + (norm - norm);
    for (Tensor& g : gradients) g = g * scale;
  }
  if (set(args_.clipvalue)) {
    for (Tensor& g : gradients) g = ops::clip(g, -*args_.clipvalue, *args_.clipvalue);
  }
}

void OptimizerBody::average_weights() {
  const Tensor count = updates();
  for (std::size_t i = 0; i < trainable_.size(); ++i) {
    const DType dtype = trainable_[i].dtype();
    const Tensor momentum = ops::cast(ops::not_equal(count, 0), dtype) * args_.ema_momentum;  // the first step copies
    averages_[i].assign(momentum * averages_[i] + (1 - momentum) * trainable_[i]);
    if (!args_.ema_overwrite_frequency) continue;
    const Tensor overwrite = ops::equal(ops::mod(count + 1, *args_.ema_overwrite_frequency), 0);
    trainable_[i].assign(ops::where(overwrite, averages_[i], trainable_[i]));
  }
}

void OptimizerBody::finalize_variable_values() {
  for (std::size_t i = 0; i < averages_.size(); ++i) trainable_[i].assign(averages_[i].value().copy());
}

void OptimizerBody::apply(const Pairs& given, const std::vector<Constraint>& constraints) {
  if (!built_) {
    std::vector<Variable> all;
    for (const auto& [gradient, variable] : given) all.push_back(variable);
    build(all);
  }
  if (!ops::Trace::current()) return apply_now(given, constraints);
  apply_traced(given, constraints);
}

void OptimizerBody::apply_traced(const Pairs& given, const std::vector<Constraint>& constraints) {
  std::vector<Tensor> gradients;
  std::vector<Variable> weights;
  std::vector<Constraint> limits;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto& [gradient, variable] = given[i];
    index_of(variable);  // refuses an unknown one
    if (gradient.empty()) continue;
    if (gradient.shape() != variable.shape()) {
      throw ValueError(
          fmt::format("Optimizer \"{}\": the gradient of variable \"{}\" must have its shape {}. Received: "
                      "gradient.shape={}.",
                      name(), variable.state()->path, variable.shape().str(), gradient.shape().str()));
    }
    gradients.push_back(ops::cast(gradient, variable.dtype()));
    if (args_.loss_scale_factor) gradients.back() = gradients.back() / *args_.loss_scale_factor;
    weights.push_back(variable);
    limits.push_back(i < constraints.size() ? constraints[i] : Constraint());
  }
  if (weights.empty()) {
    throw ValueError(
        fmt::format("Optimizer \"{}\": no gradient is given for any variable. Does the loss depend on trainable "
                    "weights?",
                    name()));
  }

  // With accumulation every step computes the update, and the old values stay where it is not due.
  Tensor due;
  std::vector<std::pair<Variable, Tensor>> before;
  if (args_.gradient_accumulation_steps) {
    const std::int64_t steps = *args_.gradient_accumulation_steps;
    due = ops::equal(ops::mod(Tensor(iterations_) + 1, steps), 0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      Variable& accumulator = accumulators_[index_of(weights[i])];
      const Tensor total = gradients[i] + accumulator;
      accumulator.assign(ops::where(due, ops::zeros_like(total), total));
      gradients[i] = total / static_cast<double>(steps);
      before.emplace_back(weights[i], weights[i]);
    }
    for (std::size_t i = first_slot_; i < variables_.size(); ++i) before.emplace_back(variables_[i], variables_[i]);
  }

  clip(gradients);
  const Tensor rate = rate_of_step();
  begin_updates();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Tensor own_rate = ops::cast(rate, weights[i].dtype());
    if (const auto decay = decay_of(weights[i]); decay && !decays_in_update())
      weights[i].assign(weights[i] - weights[i] * *decay * own_rate);
    update(gradients[i], weights[i], own_rate);
  }
  for (auto& [variable, old] : before) variable.assign(ops::where(due, variable, old));
  if (args_.use_ema) average_weights();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (limits[i]) weights[i].assign(limits[i](weights[i]));
  }
  iterations_.assign(Tensor(iterations_) + 1);
}

// Outside a trace: apply() as one program, kept for the next call with the same variables.
void OptimizerBody::apply_now(const Pairs& given, const std::vector<Constraint>& constraints) {
  std::vector<Tensor> wanted;
  std::vector<Variable> variables;
  for (const auto& [gradient, variable] : given) {
    if (gradient.empty()) continue;
    wanted.push_back(gradient);
    variables.push_back(variable);
  }
  const std::vector<Array> values = eval(wanted);
  std::vector<ir::Type> types;
  for (const Array& value : values) types.push_back({value.dtype(), value.shape()});

  const bool constrained =
      std::any_of(constraints.begin(), constraints.end(), [](const Constraint& c) { return bool(c); });
  std::shared_ptr<Step> step = constrained ? nullptr : step_;
  if (!step || step->variables != variables || step->types != types) {
    step = std::make_shared<Step>();
    ops::Trace trace;
    Pairs pairs;
    std::vector<Tensor> operands;
    for (const auto& [gradient, variable] : given) {
      pairs.emplace_back(Tensor(), variable);
      if (gradient.empty()) continue;
      operands.push_back(ops::placeholder(types[operands.size()], fmt::format("gradient_{}", operands.size())));
      pairs.back().first = operands.back();
    }
    apply(pairs, constraints);
    step->variables = std::move(variables);
    step->types = std::move(types);
    step->function = ops::Function({}, trace, operands);
    if (!constrained) step_ = step;
  }
  std::vector<const void*> inputs;
  for (const Array& value : values) inputs.push_back(value.data());
  step->function.run(inputs, {});
}

}  // namespace keras
