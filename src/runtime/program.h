// Program: what a graph was compiled to. An immutable flat list of steps; any number of threads may run it at once,
// each in memory of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "runtime/kernel.h"
#include "runtime/memory.h"

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
  std::string body;  // of a loop: its program
  double flops = 0, bytes = 0;
};

struct Copy {  // a new state or an output that could not be written in place: done at the end
  std::int32_t from, to;
  std::size_t bytes;
};

class Program {
 public:
  Program() = default;
  Program(const Program&) = delete;

  std::vector<ir::Type> inputs, states, outputs;
  std::vector<std::string> input_names, state_names;
  std::vector<Slot> slots;
  std::vector<std::int32_t> operands;
  std::vector<Step> steps;
  std::vector<Copy> copies;
  std::vector<Array> constants;
  std::size_t arena_bytes = 0;
  std::size_t scratch_bytes = 0;                                        // for each thread
  std::int32_t guard_step = -1, guard_slot = -1;                        // see run_guarded; -1: there is no guard
  double cost = 0;                                                      // estimated nanoseconds on one thread
  std::string what = "an expression";                                   // it computes, for messages
  std::shared_ptr<MemoryPool> memory = std::make_shared<MemoryPool>();  // of all programs of the owner

  // Runs the steps. `inputs`, `states` and `outputs` point to memory of the types above; states are read and updated.
  // Borrows its memory: allocates nothing unless the pool never held as much, or more threads run than ever before. A
  // program whose estimated time is long enough runs in the pool of threads, any other on the caller's thread alone.
  // RuntimeError when there is not enough memory.
  void run(std::span<const void* const> inputs, std::span<void* const> states, std::span<void* const> outputs) const;
  // The same, but where the float32 scalar that guards the program is not finite it ends with the step that gave it:
  // false. Nothing is written to a state before, so the states are as they were; outputs may be anything.
  bool run_guarded(std::span<const void* const> inputs, std::span<void* const> states,
                   std::span<void* const> outputs) const;
  // The same with the seconds of each step added to `seconds` (one entry a step): for profiles.
  void run_timed(std::span<const void* const> inputs, std::span<void* const> states, std::span<void* const> outputs,
                 std::span<double> seconds) const;
  void reserve() const;                         // makes the memory of a run now: RuntimeError when there is not enough
  std::size_t memory_bytes(int threads) const;  // that one run borrows
  std::string str() const;                      // a line a step, with kernels and memory
};

}  // namespace keras::runtime
