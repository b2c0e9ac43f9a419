// MemoryPool: blocks of memory that the programs of one owner (a model, the session) borrow while they run, so that
// together they hold no more than the largest of them needs.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <string>

namespace keras::runtime {

constexpr std::size_t kAlign = 64;
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + kAlign - 1) / kAlign * kAlign; }

// Its memory follows it, aligned to 64.
struct alignas(kAlign) Block {
  std::size_t bytes = 0;
  std::byte* data() { return reinterpret_cast<std::byte*>(this + 1); }
};

// Any number of threads may take and give at once, without locks: each gets a block of its own, which stays in the pool
// when it comes back. A block is as large as the largest that was ever asked for, and smaller ones are freed when they
// are too small: what the programs of an owner need settles soon, and from then on nothing is allocated. The memory is
// not zeroed.
class MemoryPool {
 public:
  MemoryPool() = default;
  MemoryPool(const MemoryPool&) = delete;
  ~MemoryPool();

  // RuntimeError that says how much `what` ("a training step of …") needs when that is more than the machine has free.
  Block* take(std::size_t bytes, const std::string& what);
  void give(Block* block);

 private:
  Block* allocate(std::size_t bytes, const std::string& what);

  static constexpr std::size_t kFree = 16;
  std::array<std::atomic<Block*>, kFree> free_{};
  std::atomic<std::size_t> largest_{0};
};

// Bytes that this process may still allocate without pushing the machine, or the control group it lives in, out of
// memory.
std::size_t available_memory();
// For tests: what available_memory says from now on; nothing: the truth again.
void pretend_available_memory(std::optional<std::size_t> bytes);

}  // namespace keras::runtime
