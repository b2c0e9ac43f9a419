// Counts what is asked of malloc and its family, on all threads of the process, while it is armed. The family itself is
// defined in count_test.cc: the program's own come before the C library's.
#pragma once

#include <cstddef>

namespace keras::testing {

class Allocations {
 public:
  static void arm();  // counts from 0
  // How many there were; when more than `allowed`, the first one's call stack goes to stderr.
  static std::size_t disarm(std::size_t allowed = 0);
};

}  // namespace keras::testing
