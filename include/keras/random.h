// keras::random: the seed that governs initial weights, shuffling and dropout, and NumPy-like draws.
#pragma once

#include <keras/array.h>

namespace keras {

struct NormalArgs {
  double mean = 0;
  double stddev = 1;
};
struct UniformArgs {
  double minval = 0;
  double maxval = 1;
};

// Every draw comes from one counter-based stream (Philox 4x32-10; Salmon et al., 2011): the same seed gives the same
// numbers on every machine. Without a call to seed() the program starts from a seed of the operating system's.
// Thread-safe; threads that draw at once share the stream, so their order is theirs to fix.
namespace random {
KERAS_API void seed(std::uint64_t seed);
KERAS_API Array normal(const Shape& shape, NormalArgs args = {});
KERAS_API Array uniform(const Shape& shape, UniformArgs args = {});
KERAS_API Array truncated_normal(const Shape& shape, NormalArgs args = {});             // redrawn beyond 2 stddev
KERAS_API Array randint(const Shape& shape, std::int64_t minval, std::int64_t maxval);  // int32 in [minval, maxval)
KERAS_API Array shuffle(const Array& array);  // a copy with the first axis in random order
KERAS_API Array permutation(std::int64_t n);  // int64
}  // namespace random

}  // namespace keras
