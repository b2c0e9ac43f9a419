// Program: what a graph was compiled to. An immutable flat list of steps; any number of threads may run it at once,
// each through an Execution of its own.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "runtime/kernel.h"

namespace keras::runtime {

// Where a value lives while the program runs.
struct Slot {
  enum class Place : std::uint8_t { input, state, output, arena, constant };
  Place place = Place::arena;
  std::int32_t index = 0;  // of the input, state, output or constant
  std::size_t offset = 0;  // in the arena
  std::size_t bytes = 0;
};

struct Step {
  std::shared_ptr<const Kernel> kernel;
  std::int32_t operands = 0;  // place of its first entry in Program::operands
  std::int32_t count = 0;
  std::size_t workspace = 0;  // offset in the arena
  // What follows is for people: profiles and listings.
  std::string name, text;
  double flops = 0, bytes = 0;
};

struct Copy {  // a new state or an output that could not be written in place: done at the end
  std::int32_t from, to;
  std::size_t bytes;
};

// The memory one run needs. Executions are made when too few are free, and kept.
class Execution;

class Program {
 public:
  Program() = default;
  Program(const Program&) = delete;
  ~Program();

  std::vector<ir::Type> inputs, states, outputs;
  std::vector<std::string> input_names, state_names;
  std::vector<Slot> slots;
  std::vector<std::int32_t> operands;
  std::vector<Step> steps;
  std::vector<Copy> copies;
  std::vector<Array> constants;
  std::size_t arena_bytes = 0;
  std::size_t scratch_bytes = 0;  // for each thread
  double cost = 0;                // estimated nanoseconds on one thread

  // Runs the steps. `inputs`, `states` and `outputs` point to memory of the types above; states are read and updated.
  // Takes an Execution off the free list: allocates nothing unless more threads run than ever before. A program whose
  // estimated time is long enough runs in the pool, any other on the caller's thread alone.
  void run(std::span<const void* const> inputs, std::span<void* const> states, std::span<void* const> outputs) const;
  // The same with the seconds of each step added to `seconds` (one entry a step): for profiles.
  void run_timed(std::span<const void* const> inputs, std::span<void* const> states, std::span<void* const> outputs,
                 std::span<double> seconds) const;
  std::string str() const;  // a line a step, with kernels and memory

 private:
  Execution* take() const;
  void give(Execution* execution) const;
  static constexpr std::size_t kFree = 16;
  mutable std::array<std::atomic<Execution*>, kFree> free_{};
};

}  // namespace keras::runtime
