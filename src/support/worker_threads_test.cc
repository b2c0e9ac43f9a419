// The worker's jobs run one by one beside the caller, each finished when wait returns.
#include <gtest/gtest.h>

#include "support/worker.h"

namespace keras::support {
namespace {

TEST(Worker, DoesOneJobAfterTheOther) {
  struct Job {
    int n = 0, sum = 0;
  } job;
  Worker worker;
  worker.wait();  // nothing to wait for
  for (int i = 1; i <= 1000; ++i) {
    job.n = i;
    worker.start([](void* context) { static_cast<Job*>(context)->sum += static_cast<Job*>(context)->n; }, &job);
    worker.wait();
    ASSERT_EQ(job.sum, i * (i + 1) / 2);
  }
}

TEST(Worker, FinishesTheLastJobBeforeItGoes) {
  for (int i = 0; i < 50; ++i) {
    int done = 0;
    {
      Worker worker;
      worker.start([](void* context) { *static_cast<int*>(context) = 1; }, &done);
    }
    ASSERT_EQ(done, 1);
  }
}

}  // namespace
}  // namespace keras::support
