// ScanKernel: a loop whose body is a program of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/kernel.h"
#include "runtime/program.h"

namespace keras::runtime {

// The operands are the carries, what is gone over slice by slice, and what stays the same; the results the last
// carries, then stacks of what the steps make. The body takes the same in this order, slices instead of stacks, and
// gives the next carries, then a slice of each stack of `made`.
class ScanKernel final : public Kernel {
 public:
  struct Loop {
    std::size_t carries = 0, slices = 0, length = 0;
    bool reverse = false;
    // Parts of the rows along axis 0 run by themselves, each on a thread; the body is for the rows of one. `cut`: the
    // inputs of which a part takes its own rows. What the body gives has rows always.
    std::size_t parts = 1;
    std::vector<bool> cut;
    std::vector<std::size_t> made;  // the results that the body's outputs behind the carries are
    // The result that stacks carry j as it is after a step, or as it is before: the carry lives there. -1: none does.
    std::vector<int> after, before;
  };
  ScanKernel(std::shared_ptr<const Program> body, Loop loop);
  std::size_t workspace() const { return workspace_; }
  std::size_t parts() const { return loop_.parts; }
  std::size_t scratch() const { return body_->scratch_bytes; }
  void run(const Operands& operands, const Workspace& workspace) const override;

 private:
  void run_part(std::size_t part, const Operands& operands, const Workspace& workspace) const;

  std::shared_ptr<const Program> body_;
  Loop loop_;
  std::vector<std::size_t> in_bytes_, out_bytes_;  // of one step of a part
  std::vector<std::size_t> in_step_;               // of one step of the operand
  std::vector<std::size_t> buffers_;               // of each carry that lives in no stack: its place in the workspace
  std::size_t memory_ = 0, part_ = 0, workspace_ = 0;
};

}  // namespace keras::runtime
