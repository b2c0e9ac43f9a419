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

Runner::Runner(const Model& model, Stage stage, const Dataset& data, std::int64_t batch_size)
    : model_(model),
      stage_(stage),
      data_(data),
      batch_size_(std::min(batch_size, data.rows())),
      batches_(data, batch_size_) {
  const StepProgram& program = prepare(batch_size_);
  program.function.program().reserve();
  figures_.resize(program.function.program().outputs.size());
  for (float& figure : figures_) outputs_.push_back(&figure);
  for (const std::string& name : program.names) logs_.set(name, 0);
  if (stage_ == Stage::test) state_ = program.function.updated_values();
  check_labels(model, data, program);
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

const StepProgram& Runner::prepare(std::int64_t rows) {
  Prepared& prepared = rows == batch_size_ ? full_ : last_;
  if (prepared.rows != rows) {
    prepared = {step_program(model_, stage_, data_.batch_types(rows), data_.kinds()), rows};
  }
  return *prepared.program;
}

void Runner::set_figures(const Config& figures) {
  auto& items = LogsAccess::items(logs_);
  for (std::size_t i = 0; i < items.size() && i < figures.size(); ++i) items[i].second = figures.items()[i].as_real();
}

void Runner::renew() {
  full_ = last_ = {};
  prepare(batch_size_).function.program().reserve();
}

void Runner::reset() {
  if (stage_ == Stage::train) reset_figures(trainer_of(model_));
  for (Array& value : state_) std::fill_n(static_cast<char*>(value.mutable_data()), value.nbytes(), 0);
}

bool Runner::run(std::int64_t begin, std::span<const std::int64_t> order, const Guard& guard) {
  const std::int64_t rows = std::min(batch_size_, data_.rows() - begin);
  const StepProgram& program = prepare(rows);
  const auto inputs = batches_.get(begin, rows, order);
  const Batches::Ahead ahead(batches_, begin + rows, order);
  if (stage_ == Stage::train) {
    if (!guard) {
      program.function.run(inputs, outputs_);
    } else if (!program.function.run_guarded(inputs, outputs_)) {
      if (!guard(program, inputs, static_cast<double>(figures_.back()))) return false;
      program.function.run(inputs, outputs_);
    }
  } else {
    program.function.run_on(state_, inputs, outputs_);
  }
  auto& items = LogsAccess::items(logs_);
  for (std::size_t i = 0; i < items.size(); ++i) items[i].second = static_cast<double>(figures_[i]);
  return true;
}

}  // namespace keras
