// NonFinite: what fit does where the loss of a batch is NaN or infinite, and what it says of it.
#pragma once

#include <keras/models.h>

#include <span>
#include <string>

#include "trainers/trainer_state.h"

namespace keras {

class NonFinite {
 public:
  NonFinite(const Model& model, const std::string& way);  // ValueError for another way than warn, stop, skip, ignore

  // Whether there is something to do at all: else the batches need no guard.
  bool watches() const { return way_ != Way::ignore && !over_; }
  // Of the first such batch it tells all there is to know. Whether the step is to be taken.
  bool meet(int epoch, int batch, const StepProgram& program, std::span<const void* const> inputs, double loss);
  // Says how many batches of the epoch were left out beyond those told of.
  void end_epoch(int epoch);

 private:
  enum class Way { warn, stop, skip, ignore };
  const Model& model_;
  Way way_ = Way::warn;
  bool over_ = false, told_ = false;
  std::int64_t skipped_ = 0;  // in this epoch, untold
};

// Which layer's output is the first that is not finite, and what the inputs and targets are like, in sentences; from
// the weights as they are.
std::string explain_nonfinite(const Model& model, const StepProgram& program, std::span<const void* const> inputs);

}  // namespace keras
