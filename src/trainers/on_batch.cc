// Model::train_on_batch and test_on_batch: one step on one batch, with as little around it as can be.
#include <keras/models.h>

#include "callbacks/logs_access.h"
#include "trainers/runner.h"

namespace keras {

// What train_on_batch keeps from one call to the next of the same types.
struct OnBatch {
  Dataset data;
  std::shared_ptr<const StepProgram> program;
  std::vector<const void*> inputs;
  std::vector<float> figures;
  std::vector<void*> outputs;

  void prepare(const Model& model) {
    program = step_program(model, Stage::train, data.batch_types(data.rows()), data.kinds());
    inputs.resize(data.columns().size());
    figures.assign(program->function.program().outputs.size(), 0);
    outputs.clear();
    for (float& figure : figures) outputs.push_back(&figure);
  }
};

Logs Model::train_on_batch(const Data& x, const Data& y, const Data& sample_weight) {
  require_compiled(*this, "train_on_batch");
  warn_of_trainable(*this);
  TrainerState& trainer = trainer_of(*this);
  if (!trainer.on_batch) trainer.on_batch = std::make_shared<OnBatch>();
  OnBatch& step = *trainer.on_batch;
  step.data.assign(*this, "Model.train_on_batch", x, y, sample_weight);
  step.data.check_values("Model.train_on_batch");
  if (!step.program || !step.data.has_types(step.program->types)) step.prepare(*this);
  check_labels(*this, step.data, *step.program);
  reset_figures(trainer);
  for (std::size_t i = 0; i < step.inputs.size(); ++i) step.inputs[i] = step.data.columns()[i].data();
  step.program->function.run(step.inputs, step.outputs);
  step.data.clear();
  Logs logs;
  auto& items = LogsAccess::items(logs);
  items.reserve(step.program->names.size());
  for (std::size_t i = 0; i < step.program->names.size(); ++i) {
    items.emplace_back(step.program->names[i], static_cast<double>(step.figures[i]));
  }
  return logs;
}

Logs Model::test_on_batch(const Data& x, const Data& y, const Data& sample_weight) const {
  require_compiled(*this, "test_on_batch");
  const Dataset data(*this, "Model.test_on_batch", x, y, sample_weight);
  data.check_values("Model.test_on_batch");
  const auto source = array_source(data, data.rows(), false);
  Runner runner(*this, Stage::test, *source);
  runner.reset();
  source->begin_epoch();
  runner.run(*source->next());
  return runner.logs();
}

}  // namespace keras
