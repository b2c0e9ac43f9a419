// Runner: one pass of a step over batches, with the figures it gives.
#pragma once

#include <keras/callbacks.h>

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "trainers/dataset.h"
#include "trainers/hooks.h"
#include "trainers/trainer_state.h"

namespace keras {

// Runs a train or test step batch by batch. Allocates nothing from one batch to the next of the same size.
class Runner {
 public:
  Runner(const Model& model, Stage stage, const Dataset& data, std::int64_t batch_size);

  void reset();  // the running means
  // Called in training where the loss of a batch is not finite, before anything has changed: whether the step is to be
  // taken all the same.
  using Guard = std::function<bool(const StepProgram& program, std::span<const void* const> inputs, double loss)>;
  // False where the guard said no: all is as before the batch.
  bool run(std::int64_t begin, std::span<const std::int64_t> order, const Guard& guard = {});
  std::int64_t steps() const { return (data_.rows() + batch_size_ - 1) / batch_size_; }
  std::int64_t batch_size() const { return batch_size_; }
  const Logs& logs() const { return logs_; }  // after the last batch
  // To go on with another run: the variables that a step updates; the figures so far, in the order of logs(); the
  // programs, traced anew.
  std::vector<ops::VariablePtr> updated() const { return full_.program->function.updated(); }
  void set_figures(const Config& figures);
  void renew();

 private:
  struct Prepared {
    std::shared_ptr<const StepProgram> program;
    std::int64_t rows = 0;
  };
  const StepProgram& prepare(std::int64_t rows);

  const Model& model_;
  const Stage stage_;
  const Dataset& data_;
  const std::int64_t batch_size_;
  Batches batches_;
  Prepared full_, last_;      // for whole batches and for what is left at the end
  std::vector<Array> state_;  // a test step's running means: its own, so that many may run
  std::vector<float> figures_;
  std::vector<void*> outputs_;
  Logs logs_;
};

// Runs a test step on its first `steps` batches, with the hooks of a test around them, until stopped() says so.
template <class Stopped>
const Logs& run_tests(Runner& test, std::int64_t steps, const Hooks& hooks, Stopped stopped) {
  test.reset();
  hooks.all(&CallbackBody::on_test_begin, Logs());
  for (std::int64_t step = 0; step < steps && !stopped(); ++step) {
    hooks.batch(&CallbackBody::on_test_batch_begin, static_cast<int>(step), Logs());
    test.run(step * test.batch_size(), {});
    hooks.batch(&CallbackBody::on_test_batch_end, static_cast<int>(step), test.logs());
  }
  hooks.all(&CallbackBody::on_test_end, test.logs());
  return test.logs();
}

// ValueError when a label lies outside the classes that the step predicts.
void check_labels(const Model& model, const Dataset& data, const StepProgram& program);
// The running means of training start anew.
void reset_figures(TrainerState& trainer);
void require_compiled(const Model& model, const char* what);

}  // namespace keras
