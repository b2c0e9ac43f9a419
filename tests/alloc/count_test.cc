#include "tests/alloc/count.h"

#include <execinfo.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>
#include <vector>

// glibc's own, under the names by which it lets its users reach them.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);
}

namespace {

std::atomic<bool> armed = false;
std::atomic<std::size_t> count = 0;
constexpr int kFrames = 24;
void* frames[kFrames];
int depth = 0;

void note() {
  if (!armed.load(std::memory_order_relaxed)) return;
  if (count.fetch_add(1) == 0) depth = backtrace(frames, kFrames);
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) {
  note();
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
  note();
  return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) {
  note();
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  note();
  return __libc_memalign(alignment, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  note();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  note();
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
void free(void* memory) { __libc_free(memory); }
}

namespace keras::testing {

void Allocations::arm() {
  void* unused[1];
  backtrace(unused, 1);  // loads what it needs, once
  count = 0;
  armed = true;
}

std::size_t Allocations::disarm(std::size_t allowed) {
  armed = false;
  if (count > allowed) backtrace_symbols_fd(frames, depth, 2);
  return count;
}

namespace {

// A count of 0 means nothing unless each of the family is counted, and what libraries do, and what other threads do.
TEST(Counting, SeesTheWholeFamily) {
  const auto counted = [](auto&& f) {
    Allocations::arm();
    f();
    return Allocations::disarm(SIZE_MAX);
  };
  static void* volatile memory;
  EXPECT_EQ(counted([] {}), 0u);
  EXPECT_EQ(counted([] { memory = std::malloc(10), std::free(memory); }), 1u);
  EXPECT_EQ(counted([] { memory = std::calloc(10, 4), std::free(memory); }), 1u);
  EXPECT_EQ(counted([] { memory = std::realloc(nullptr, 10), std::free(memory); }), 1u);
  EXPECT_EQ(counted([] { memory = std::aligned_alloc(64, 64), std::free(memory); }), 1u);
  EXPECT_EQ(counted([] {
              void* aligned = nullptr;
              EXPECT_EQ(posix_memalign(&aligned, 64, 64), 0);
              memory = aligned;
              std::free(memory);
            }),
            1u);
  EXPECT_EQ(counted([] { memory = ::operator new(10), ::operator delete(memory); }), 1u);
  EXPECT_EQ(counted([] {
              memory = ::operator new(64, std::align_val_t(64)), ::operator delete(memory, std::align_val_t(64));
            }),
            1u);
  EXPECT_EQ(counted([] { memory = std::make_unique<std::vector<int>>(100).get(); }), 2u);
  EXPECT_GE(counted([] { std::thread([] { memory = std::malloc(10), std::free(memory); }).join(); }), 1u);
}

}  // namespace
}  // namespace keras::testing
