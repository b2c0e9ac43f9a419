#include "runtime/program.h"

#include <fmt/format.h>
#include <immintrin.h>

#include <chrono>
#include <cstdlib>
#include <cstring>

#include "runtime/execution.h"

namespace keras::runtime {

namespace {
constexpr std::size_t kAlign = 64;
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

void Execution::Free::operator()(void* p) const { std::free(p); }

Execution::Memory Execution::allocate(std::size_t bytes) {
  bytes = (bytes + kAlign - 1) / kAlign * kAlign;
  if (bytes == 0) return nullptr;
  Memory memory(static_cast<std::byte*>(std::aligned_alloc(kAlign, bytes)));
  if (!memory) throw std::bad_alloc();
  std::memset(memory.get(), 0, bytes);
  return memory;
}

Execution::Execution(const Program& program) : arena_(allocate(program.arena_bytes)), slots_(program.slots.size()) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = program.slots[i];
    if (slot.place == Slot::Place::arena) slots_[i] = arena_.get() + slot.offset;
    if (slot.place == Slot::Place::constant) {
      slots_[i] = const_cast<void*>(program.constants[static_cast<std::size_t>(slot.index)].data());
    }
  }
}

void Execution::run(const Program& program, std::span<const void* const> inputs, std::span<void* const> states,
                    std::span<void* const> outputs, double* seconds) {
  const FlushSubnormals flush;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = program.slots[i];
    const auto index = static_cast<std::size_t>(slot.index);
    if (slot.place == Slot::Place::input) slots_[i] = const_cast<void*>(inputs[index]);
    if (slot.place == Slot::Place::state) slots_[i] = states[index];
    if (slot.place == Slot::Place::output) slots_[i] = outputs[index];
  }
  Workspace workspace{nullptr, nullptr, (program.scratch_bytes + kAlign - 1) / kAlign * kAlign};
  const std::size_t scratch = workspace.stride * static_cast<std::size_t>(support::pool_width());
  if (scratch > scratch_bytes_) {
    scratch_ = allocate(scratch);
    scratch_bytes_ = scratch;
  }
  workspace.scratch = scratch_.get();
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const Step& step = program.steps[i];
    const Operands operands(slots_.data(), program.operands.data() + step.operands);
    workspace.shared = arena_.get() + step.workspace;
    if (seconds == nullptr) {
      step.kernel->run(operands, workspace);
      continue;
    }
    const auto begin = std::chrono::steady_clock::now();
    step.kernel->run(operands, workspace);
    seconds[i] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  for (const Copy& copy : program.copies) {
    std::memcpy(slots_[static_cast<std::size_t>(copy.to)], slots_[static_cast<std::size_t>(copy.from)], copy.bytes);
  }
}

Program::~Program() {
  for (auto& free : free_) delete free.load();
}

Execution* Program::take() const {
  for (auto& free : free_) {
    if (Execution* execution = free.exchange(nullptr, std::memory_order_acquire)) return execution;
  }
  return new Execution(*this);
}

void Program::give(Execution* execution) const {
  for (auto& free : free_) {
    Execution* none = nullptr;
    if (free.compare_exchange_strong(none, execution, std::memory_order_release, std::memory_order_relaxed)) return;
  }
  delete execution;
}

void Program::run(std::span<const void* const> inputs, std::span<void* const> states,
                  std::span<void* const> outputs) const {
  run_timed(inputs, states, outputs, {});
}

void Program::run_timed(std::span<const void* const> inputs, std::span<void* const> states,
                        std::span<void* const> outputs, std::span<double> seconds) const {
  Execution* execution = take();
  const auto run = [&] { execution->run(*this, inputs, states, outputs, seconds.data()); };
  if (cost < kAlone)
    run();
  else
    support::in_pool(run);
  give(execution);
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
  }
  for (const Copy& copy : copies) text += fmt::format("  copy {} -> {}\n", where(copy.from), where(copy.to));
  return text;
}

}  // namespace keras::runtime
