#include "callbacks/interrupt.h"

#include <gtest/gtest.h>

#include <thread>

namespace keras {
namespace {

using Handler = void (*)(int);
Handler handler() {
  struct sigaction now = {};
  ::sigaction(SIGINT, nullptr, &now);
  return now.sa_handler;
}
int others = 0;
void other(int) { ++others; }

TEST(InterruptGuard, TakesTheFirstSignal) {
  const Handler before = handler();
  {
    const InterruptGuard guard;
    EXPECT_NE(handler(), before);
    EXPECT_FALSE(guard.interrupted());
    ::raise(SIGINT);
    EXPECT_TRUE(guard.interrupted());
  }
  EXPECT_EQ(handler(), before);
  const InterruptGuard again;
  EXPECT_FALSE(again.interrupted());
}

TEST(InterruptGuardDeathTest, LeavesTheSecondSignalToTheSystem) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        const InterruptGuard guard;
        ::raise(SIGINT);
        if (guard.interrupted()) ::raise(SIGINT);
        std::exit(0);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

TEST(InterruptGuard, BringsAnotherHandlerBack) {
  ::signal(SIGINT, other);
  {
    const InterruptGuard guard;
    ::raise(SIGINT);
    EXPECT_TRUE(guard.interrupted());
    EXPECT_EQ(others, 0);
  }
  EXPECT_EQ(handler(), other);
  ::raise(SIGINT);
  EXPECT_EQ(others, 1);
  ::signal(SIGINT, SIG_DFL);
}

TEST(InterruptGuard, LeavesAnIgnoredSignalIgnored) {
  ::signal(SIGINT, SIG_IGN);
  {
    const InterruptGuard guard;
    EXPECT_EQ(handler(), SIG_IGN);
    ::raise(SIGINT);
    EXPECT_FALSE(guard.interrupted());
  }
  ::signal(SIGINT, SIG_DFL);
}

TEST(InterruptGuard, IsSharedByAFitInsideAFit) {
  const InterruptGuard outer;
  {
    const InterruptGuard inner;
    ::raise(SIGINT);
    EXPECT_TRUE(inner.interrupted());
  }
  EXPECT_TRUE(outer.interrupted());
}

TEST(InterruptGuard, KeepsAHandlerThatACallbackInstalled) {
  {
    const InterruptGuard guard;
    ::signal(SIGINT, other);
  }
  EXPECT_EQ(handler(), other);
  ::signal(SIGINT, SIG_DFL);
}

TEST(InterruptGuard, DoesNothingOnOtherThreads) {
  const Handler before = handler();
  std::thread([&] {
    const InterruptGuard guard;
    EXPECT_EQ(handler(), before);
    EXPECT_FALSE(guard.interrupted());
  }).join();
}

}  // namespace
}  // namespace keras
