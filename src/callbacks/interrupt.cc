#include "callbacks/interrupt.h"

#include <unistd.h>

namespace keras {

namespace {
int depth = 0;  // of guards on the main thread
}

std::atomic<bool> InterruptGuard::flag_ = false;

void InterruptGuard::handle(int) { flag_.store(true, std::memory_order_relaxed); }

InterruptGuard::InterruptGuard() : on_main_thread_(::gettid() == ::getpid()) {
  if (!on_main_thread_ || depth++ > 0) return;
  flag_ = false;
  if (::sigaction(SIGINT, nullptr, &before_) != 0 || before_.sa_handler == SIG_IGN) return;
  struct sigaction ours = {};
  ours.sa_handler = handle;
  ours.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);  // the second signal meets the default action
  installed_ = ::sigaction(SIGINT, &ours, nullptr) == 0;
}

InterruptGuard::~InterruptGuard() {
  if (!on_main_thread_) return;
  --depth;
  if (!installed_) return;
  struct sigaction now = {};
  ::sigaction(SIGINT, nullptr, &now);
  const bool replaced = now.sa_handler != handle && now.sa_handler != SIG_DFL;  // by a callback, say: that one stays
  if (!replaced) ::sigaction(SIGINT, &before_, nullptr);
}

}  // namespace keras
