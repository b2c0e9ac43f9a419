#include "support/team.h"

#include <algorithm>
#include <chrono>
#include <thread>

#ifdef KERAS_TSAN
extern "C" {
void __tsan_acquire(void*);
void __tsan_release(void*);
}
#endif

namespace keras::support {

namespace {
using Clock = std::chrono::steady_clock;
constexpr auto kStay = std::chrono::microseconds(100);  // that a helper waits for more work before it leaves
constexpr int kSpins = 4000;                            // until the caller lets others run while it waits
constexpr int kShift = 40;
constexpr std::uint64_t kLeft = (std::uint64_t{1} << kShift) - 1;
}  // namespace

#ifdef KERAS_TSAN
void Order::before() { __tsan_release(this); }
void Order::after() { __tsan_acquire(this); }
#else
void Order::before() {}
void Order::after() {}
#endif

thread_local Here here;

void Team::run(std::int64_t n, std::int64_t grain, detail::RangeFn fn, void* context) {
  n_ = n, grain_ = grain, chunks_ = (n - 1) / grain + 1, fn_ = fn, context_ = context, modes_ = _mm_getcsr();
  done_.store(0, std::memory_order_relaxed);
  const std::uint64_t number = (ticket_.load(std::memory_order_relaxed) >> kShift) + 1;
  offered_.before();
  ticket_.store(number << kShift | static_cast<std::uint64_t>(chunks_), std::memory_order_release);
  const auto wanted = std::min<std::int64_t>(free(), chunks_ - 1);
  while (helpers_.load(std::memory_order_relaxed) < wanted) {
    helpers_.fetch_add(1, std::memory_order_relaxed);
    hired_.before();
    group_.run([this] {
      hired_.after();
      help();
    });
  }
  while (work()) {
  }
  for (int spins = 0; done_.load(std::memory_order_acquire) < chunks_; ++spins) {
    if (spins < kSpins)
      _mm_pause();
    else
      std::this_thread::yield();
  }
  finished_.after();
  if (failed_.exchange(false, std::memory_order_relaxed)) std::rethrow_exception(std::exchange(error_, nullptr));
}

// Threads that may help, so that with all who call there are no more than were asked for.
int Team::free() const { return arena_.max_concurrency() - callers.load(std::memory_order_relaxed); }

// Claims a chunk of the loop and runs it; false when none is left. A claim holds for the loop whose ticket it changed,
// and that loop does not end before its chunks are done: what it says about itself stays as it is meanwhile.
bool Team::work() {
  std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
  do {
    if ((ticket & kLeft) == 0) return false;
  } while (!ticket_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel, std::memory_order_acquire));
  offered_.after();
  const std::int64_t chunk = chunks_ - static_cast<std::int64_t>(ticket & kLeft);
  if (!failed_.load(std::memory_order_relaxed)) {
    const Inside inside(modes_, nullptr);
    try {
      fn_(context_, chunk * grain_, std::min(n_, (chunk + 1) * grain_));
    } catch (...) {
      if (!failed_.exchange(true, std::memory_order_relaxed)) error_ = std::current_exception();
    }
  }
  finished_.before();
  done_.fetch_add(1, std::memory_order_release);
  return true;
}

void Team::help() {
  Clock::time_point until = Clock::now() + kStay;
  for (int idle = 0;; _mm_pause()) {
    if (work()) {
      idle = 0;
    } else if (idle++ == 0) {
      until = Clock::now() + kStay;
    } else if (idle % 64 == 0 && (free() < 1 || Clock::now() > until)) {
      break;
    }
  }
  helpers_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace keras::support
