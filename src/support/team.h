// Team: the caller of a parallel loop and the threads that help it.
#pragma once

#include <immintrin.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <utility>

#include "support/threads.h"

namespace keras::support {

// A point that one thread passes before another, told to the thread sanitizer, which does not see into TBB.
struct Order {
  void before();
  void after();
};

// What the calling thread works for at the moment.
struct Here {
  class Team* team = nullptr;  // whose loops may be spread; nullptr outside the pool and within a loop
  bool inside = false;         // the pool
};
extern thread_local Here here;

// A thread's state while it works for the pool: the caller's rounding and flush modes.
class Inside {
 public:
  Inside(unsigned modes, Team* team) : modes_(_mm_getcsr()), here_(std::exchange(here, {team, true})) {
    if (modes != modes_) _mm_setcsr(modes);
  }
  ~Inside() {
    here = here_;
    _mm_setcsr(modes_);
  }
  Inside(const Inside&) = delete;

 private:
  unsigned modes_;
  Here here_;
};

// A caller in the pool with threads of its own to share loops with. One loop at a time, whose chunks the caller and its
// helpers claim one by one: nobody waits for a thread that has claimed none, however busy the machine is with other
// things. Helpers are TBB tasks that stay a little for the next loop, since waking a thread takes longer than many a
// loop. Lives as long as the process: helpers may outlast callers.
class Team {
 public:
  explicit Team(int threads) : arena_(threads) {}
  Team(const Team&) = delete;

  // Calls fn() as the caller, who is counted as one that needs no help from a processor that others call from.
  template <class Fn>
  void enter(Fn&& fn) {
    const Counted counted;
    arena_.execute(fn);
  }
  void run(std::int64_t n, std::int64_t grain, detail::RangeFn fn, void* context);

 private:
  struct Counted {
    Counted() { callers.fetch_add(1, std::memory_order_relaxed); }
    ~Counted() { callers.fetch_sub(1, std::memory_order_relaxed); }
  };
  bool work();
  void help();
  int free() const;

  static inline std::atomic<int> callers{0};  // in the pool, of all teams
  tbb::task_arena arena_;                     // one each: a caller who finds no place in an arena would wait for one

  std::atomic<std::uint64_t> ticket_{0};  // the loop's number, and how many of its chunks nobody has claimed
  std::atomic<std::int64_t> done_{0};
  std::atomic<int> helpers_{0};  // there, or called
  std::atomic<bool> failed_{false};
  std::exception_ptr error_;
  // Of the loop; constant while it has chunks that are not done.
  std::int64_t n_ = 0, grain_ = 1, chunks_ = 0;
  detail::RangeFn fn_ = nullptr;
  void* context_ = nullptr;
  unsigned modes_ = 0;

  Order hired_, offered_, finished_;  // the last two tell of ticket_ and done_: nothing here is compiled to be watched
  tbb::task_group_context isolated_{tbb::task_group_context::isolated};
  tbb::task_group group_{isolated_};  // never waited for
};

}  // namespace keras::support
