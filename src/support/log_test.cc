#include "support/log.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace keras::support {
namespace {

TEST(LogDeathTest, PrintsTheTopicsThatAreNamed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto logging = [](const char* topics) {
    ::setenv("KERAS_LOG", topics, 1);
    log("passes", "not this");
    log("dispatch", "this");
    std::exit(0);
  };
  EXPECT_EXIT(logging("cache, dispatch"), ::testing::ExitedWithCode(0), "^\\[keras dispatch\\] this\n$");
  EXPECT_EXIT(logging("cache"), ::testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace keras::support
