#include "runtime/program.h"

#include <fmt/format.h>
#include <immintrin.h>

#include <chrono>
#include <cmath>
#include <cstring>

#include "runtime/execution.h"

namespace keras::runtime {

namespace {
constexpr double kAlone = 50e3;  // ns: what takes less is not worth waking threads for

// Subnormal numbers cost a hundred times a normal one: they are 0 while a program runs, and as before afterwards.
class FlushSubnormals {
 public:
  FlushSubnormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040); }
  ~FlushSubnormals() { _mm_setcsr(before_); }

 private:
  unsigned before_;
};
}  // namespace

std::size_t Program::memory_bytes(int threads) const {
  return Execution::bytes(*this) + aligned(scratch_bytes) * static_cast<std::size_t>(threads);
}

void Program::reserve() const { memory->give(memory->take(memory_bytes(support::num_threads()), what)); }

Execution::Execution(const Program& program)
    : program_(program),
      // A thread that works alone has the only piece, whatever its index: it may be in a loop of the pool.
      stride_(support::pool_width() > 1 ? aligned(program.scratch_bytes) : 0),
      block_(program.memory->take(program.memory_bytes(support::pool_width()), program.what)),
      slots_(reinterpret_cast<void**>(block_->data())),
      arena_(block_->data() + aligned(program.slots.size() * sizeof(void*))),
      scratch_(arena_ + program.arena_bytes) {}

Execution::Execution(const Program& program, std::byte* memory, std::byte* scratch, std::size_t stride)
    : program_(program),
      stride_(stride),
      block_(nullptr),
      slots_(reinterpret_cast<void**>(memory)),
      arena_(memory + aligned(program.slots.size() * sizeof(void*))),
      scratch_(scratch) {}

void Execution::bind(std::span<const void* const> inputs, std::span<void* const> states,
                     std::span<void* const> outputs) {
  void** to = slots_;
  for (const Slot& slot : program_.slots) {
    const auto index = static_cast<std::size_t>(slot.index);
    switch (slot.place) {
      case Slot::Place::input:
        *to++ = const_cast<void*>(inputs[index]);
        break;
      case Slot::Place::state:
        *to++ = states[index];
        break;
      case Slot::Place::output:
        *to++ = outputs[index];
        break;
      case Slot::Place::constant:
        *to++ = const_cast<void*>(program_.constants[index].data());
        break;
      case Slot::Place::arena:
        *to++ = arena_ + slot.offset;
        break;
    }
  }
}

bool Execution::run(std::span<const void* const> inputs, std::span<void* const> states, std::span<void* const> outputs,
                    double* seconds, bool guarded) {
  const FlushSubnormals flush;
  bind(inputs, states, outputs);
  return steps(seconds, guarded);
}

void Execution::run_again(std::span<const void* const> inputs, std::span<void* const> outputs) {
  bind(inputs, {}, outputs);
  steps(nullptr, false);
}

bool Execution::steps(double* seconds, bool guarded) const {
  const auto guard = guarded && program_.guard_step >= 0 ? static_cast<std::size_t>(program_.guard_step) : SIZE_MAX;
  Workspace workspace{nullptr, scratch_, stride_};
  for (std::size_t i = 0; i < program_.steps.size(); ++i) {
    const Step& step = program_.steps[i];
    const Operands operands(slots_, program_.operands.data() + step.operands);
    workspace.shared = arena_ + step.workspace;
    if (seconds == nullptr) {
      step.kernel->run(operands, workspace);
      if (i != guard) continue;
      float value = 0;
      std::memcpy(&value, slots_[static_cast<std::size_t>(program_.guard_slot)], sizeof value);
      if (!std::isfinite(value)) return false;
      continue;
    }
    const auto begin = std::chrono::steady_clock::now();
    step.kernel->run(operands, workspace);
    seconds[i] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  for (const Copy& copy : program_.copies) {
    std::memcpy(slots_[static_cast<std::size_t>(copy.to)], slots_[static_cast<std::size_t>(copy.from)], copy.bytes);
  }
  return true;
}

void Program::run(std::span<const void* const> inputs, std::span<void* const> states,
                  std::span<void* const> outputs) const {
  run_timed(inputs, states, outputs, {});
}

bool Program::run_guarded(std::span<const void* const> inputs, std::span<void* const> states,
                          std::span<void* const> outputs) const {
  bool whole = true;
  const auto run = [&] { whole = Execution(*this).run(inputs, states, outputs, nullptr, true); };
  if (cost < kAlone)
    run();
  else
    support::in_pool(run);
  return whole;
}

void Program::run_timed(std::span<const void* const> inputs, std::span<void* const> states,
                        std::span<void* const> outputs, std::span<double> seconds) const {
  const auto run = [&] { Execution(*this).run(inputs, states, outputs, seconds.data()); };
  if (cost < kAlone)
    run();
  else
    support::in_pool(run);
}

std::string Program::str() const {
  const auto where = [&](std::int32_t slot) {
    const Slot& s = slots[static_cast<std::size_t>(slot)];
    switch (s.place) {
      case Slot::Place::input:
        return fmt::format("input \"{}\"", input_names[static_cast<std::size_t>(s.index)]);
      case Slot::Place::state:
        return fmt::format("state \"{}\"", state_names[static_cast<std::size_t>(s.index)]);
      case Slot::Place::output:
        return fmt::format("output {}", s.index);
      case Slot::Place::constant:
        return fmt::format("constant {}", s.index);
      case Slot::Place::arena:
        break;
    }
    return fmt::format("arena+{}", s.offset);
  };
  std::string text = fmt::format("program: {} steps, arena {} bytes\n", steps.size(), arena_bytes);
  for (const Step& step : steps) {
    text += fmt::format("  {:<34} {}\n", step.name, step.text);
    std::string line = "     ";
    for (std::int32_t i = 0; i < step.count; ++i) {
      line += fmt::format(" {}{}", i > 0 ? "· " : "", where(operands[static_cast<std::size_t>(step.operands + i)]));
    }
    text += line + '\n';
    for (std::size_t at = 0; at < step.body.size();) {  // indented
      const std::size_t end = std::min(step.body.find('\n', at), step.body.size());
      text += "      | " + step.body.substr(at, end - at) + '\n';
      at = end + 1;
    }
  }
  for (const Copy& copy : copies) text += fmt::format("  copy {} -> {}\n", where(copy.from), where(copy.to));
  return text;
}

}  // namespace keras::runtime
