// Optimizers that hand gradients on to others: LossScaleOptimizer and MultiOptimizer.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>
#include <regex>

#include "ops/tensor_node.h"
#include "optimizers/makers.h"
#include "support/text.h"

namespace keras {
namespace optimizers {
namespace {

OptimizerArgs outer_args(const std::optional<std::string>& name) {
  OptimizerArgs args{};
  args.learning_rate = 0.0;
  args.name = name;
  return args;
}

class Outer : public OptimizerBody {
 public:
  using OptimizerBody::OptimizerBody;
  Config get_config() const override { return Config(Body::get_config()).set("name", name()); }
  std::vector<Variable> variables() const override {
    std::vector<Variable> all = OptimizerBody::variables();
    for (const OptimizerBody* each : inner()) {
      const std::vector<Variable> more = each->variables();
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }
  void finalize_variable_values() override {
    for (OptimizerBody* each : inner()) each->finalize_variable_values();
  }
  void complete_state() override {
    for (OptimizerBody* each : inner()) each->complete_state();
  }

 protected:
  void update(const Tensor&, const Variable&, const Tensor&) override {}  // the inner ones do
};

class LossScaleOptimizerBody final : public Outer {
 public:
  static constexpr auto class_name = "LossScaleOptimizer";
  using Args = LossScaleOptimizerArgs;
  explicit LossScaleOptimizerBody(const Args& args) : Outer(outer_args(args.name)), args_(args) {
    if (!args_.inner_optimizer) throw ValueError("LossScaleOptimizer: inner_optimizer must be given.");
    body().set_loss_scale_factor({});
  }
  // Keras once wrote arguments here that do nothing.
  static void upgrade(const char*, Config& config) {
    for (const char* name : {"weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema", "ema_momentum",
                             "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps", "dynamic"})
      config.erase(name);
  }

  Config get_config() const override {
    return Outer::get_config().set("inner_optimizer", as_config(args_.inner_optimizer));
  }
  std::vector<OptimizerBody*> inner() const override { return {&body()}; }
  const Variable& iterations() const override { return body().iterations(); }
  const std::vector<Variable>& averages() const override { return body().averages(); }
  const Variable& learning_rate() const override { return body().learning_rate(); }
  double current_rate() const override { return body().current_rate(); }
  std::int64_t accumulation_steps() const override { return body().accumulation_steps(); }
  Tensor scale_loss(const Tensor& loss) const override { return loss * ops::cast(scale_, loss.dtype()); }

 private:
  OptimizerBody& body() const { return *args_.inner_optimizer.body(); }

  void build_slots(const std::vector<Variable>& trainable) override {
    count_ = add_variable("step_counter", "step_counter", Array::scalar_int(0, DType::int64));
    scale_ = add_variable("dynamic_scale", "dynamic_scale", Array::scalar(args_.initial_scale, DType::float32));
    body().build(trainable);
  }

  void apply_traced(const Pairs& given, const std::vector<Constraint>& constraints) override {
    Tensor finite;
    Pairs unscaled;
    std::vector<std::pair<Variable, Tensor>> before;
    for (const auto& [gradient, variable] : given) {
      unscaled.emplace_back(gradient, variable);
      if (gradient.empty()) continue;
      const Tensor one = ops::all(ops::isfinite(gradient));
      finite = finite.empty() ? one : ops::logical_and(finite, one);
      unscaled.back().first = gradient / ops::cast(scale_, gradient.dtype());
      before.emplace_back(variable, variable);
    }
    for (const Variable& variable : body().variables()) before.emplace_back(variable, variable);
    body().apply(unscaled, constraints);
    for (auto& [variable, old] : before) variable.assign(ops::where(finite, variable, old));

    const Tensor count = count_, scale = scale_;
    const Tensor grows = ops::equal(count, args_.dynamic_growth_steps - 1);
    const Tensor none = ops::zeros_like(count);
    count_.assign(ops::where(ops::logical_and(finite, ops::logical_not(grows)), count + 1, none));
    scale_.assign(ops::where(finite, ops::where(grows, scale * 2, scale), scale * 0.5));
  }

  Args args_;
  Variable count_, scale_;  // steps since the scale changed
};

class MultiOptimizerBody final : public Outer {
 public:
  static constexpr auto class_name = "MultiOptimizer";
  using Args = MultiOptimizerArgs;
  explicit MultiOptimizerBody(const Args& args) : Outer(with_scale(args)), map_(args.optimizer_map) {
    for (const auto& [pattern, optimizer] : map_.optimizer_map) {
      check(pattern, optimizer);
      add(optimizer);
    }
    check("", map_.default_optimizer);
    add(map_.default_optimizer);
    for (OptimizerBody* each : all_) each->set_loss_scale_factor(args.loss_scale_factor);
  }

  Config get_config() const override { return Outer::get_config().set("optimizer_map", as_config(map_)); }
  std::vector<OptimizerBody*> inner() const override { return all_; }
  double current_rate() const override { refuse_rate(); }
  const Variable& learning_rate() const override { refuse_rate(); }

 private:
  static OptimizerArgs with_scale(const Args& args) {
    OptimizerArgs all = outer_args(args.name);
    all.loss_scale_factor = args.loss_scale_factor;
    return all;
  }
  [[noreturn]] void refuse_rate() const {
    throw ValueError(
        fmt::format("Optimizer \"{}\" is a MultiOptimizer and has no learning rate of its own: read or set those of "
                    "the optimizers in it.",
                    name()));
  }
  static void check(const std::string& pattern, const Optimizer& optimizer) {
    if (!optimizer)
      throw ValueError(pattern.empty() ? "MultiOptimizer: default_optimizer must be given."
                                       : fmt::format("MultiOptimizer: no optimizer is given for \"{}\".", pattern));
    if (!optimizer.body()->inner().empty())
      throw ValueError("MultiOptimizer: a LossScaleOptimizer or MultiOptimizer cannot be inside one.");
    try {
      (void)std::regex(pattern);
    } catch (const std::regex_error& error) {
      throw ValueError(fmt::format("MultiOptimizer: \"{}\" is no regular expression: {}.", support::printable(pattern),
                                   error.what()));
    }
  }
  void add(const Optimizer& optimizer) {
    if (std::find(all_.begin(), all_.end(), optimizer.body()) == all_.end()) all_.push_back(optimizer.body());
  }

  OptimizerBody* find(const std::string& path) const {
    std::vector<OptimizerBody*> found;
    for (const auto& [pattern, optimizer] : map_.optimizer_map) {
      if (pattern == path) return optimizer.body();
      if (std::regex_match(path, std::regex(pattern))) found.push_back(optimizer.body());
    }
    if (found.size() > 1) {
      throw ValueError(
          fmt::format("MultiOptimizer: {} of the regular expressions fit the variable \"{}\". One at most may.",
                      found.size(), path));
    }
    return found.empty() ? map_.default_optimizer.body() : found[0];
  }

  void build_slots(const std::vector<Variable>& trainable) override {
    for (const Variable& variable : trainable) of_.push_back(find(variable.state()->path));
    for (OptimizerBody* each : all_) {
      std::vector<Variable> its;
      for (std::size_t i = 0; i < trainable.size(); ++i) {
        if (of_[i] == each) its.push_back(trainable[i]);
      }
      if (!its.empty()) each->build(its);
    }
  }

  void apply_traced(const Pairs& given, const std::vector<Constraint>& constraints) override {
    for (OptimizerBody* each : all_) {
      Pairs its;
      std::vector<Constraint> limits;
      bool any = false;
      for (std::size_t i = 0; i < given.size(); ++i) {
        if (of_[index_of(given[i].second)] != each) continue;
        its.push_back(given[i]);
        limits.push_back(i < constraints.size() ? constraints[i] : Constraint());
        any |= !given[i].first.empty();
      }
      if (any) each->apply(its, limits);
    }
    Variable count = iterations();
    count.assign(Tensor(count) + 1);
  }

  OptimizerMap map_;
  std::vector<OptimizerBody*> all_;  // kept alive by the map
  std::vector<OptimizerBody*> of_;   // of each variable
};

void refuse_twice(const char* optimizer, const char* argument) {
  throw ValueError(fmt::format("{}: {} is given twice, in front and in the arguments in braces. Give it once.",
                               optimizer, argument));
}
}  // namespace

Maker loss_scale_optimizer() { return custom<LossScaleOptimizerBody>(); }
Maker multi_optimizer() { return custom<MultiOptimizerBody>(); }

Optimizer LossScaleOptimizer(LossScaleOptimizerArgs args) {
  return make_optimizer<LossScaleOptimizerBody>(std::move(args));
}
Optimizer LossScaleOptimizer(const Optimizer& inner_optimizer, LossScaleOptimizerArgs args) {
  if (args.inner_optimizer) refuse_twice("LossScaleOptimizer", "inner_optimizer");
  args.inner_optimizer = inner_optimizer;
  return LossScaleOptimizer(std::move(args));
}
Optimizer MultiOptimizer(MultiOptimizerArgs args) { return make_optimizer<MultiOptimizerBody>(std::move(args)); }
Optimizer MultiOptimizer(const OptimizerMap& optimizer_map, MultiOptimizerArgs args) {
  if (args.optimizer_map.default_optimizer) refuse_twice("MultiOptimizer", "optimizer_map");
  args.optimizer_map = optimizer_map;
  return MultiOptimizer(std::move(args));
}

}  // namespace optimizers

Config as_config(const OptimizerMap& map) {
  Config each = Config::map();
  for (const auto& [pattern, optimizer] : map.optimizer_map) each.set(pattern, as_config(optimizer));
  return Config::map({{"module", "keras.optimizers"},
                      {"class_name", "OptimizerMap"},
                      {"config", Config::map({{"default_optimizer", as_config(map.default_optimizer)},
                                              {"optimizer_map", std::move(each)}})},
                      {"registered_name", nullptr}});
}

void read_config(const Config& config, OptimizerMap& map) {
  const Config& given = config.at("config");
  map = {};
  read_config(given.at("default_optimizer"), map.default_optimizer);
  const Config each = given.get("optimizer_map", Config::map());
  for (const auto& [pattern, optimizer] : each.entries())
    read_config(optimizer, map.optimizer_map.emplace_back(pattern, Optimizer()).second);
}

}  // namespace keras
