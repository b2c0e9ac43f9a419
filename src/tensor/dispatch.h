// From a DType to code over its C++ type, and the conversions between element types.
#pragma once

#include <keras/array.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include "tensor/half.h"

namespace keras {

// fn(std::type_identity<T>{}) with the C++ type of the dtype's elements.
template <class Fn>
decltype(auto) dispatch(DType dtype, Fn&& fn) {
  switch (dtype.kind()) {
    case DType::boolean:
      return fn(std::type_identity<bool>{});
    case DType::uint8:
      return fn(std::type_identity<std::uint8_t>{});
    case DType::uint16:
      return fn(std::type_identity<std::uint16_t>{});
    case DType::uint32:
      return fn(std::type_identity<std::uint32_t>{});
    case DType::uint64:
      return fn(std::type_identity<std::uint64_t>{});
    case DType::int8:
      return fn(std::type_identity<std::int8_t>{});
    case DType::int16:
      return fn(std::type_identity<std::int16_t>{});
    case DType::int32:
      return fn(std::type_identity<std::int32_t>{});
    case DType::int64:
      return fn(std::type_identity<std::int64_t>{});
    case DType::bfloat16:
      return fn(std::type_identity<bfloat16>{});
    case DType::float16:
      return fn(std::type_identity<float16>{});
    case DType::float32:
      return fn(std::type_identity<float>{});
    case DType::float64:
      break;
  }
  return fn(std::type_identity<double>{});
}

template <class T>
inline constexpr bool is_half = std::is_same_v<T, float16> || std::is_same_v<T, bfloat16>;

// One element as another type. To bool: whether it is not zero. Integers wrap as in C++. A real number becomes an
// integer by cutting off its fraction; beyond the range it becomes the range's nearest end, and NaN becomes 0.
template <class To, class From>
constexpr To convert(From value) {
  if constexpr (std::is_same_v<To, From>) {
    return value;
  } else if constexpr (is_half<From>) {
    return convert<To>(to_float(value));
  } else if constexpr (is_half<To>) {
    if constexpr (std::is_same_v<From, float>) {
      return from_float<To>(value);
    } else {
      return from_double<To>(static_cast<double>(value));
    }
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From{};
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    constexpr auto kEnd =
        static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * 2;  // the first beyond: a power of 2
    constexpr auto kLow = static_cast<From>(std::numeric_limits<To>::min());
    if (value != value) return 0;
    if (value >= kEnd) return std::numeric_limits<To>::max();
    if (value <= kLow) return std::numeric_limits<To>::min();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

}  // namespace keras
