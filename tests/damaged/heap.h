// The bytes that the whole process has from malloc and its family, and the most there were at once. The family itself
// is defined in heap_test.cc. Under sanitizers, which define it themselves, both are 0.
#pragma once

#include <cstddef>

namespace keras::testing {

class Heap {
 public:
  static std::size_t bytes();
  static std::size_t most();  // since the last restart
  static void restart();
};

}  // namespace keras::testing
