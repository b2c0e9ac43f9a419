// Execution: the memory of one run at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/program.h"

namespace keras::runtime {

class Execution {
 public:
  explicit Execution(const Program& program);

  // Binds the pointers, runs the steps, copies what could not be written in place. Allocates nothing, unless the pool
  // has more threads than in any run before.
  void run(const Program& program, std::span<const void* const> inputs, std::span<void* const> states,
           std::span<void* const> outputs, double* seconds);

 private:
  struct Free {
    void operator()(void* p) const;
  };
  using Memory = std::unique_ptr<std::byte, Free>;
  static Memory allocate(std::size_t bytes);  // zeros

  Memory arena_, scratch_;
  std::size_t scratch_bytes_ = 0;
  std::vector<void*> slots_;
};

}  // namespace keras::runtime
