// Worker: a thread that does one job at a time beside the caller, such as to fetch what comes next. The first job
// starts it; between jobs it sleeps.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace keras::support {

// For one caller.
class Worker {
 public:
  Worker() = default;
  ~Worker();  // waits
  Worker(const Worker&) = delete;

  // job(context) begins, and may not throw. Only when no other is under way. Allocates for the first one only.
  void start(void (*job)(void*), void* context);
  void wait();  // until it is done; at once where there is none

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  void (*job_)(void*) = nullptr;  // under way
  void* context_ = nullptr;
  bool leave_ = false;
  std::thread thread_;
};

}  // namespace keras::support
