#include "support/worker.h"

namespace keras::support {

Worker::~Worker() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    leave_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Worker::start(void (*job)(void*), void* context) {
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
  {
    const std::lock_guard lock(mutex_);
    job_ = job, context_ = context;
  }
  changed_.notify_all();
}

void Worker::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return job_ == nullptr; });
}

void Worker::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return job_ != nullptr || leave_; });
    if (!job_) return;
    lock.unlock();
    job_(context_);  // nobody changes it meanwhile
    lock.lock();
    job_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace keras::support
