// Random arrays for initial weights.
#include "initializers/draws.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <type_traits>

#include "support/rng.h"
#include "support/threads.h"
#include "tensor/random_stream.h"

namespace keras::initializers {

namespace {

// fn(std::type_identity<T>{}, i) for each element, T being float or double.
template <class Fn>
Array draw(const Shape& shape, DType dtype, Fn&& fn) {
  if (!dtype.is_floating()) {
    throw TypeError(
        fmt::format("A random initializer makes floating point weights, and {} was asked for. Give another "
                    "initializer (zeros, ones, constant) or another dtype.",
                    dtype.name()));
  }
  auto fill = [&]<class T>(std::type_identity<T> type) {
    Array array = Array::empty(shape, dtype_of<T>::value);
    T* values = array.mutable_values<T>().data();
    constexpr std::int64_t kGrain = 4096;
    support::in_pool([&] {
      support::parallel_for(array.size(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) values[i] = static_cast<T>(fn(type, static_cast<std::uint64_t>(i)));
      });
    });
    return array;
  };
  if (dtype == DType::float64) return fill(std::type_identity<double>{});
  Array array = fill(std::type_identity<float>{});
  return dtype == DType::float32 ? array : array.astype(dtype);
}

}  // namespace

std::uint64_t stream_of(const std::optional<std::int64_t>& seed) {
  constexpr std::uint64_t kInitializers = 0x696E6974;
  return seed ? support::stream_key(static_cast<std::uint64_t>(*seed), kInitializers) : next_stream();
}

Array draw_uniform(const Shape& shape, DType dtype, double low, double high, std::uint64_t stream) {
  return draw(shape, dtype, [=]<class T>(std::type_identity<T>, std::uint64_t i) {
    if constexpr (std::is_same_v<T, double>) {
      return support::scaled(support::uniform64_at(stream, 0, i), low, high);
    } else {
      return support::scaled(support::uniform_at(stream, 0, i), static_cast<float>(low), static_cast<float>(high));
    }
  });
}

Array draw_normal(const Shape& shape, DType dtype, double mean, double stddev, std::uint64_t stream) {
  return draw(shape, dtype, [=](auto, std::uint64_t i) { return mean + stddev * support::normal_at(stream, 0, i); });
}

Array draw_truncated_normal(const Shape& shape, DType dtype, double mean, double stddev, std::uint64_t stream) {
  return draw(shape, dtype,
              [=](auto, std::uint64_t i) { return mean + stddev * support::truncated_normal_at(stream, 0, i); });
}

}  // namespace keras::initializers
