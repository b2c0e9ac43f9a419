#include "trainers/runner.h"

#include <algorithm>

#include "callbacks/logs_access.h"
#include "losses/built_in.h"

namespace keras {

void reset_figures(TrainerState& trainer) {
  if (!trainer.resolved) return;
  const auto zero = [](const Variable& variable) {
    Array& value = variable.state()->value;
    std::fill_n(static_cast<char*>(value.mutable_data()), value.nbytes(), 0);
  };
  zero(trainer.loss_total), zero(trainer.loss_count);
  for (const Variable& total : trainer.loss_totals) zero(total);
  for (OutputMetric& each : trainer.metrics) each.metric.reset_state();
  for (const AddedMetric& each : trainer.added) zero(each.total), zero(each.count);
}

Runner::Runner(const Model& model, Stage stage, BatchSource& source) : model_(model), stage_(stage), source_(source) {
  const Dataset* const whole = source.whole();
  if (!whole) return;
  const auto types = whole->batch_types(source.batch_size());
  const StepProgram& program = prepare({source.batch_size(), &types, whole->kinds(), {}, nullptr, 1});
  adopt(program);
  check_labels(model, *whole, program);
}

// Has room for the program's figures, under its names.
void Runner::adopt(const StepProgram& program) {
  program.function.program().reserve();
  figures_.resize(program.function.program().outputs.size());
  outputs_.clear();
  for (float& figure : figures_) outputs_.push_back(&figure);
  logs_ = Logs();
  for (const std::string& name : program.names) logs_.set(name, 0);
  if (stage_ == Stage::test && !has_state_) {
    state_ = program.function.updated_values();
    has_state_ = true;
  }
}

void check_labels(const Model& model, const Dataset& data, const StepProgram& program) {
  const auto targets = data.targets();
  const std::vector<Loss>& losses = trainer_of(model).losses;
  std::size_t target = 0;
  for (std::size_t i = 0; i < losses.size() && target < targets.size(); ++i) {
    if (!losses[i] && targets.size() < losses.size()) continue;
    Shape predicted = program.outputs[i].shape;
    if (!predicted.empty()) predicted[0] = data.rows();
    if (losses[i]) losses::check_labels(losses[i], targets[target], predicted);
    ++target;
  }
}

const StepProgram& Runner::prepare(const BatchView& batch) {
  for (const Prepared& each : prepared_) {
    if (!each.program) continue;
    if (batch.key != 0 ? each.key == batch.key
                       : each.program->types == *batch.types && each.program->columns == batch.kinds) {
      return *each.program;
    }
  }
  Prepared& latest = prepared_[prepared_[0].program ? 1 : 0];
  latest = {step_program(model_, stage_, *batch.types, batch.kinds), batch.key};
  return *latest.program;
}

void Runner::reset() {
  if (stage_ == Stage::train) reset_figures(trainer_of(model_));
  for (Array& value : state_) std::fill_n(static_cast<char*>(value.mutable_data()), value.nbytes(), 0);
}

std::vector<ops::VariablePtr> Runner::updated() const {
  return has_program() ? prepared_[0].program->function.updated() : std::vector<ops::VariablePtr>();
}

void Runner::set_figures(const Config& figures) {
  auto& items = LogsAccess::items(logs_);
  for (std::size_t i = 0; i < items.size() && i < figures.size(); ++i) items[i].second = figures.items()[i].as_real();
}

void Runner::renew() {
  for (Prepared& each : prepared_) {
    if (!each.program) continue;
    const StepProgram old = *each.program;
    each.program = step_program(model_, stage_, old.types, old.columns);
    each.program->function.program().reserve();
  }
}

bool Runner::run(const BatchView& batch, const Guard& guard) {
  const StepProgram& program = prepare(batch);
  if (figures_.size() != program.function.program().outputs.size()) adopt(program);
  if (when_ready_) std::exchange(when_ready_, nullptr)();
  if (batch.unchecked) check_labels(model_, *batch.unchecked, program);
  if (stage_ == Stage::train) {
    if (!guard) {
      program.function.run(batch.inputs, outputs_);
    } else if (!program.function.run_guarded(batch.inputs, outputs_)) {
      if (!guard(program, batch.inputs, static_cast<double>(figures_.back()))) return false;
      program.function.run(batch.inputs, outputs_);
    }
  } else {
    program.function.run_on(state_, batch.inputs, outputs_);
  }
  auto& items = LogsAccess::items(logs_);
  for (std::size_t i = 0; i < items.size(); ++i) items[i].second = static_cast<double>(figures_[i]);
  return true;
}

}  // namespace keras
