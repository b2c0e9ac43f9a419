// The one seed of the program and the streams drawn from it (keras::random::seed): for eager draws, initial weights,
// shuffling, dropout. Thread-safe.
#pragma once

#include <cstdint>

namespace keras {

std::uint64_t seed_value();   // the seed now; the operating system's until random::seed was called
std::uint64_t next_stream();  // a stream that no one else has: a function of the seed and how many were taken since

// While it lives, next_stream() on this thread gives functions of `stream` and of how many were taken since: for work
// that is spread over threads and must not depend on their order.
class StreamScope {
 public:
  explicit StreamScope(std::uint64_t stream);
  ~StreamScope();
  StreamScope(const StreamScope&) = delete;
  StreamScope& operator=(const StreamScope&) = delete;

 private:
  friend std::uint64_t next_stream();
  const std::uint64_t stream_;
  std::uint64_t taken_ = 0;
  StreamScope* const before_;
};

// Where the streams are, to go on from there in another process.
struct RandomState {
  std::uint64_t seed = 0, taken = 0;
};
RandomState random_state();
void set_random_state(const RandomState& state);

}  // namespace keras
