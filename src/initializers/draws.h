// Random arrays for initial weights: element i is a function of (stream, i), so they are drawn on all threads.
#pragma once

#include <keras/array.h>

#include <optional>

namespace keras::initializers {

// The stream of a seed, or the next one of the program's (random::seed) when there is none.
std::uint64_t stream_of(const std::optional<std::int64_t>& seed);

// TypeError unless `dtype` is floating. 16-bit floats are rounded from float32.
Array draw_uniform(const Shape& shape, DType dtype, double low, double high, std::uint64_t stream);
Array draw_normal(const Shape& shape, DType dtype, double mean, double stddev, std::uint64_t stream);
Array draw_truncated_normal(const Shape& shape, DType dtype, double mean, double stddev, std::uint64_t stream);

}  // namespace keras::initializers
