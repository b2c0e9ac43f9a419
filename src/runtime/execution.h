// Execution: one run of a program, on memory that it borrows from the program's pool, or that it is given.
#pragma once

#include <cstddef>
#include <span>

#include "runtime/memory.h"
#include "runtime/program.h"

namespace keras::runtime {

class Execution {
 public:
  // To be made on the thread that runs it, inside the pool of threads or not: each of its threads has some scratch.
  // RuntimeError when there is not enough memory.
  explicit Execution(const Program& program);
  // On memory of `bytes(program)`, with scratch of program.scratch_bytes for each thread: the program is a part of
  // another one.
  Execution(const Program& program, std::byte* memory, std::byte* scratch, std::size_t stride);
  static std::size_t bytes(const Program& program) {
    return aligned(program.slots.size() * sizeof(void*)) + program.arena_bytes;
  }
  ~Execution() {
    if (block_) program_.memory->give(block_);
  }
  Execution(const Execution&) = delete;

  // Binds the pointers, runs the steps, copies what could not be written in place. Guarded: false where the guard ended
  // it.
  bool run(std::span<const void* const> inputs, std::span<void* const> states, std::span<void* const> outputs,
           double* seconds, bool guarded = false);
  // The same without a change of how subnormal numbers are treated: once more within a run.
  void run_again(std::span<const void* const> inputs, std::span<void* const> outputs);

 private:
  bool steps(double* seconds, bool guarded) const;
  void bind(std::span<const void* const> inputs, std::span<void* const> states, std::span<void* const> outputs);

  const Program& program_;
  std::size_t stride_;  // of the threads' scratch
  Block* block_;
  void** slots_;
  std::byte *arena_, *scratch_;
};

}  // namespace keras::runtime
