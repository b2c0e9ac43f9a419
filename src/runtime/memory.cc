#include "runtime/memory.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <new>

#include "support/text.h"

namespace keras::runtime {

namespace {
constexpr std::size_t kWorthAsking = 16 << 20;  // what is smaller is allocated without a look at what is free
constexpr std::size_t kTruth = SIZE_MAX;
std::atomic<std::size_t> pretended = kTruth;

// The number behind `key` in a file of lines "key number", or the file's first number where the key is "".
std::optional<std::size_t> number_in(const char* path, const std::string& key) {
  std::ifstream file(path);
  std::string word;
  if (key.empty()) {
    file >> word;
  } else {
    while (file >> word && word != key) file.ignore(1 << 16, '\n');
    if (!(file >> word)) return std::nullopt;
  }
  const auto number = support::parse_int(word);
  if (!number || *number < 0) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

// What a control group leaves, its cache of files being as good as free; nothing where it sets no limit.
std::optional<std::size_t> left_in_group(const char* limit, const char* used, const char* stat, const char* cache) {
  const auto most = number_in(limit, ""), now = number_in(used, "");
  if (!most || !now) return std::nullopt;
  const std::size_t held = *now - std::min(*now, number_in(stat, cache).value_or(0));
  return *most - std::min(*most, held);
}
}  // namespace

std::size_t available_memory() {
  if (const std::size_t bytes = pretended.load(); bytes != kTruth) return bytes;
  std::size_t bytes = kTruth;
  if (const auto free = number_in("/proc/meminfo", "MemAvailable:")) {
    bytes = 1024 * (*free + number_in("/proc/meminfo", "SwapFree:").value_or(0));
  }
  for (const auto& left :
       {left_in_group("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat",
                      "inactive_file"),
        left_in_group("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes",
                      "/sys/fs/cgroup/memory/memory.stat", "total_inactive_file")}) {
    if (left) bytes = std::min(bytes, *left);
  }
  return bytes;
}

void pretend_available_memory(std::optional<std::size_t> bytes) { pretended = bytes.value_or(kTruth); }

MemoryPool::~MemoryPool() {
  for (auto& free : free_) std::free(free.load());
}

Block* MemoryPool::take(std::size_t bytes, const std::string& what) {
  for (auto& free : free_) {
    if (free.load(std::memory_order_relaxed) == nullptr) continue;
    Block* block = free.exchange(nullptr, std::memory_order_acquire);
    if (block && block->bytes < bytes) {
      std::free(block);
      block = nullptr;
    }
    if (!block) continue;
#ifdef KERAS_VERIFY_PASSES
    std::memset(block->data(), 0xff, block->bytes);  // what reads memory that it did not write shows itself
#endif
    return block;
  }
  return allocate(bytes, what);
}

void MemoryPool::give(Block* block) {
  for (auto& free : free_) {
    Block* none = nullptr;
    if (free.compare_exchange_strong(none, block, std::memory_order_release, std::memory_order_relaxed)) return;
  }
  std::free(block);
}

Block* MemoryPool::allocate(std::size_t bytes, const std::string& what) {
  const auto refuse = [&](std::size_t free) {
    throw RuntimeError(fmt::format(
        "There is not enough memory for {}: it needs {} beside the weights and the data, and {} are free. "
        "A smaller batch_size needs less; Model.memory_usage(batch) says how much beforehand.",
        what, support::readable_bytes(static_cast<double>(bytes)), support::readable_bytes(static_cast<double>(free))));
  };
  if (bytes > kWorthAsking) {
    if (const std::size_t free = available_memory(); bytes > free) refuse(free);
  }
  std::size_t largest = largest_.load(std::memory_order_relaxed);
  while (largest < bytes && !largest_.compare_exchange_weak(largest, bytes, std::memory_order_relaxed)) {
  }
  // Pages that nobody touches cost nothing: a program that needs little takes little of a large block.
  std::size_t size = aligned(std::max(largest, bytes));
  void* memory = std::aligned_alloc(kAlign, sizeof(Block) + size);
  if (!memory && size > aligned(bytes)) {
    size = aligned(bytes);
    memory = std::aligned_alloc(kAlign, sizeof(Block) + size);
  }
  if (!memory) refuse(available_memory());
  auto* block = new (memory) Block;
  block->bytes = size;
#ifdef KERAS_VERIFY_PASSES
  std::memset(block->data(), 0xff, block->bytes);
#endif
  return block;
}

}  // namespace keras::runtime
