// InterruptGuard: what Ctrl-C does while a model trains.
#pragma once

#include <signal.h>

#include <atomic>

namespace keras {

// While one lives on the main thread, the first SIGINT sets a flag that the loop reads after each step; a second one
// ends the process by the system's default action. The handler that was there before comes back with the destructor. On
// other threads, and where SIGINT is ignored, nothing is installed. A fit inside a fit shares the flag of the outer
// one.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  bool interrupted() const { return on_main_thread_ && flag_.load(std::memory_order_relaxed); }

 private:
  static void handle(int);
  static std::atomic<bool> flag_;
  static_assert(std::atomic<bool>::is_always_lock_free);  // the handler may run at any point of any thread
  const bool on_main_thread_;
  bool installed_ = false;
  struct sigaction before_ = {};
};

}  // namespace keras
