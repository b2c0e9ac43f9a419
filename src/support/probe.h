// What this machine can do at most, measured by a small probe: float32 arithmetic and copies of memory.
#pragma once

namespace keras::support {

struct Peak {
  int threads = 1;
  double flops = 0;  // a second: independent multiply-adds in the widest vectors, each counted twice
  double bytes = 0;  // a second, read and written: copies of blocks too large for the caches
};

// On num_threads() threads. The first call for that number measures, for some tens of milliseconds.
Peak peak();

}  // namespace keras::support
