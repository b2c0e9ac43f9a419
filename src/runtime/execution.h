// Execution: one run of a program, on memory that it borrows from the program's pool.
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
  ~Execution() { program_.memory->give(block_); }
  Execution(const Execution&) = delete;

  // Binds the pointers, runs the steps, copies what could not be written in place.
  void run(std::span<const void* const> inputs, std::span<void* const> states, std::span<void* const> outputs,
           double* seconds);

 private:
  void bind(std::span<const void* const> inputs, std::span<void* const> states, std::span<void* const> outputs);

  const Program& program_;
  std::size_t stride_;  // of the threads' scratch
  Block* block_;
  void** slots_;
  std::byte *arena_, *scratch_;
};

}  // namespace keras::runtime
