#include "support/late_library.h"

#include <gmock/gmock.h>
#include <keras/error.h>
#include <zlib.h>

namespace keras::support {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Property;

constinit LateLibrary library{"libz.so.1", "to pack", "zlib1g"};
KERAS_LATE(library, zlibVersion);
KERAS_LATE(library, compressBound);

TEST(LateLibrary, FunctionsAreCalledByTheirNames) {
  EXPECT_STREQ(zlibVersion(), ::zlibVersion());
  EXPECT_EQ(compressBound(1000), ::compressBound(1000));
  uLong (*pointer)(uLong) = compressBound;
  EXPECT_EQ(pointer(1000), ::compressBound(1000));
}

TEST(LateLibrary, SaysWhatIsMissingAndWhereItIsFrom) {
  constinit static LateLibrary none{"libnone.so.9", "to do nothing", "libnone9"};
  static const Late<void()> function(none, "none");
  EXPECT_THAT(
      [] { function(); },
      ::testing::Throws<RuntimeError>(Property(
          &RuntimeError::what, AllOf(HasSubstr("libnone.so.9 is needed to do nothing"), HasSubstr("libnone9")))));
  static const Late<void()> other(library, "not_of_zlib");
  EXPECT_THAT([] { other(); },
              ::testing::Throws<RuntimeError>(Property(&RuntimeError::what, HasSubstr("not_of_zlib"))));
}

}  // namespace
}  // namespace keras::support
