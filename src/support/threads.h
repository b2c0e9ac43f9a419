// Loops over the threads of the pool, and how many there are. The threads are oneTBB's workers. How work is cut depends
// on its size alone, never on the number of threads or on what they are doing, so that results have the same bits
// always.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace keras::support {

namespace detail {
using RangeFn = void (*)(void* context, std::int64_t begin, std::int64_t end);
void parallel_for(std::int64_t n, std::int64_t grain, RangeFn fn, void* context);
void in_pool(void (*fn)(void*), void* context);
}  // namespace detail

// Calls fn(begin, end) for [0, grain), [grain, 2 grain), … up to n, each once, in any order and on any thread of the
// pool; on the caller's thread alone when n <= grain or the caller is not in the pool. The threads compute with the
// caller's rounding and flush modes. An exception of fn's is thrown on; ranges that had not begun are left out then.
template <class Fn>
void parallel_for(std::int64_t n, std::int64_t grain, Fn&& fn) {
  if (n <= 0) return;
  if (n <= grain) return static_cast<void>(fn(std::int64_t{0}, n));
  using F = std::remove_reference_t<Fn>;
  detail::parallel_for(
      n, grain, [](void* context, std::int64_t begin, std::int64_t end) { (*static_cast<F*>(context))(begin, end); },
      const_cast<void*>(static_cast<const void*>(std::addressof(fn))));
}

// Threads of the pool, the caller's included: those the process may run on, or KERAS_NUM_THREADS, until set. Setting
// waits for no running work; it holds from the next in_pool on.
int num_threads();
void set_num_threads(int count);  // ValueError when count < 1

// The same for a caller outside the pool, who enters it for this loop.
template <class Fn>
void parallel_for_in_pool(std::int64_t n, std::int64_t grain, Fn&& fn);

// Of the calling thread: from 0 to pool_width() - 1, and no other thread of the pool has it at the same time; 0
// outside.
int thread_index();
int pool_width();  // the threads that in_pool took for the caller; 1 outside

// Calls fn() so that every parallel loop in it (oneDNN's too) uses num_threads() threads. They stay at hand from one
// loop to the next; loops within loops run on one thread.
template <class Fn>
void in_pool(Fn&& fn) {
  using F = std::remove_reference_t<Fn>;
  detail::in_pool([](void* context) { (*static_cast<F*>(context))(); },
                  const_cast<void*>(static_cast<const void*>(std::addressof(fn))));
}

template <class Fn>
void parallel_for_in_pool(std::int64_t n, std::int64_t grain, Fn&& fn) {
  if (n <= grain) return parallel_for(n, grain, fn);
  in_pool([&] { parallel_for(n, grain, fn); });
}

}  // namespace keras::support
