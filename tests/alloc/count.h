// Counts what is asked of malloc and its family, on all threads of the process, while it is armed. The family itself is
// defined in count_test.cc: the program's own come before the C library's.
#pragma once

#include <cstddef>

namespace keras::testing {

class Allocations {
 public:
  static void arm();            // counts from 0
  static std::size_t disarm();  // how many there were; if any, the first one's call stack goes to stderr
  static std::size_t disarm_quietly();
};

}  // namespace keras::testing
