// Runner: one pass of a step over batches, with the figures it gives.
#pragma once

#include <keras/callbacks.h>

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "trainers/dataset.h"
#include "trainers/hooks.h"
#include "trainers/source.h"
#include "trainers/trainer_state.h"

namespace keras {

// Runs a train or test step batch by batch. Allocates nothing from one batch to the next of the same types.
class Runner {
 public:
  // Where all data are in memory, the program is made and the labels are checked now.
  Runner(const Model& model, Stage stage, BatchSource& source);

  void reset();  // the running means
  // Called in training where the loss of a batch is not finite, before anything has changed: whether the step is to be
  // taken all the same.
  using Guard = std::function<bool(const StepProgram& program, std::span<const void* const> inputs, double loss)>;
  // False where the guard said no: all is as before the batch.
  bool run(const BatchView& batch, const Guard& guard = {});
  BatchSource& source() const { return source_; }
  const Logs& logs() const { return logs_; }  // after the last batch; empty before the first one of a stream
  // To go on with another run: the variables that a step updates, none before there is a program; what to do when there
  // is one; the figures so far, in the order of logs(); the programs, traced anew.
  std::vector<ops::VariablePtr> updated() const;
  bool has_program() const { return prepared_[0].program != nullptr; }
  void when_ready(std::function<void()> act) { when_ready_ = std::move(act); }
  void set_figures(const Config& figures);
  void renew();

 private:
  struct Prepared {
    std::shared_ptr<const StepProgram> program;
    int key = 0;
  };
  const StepProgram& prepare(const BatchView& batch);
  void adopt(const StepProgram& program);

  const Model& model_;
  const Stage stage_;
  BatchSource& source_;
  Prepared prepared_[2];      // for the first types, and for the latest others
  std::vector<Array> state_;  // a test step's running means: its own, so that many may run
  bool has_state_ = false;
  std::function<void()> when_ready_;
  std::vector<float> figures_;
  std::vector<void*> outputs_;
  Logs logs_;
};

// Runs a test step on batches, with the hooks of a test around them, until stopped() says so: on all, or on so many
// `steps`. `what` and `name` are the function and its argument, for messages.
template <class Stopped>
const Logs& run_tests(Runner& test, std::optional<std::int64_t> steps, const Hooks& hooks, const char* what,
                      const char* name, Stopped stopped) {
  BatchSource& source = test.source();
  test.reset();
  hooks.all(&CallbackBody::on_test_begin, Logs());
  source.rewind();
  source.begin_epoch();
  for (std::int64_t step = 0; (!steps || step < *steps) && !stopped(); ++step) {
    const BatchView* batch = source.next();
    if (!batch && step == 0) refuse_empty(source, what);
    if (!batch && steps) warn_of_end(source, what, step, *steps, name);
    if (!batch) break;
    hooks.batch(&CallbackBody::on_test_batch_begin, static_cast<int>(step), Logs());
    test.run(*batch);
    hooks.batch(&CallbackBody::on_test_batch_end, static_cast<int>(step), test.logs());
  }
  source.end_epoch();
  hooks.all(&CallbackBody::on_test_end, test.logs());
  return test.logs();
}

// ValueError when a label lies outside the classes that the step predicts.
void check_labels(const Model& model, const Dataset& data, const StepProgram& program);
// Of evaluate and predict. ValueError: below 1.
void check_steps(const char* what, std::int64_t batch_size, std::optional<std::int64_t> steps);
std::map<std::string, double> hook_params(const BatchSource& source, std::optional<std::int64_t> steps);
// The running means of training start anew.
void reset_figures(TrainerState& trainer);
void require_compiled(const Model& model, const char* what);

}  // namespace keras
