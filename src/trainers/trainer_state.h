// TrainerState: what compile() fixed, and the step programs made since.
#pragma once

#include <keras/models.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ops/trace.h"

namespace keras {

enum class Stage { train, test, predict };

// One kind of step for one set of batch types.
struct StepProgram {
  Stage stage = Stage::predict;
  std::vector<ir::Type> types;  // of inputs, targets and, last, the sample weights if there are any
  ops::Function function;
  std::vector<ir::Type> outputs;   // the model's outputs; results of a predict step only
  bool row_wise = false;           // a predict step whose row i of the outputs depends on row i of the inputs only
  std::vector<std::string> names;  // of the figures of a train or test step; each is a float32 scalar output
};

struct TrainerState {
  bool compiled = false;
  CompileArgs args;
  std::vector<Metric> metrics;  // resolved from args by the first step
  bool resolved = false;
  Variable loss_total, loss_count;  // the running mean of the loss
  std::vector<Variable> trainable;  // as they were when compile() was called
  bool trainable_known = false;
  bool takes_labels = false;  // the loss is sparse_categorical_crossentropy: targets are numbers of classes
  Config ignored_label;       // its ignore_class
  std::uint64_t seed = 0;     // of the random streams of training

  std::shared_ptr<struct OnBatch> on_batch;  // train_on_batch's own

  // Programs by batch types, the latest first, 16 at most. Guarded by the mutex: predict may be called by many threads.
  std::mutex mutex;
  std::vector<std::shared_ptr<const StepProgram>> programs;
  std::shared_ptr<runtime::MemoryPool> memory = std::make_shared<runtime::MemoryPool>();  // that the programs share
};

TrainerState& trainer_of(const Model& model);

// The step's program, from the cache or traced and compiled now. `inputs` of the types count as x, `targets` as y.
std::shared_ptr<const StepProgram> step_program(const Model& model, Stage stage, const std::vector<ir::Type>& types,
                                                std::size_t inputs, bool weighted);
// An input array in the shape the model takes: a vector gets the axis of its one feature. ValueError names both shapes
// when rank or width do not fit what the model was built for.
Array fit_input(const Model& model, const Array& x);
// Called by compile and whenever the layers change: all programs are out of date.
void drop_programs(const Model& model);

}  // namespace keras
