#include "tests/damaged/heap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <string>

#include "tests/support/primer.h"

namespace {
std::atomic<std::size_t> now = 0, most = 0;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// glibc's own, under the names by which it lets its users reach them.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);
}

namespace {

void* more(void* memory) {
  if (!memory) return nullptr;
  const std::size_t size = malloc_usable_size(memory), total = now.fetch_add(size) + size;
  std::size_t before = most.load();
  while (before < total && !most.compare_exchange_weak(before, total)) continue;
  return memory;
}
void less(void* memory) {
  if (memory) now -= malloc_usable_size(memory);
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) { return more(__libc_malloc(size)); }
void* calloc(std::size_t number, std::size_t size) { return more(__libc_calloc(number, size)); }
void* realloc(void* memory, std::size_t size) {
  less(memory);
  void* const moved = __libc_realloc(memory, size);
  if (!moved && memory && size) more(memory);
  return more(moved);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return more(__libc_memalign(alignment, size)); }
void* memalign(std::size_t alignment, std::size_t size) { return more(__libc_memalign(alignment, size)); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  *memory = more(__libc_memalign(alignment, size));
  return *memory ? 0 : ENOMEM;
}
void free(void* memory) {
  less(memory);
  __libc_free(memory);
}
}
#endif

namespace keras::testing {

std::size_t Heap::bytes() { return now; }
std::size_t Heap::most() { return ::most; }
void Heap::restart() { ::most = now.load(); }

namespace {

TEST(Heap, CountsTheWholeFamily) {
  if (kSanitized) GTEST_SKIP() << "the sanitizers have a malloc of their own";
  static void* volatile memory;
  const auto counted = [](auto&& take) {
    const std::size_t before = Heap::bytes();
    Heap::restart();
    take();
    const std::size_t taken = Heap::bytes() - before;
    std::free(memory);
    const std::size_t after = Heap::bytes(), peak = Heap::most();
    EXPECT_EQ(after, before);
    EXPECT_GE(peak, before + taken);  // more while something is moved
    return taken;
  };
  const auto is_about = [](std::size_t bytes) {
    return ::testing::AllOf(::testing::Ge(bytes), ::testing::Le(bytes + 64));
  };
  EXPECT_THAT(counted([] { memory = std::malloc(1000); }), is_about(1000));
  EXPECT_THAT(counted([] { memory = std::calloc(1000, 4); }), is_about(4000));
  EXPECT_THAT(counted([] { memory = std::realloc(std::malloc(500), 300); }), is_about(300));
  EXPECT_THAT(counted([] { memory = std::aligned_alloc(64, 1024); }), is_about(1024));
  EXPECT_THAT(counted([] { memory = ::operator new(1000); }), is_about(1000));
  EXPECT_THAT(counted([] { memory = new char[1 << 20]; }), ::testing::Ge(std::size_t{1} << 20));
}

}  // namespace
}  // namespace keras::testing
