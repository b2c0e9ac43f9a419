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

// What the columns of a batch are: so many inputs, at last so many sample weights, targets between them.
struct Columns {
  std::size_t inputs = 1, weights = 0;
  bool operator==(const Columns&) const = default;
};

// One kind of step for one set of batch types.
struct StepProgram {
  Stage stage = Stage::predict;
  std::vector<ir::Type> types;  // of inputs, targets and, last, the sample weights if there are any
  Columns columns;
  ops::Function function;
  std::vector<ir::Type> outputs;  // the model's outputs; results of a predict step only
  bool row_wise = false;          // a predict step whose row i of the outputs depends on row i of the inputs only
  // Of the figures of a train or test step, each a float32 scalar output. One more in training is the batch's loss.
  std::vector<std::string> names;
};

// A metric of one output, under the name that is reported.
struct OutputMetric {
  Metric metric;
  std::size_t output;
  bool weighted;
  std::string name;
};

// What layers report by add_metric: the mean of its values.
struct AddedMetric {
  std::string path, key;  // of the layer, and the name it gave
  std::string name;       // that is reported
  Variable total, count;
};

struct TrainerState {
  bool compiled = false;
  CompileArgs args;
  // Resolved from args by the first step, when the outputs are known.
  bool resolved = false;
  std::vector<Loss> losses;          // of each output; empty where it has none
  std::vector<double> loss_weights;  // of each output
  std::vector<OutputMetric> metrics;
  std::vector<AddedMetric> added;     // as steps found them
  Variable loss_total, loss_count;    // the running mean of the loss
  std::vector<Variable> loss_totals;  // of the loss of each output that has one, where there are several
  std::vector<Variable> trainable;    // as they were when compile() was called
  bool trainable_known = false;
  std::uint64_t trainable_changes = 0;  // of all layers, when trainable was last compared with what it is now
  std::uint64_t seed = 0;               // of the random streams of training

  std::vector<std::string> softmax_of_one;  // outputs that a softmax makes of one number
  std::vector<std::string> told;            // kinds of diagnostics

  std::shared_ptr<struct OnBatch> on_batch;  // train_on_batch's own

  // Programs by batch types, the latest first, 16 at most. Guarded by the mutex: predict may be called by many threads.
  std::mutex mutex;
  std::vector<std::shared_ptr<const StepProgram>> programs;
  std::shared_ptr<runtime::MemoryPool> memory = std::make_shared<runtime::MemoryPool>();  // that the programs share
};

TrainerState& trainer_of(const Model& model);

// The step's program, from the cache or traced and compiled now.
std::shared_ptr<const StepProgram> step_program(const Model& model, Stage stage, const std::vector<ir::Type>& types,
                                                Columns columns);
// The loss of each of so many outputs, empty where compile named none. ValueError when what compile was given does not
// fit them.
std::vector<Loss> losses_of(const Model& model, std::size_t outputs);
// The name of an output, as figures and messages have it: of the layer it comes from where that is known.
std::string output_name(const Model& model, std::size_t index);
// Input array number `index` in the shape the model takes: a vector gets the axis of its one feature. ValueError names
// both shapes when rank or width do not fit what the model was built for.
Array fit_input(const Model& model, const Array& x, std::size_t index);
// Warns once when what is trainable is not what it was at compile, which is what training goes on with.
void warn_of_trainable(const Model& model);
// Called by compile and whenever the layers change: all programs are out of date.
void drop_programs(const Model& model);

}  // namespace keras
