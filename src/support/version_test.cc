#include <gtest/gtest.h>
#include <keras/version.h>

namespace keras {
namespace {

TEST(Version, HasThreeParts) { EXPECT_EQ(version(), "0.1.0"); }

}  // namespace
}  // namespace keras
