// What the records of structured ops share: dtypes as C++ types, walks over elements, checks with messages, samples.
#pragma once

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "primitives/build.h"
#include "primitives/record.h"
#include "primitives/value.h"
#include "tensor/dispatch.h"

namespace keras::primitives {

inline constexpr int kMaxRank = 32;  // so that loops need no memory of their own

// The types as text: "f32[2,3] and f32[3]".
inline std::string list_types(Types types) {
  std::string out;
  for (std::size_t i = 0; i < types.size(); ++i) {
    out += i == 0 ? "" : i + 1 == types.size() ? " and " : ", ";
    out += types[i].str();
  }
  return out;
}

// ValueError "op: expected; received f32[2,3]. hint".
[[noreturn]] inline void refuse(std::string_view op, std::string_view expected, Types types,
                                std::string_view hint = {}) {
  throw ValueError(
      fmt::format("{}: expected {}; received {}.{}{}", op, expected, list_types(types), hint.empty() ? "" : " ", hint));
}

inline void require_axis(std::string_view op, std::int64_t axis, const ir::Type& x) {
  if (axis >= 0 && axis < x.shape.rank()) return;
  throw ValueError(
      fmt::format("{}: expected an axis in [0, {}) of {}; received axis={}.", op, x.shape.rank(), x.str(), axis));
}
inline void require_rank(std::string_view op, const ir::Type& x) {
  if (x.shape.rank() > kMaxRank) refuse(op, fmt::format("at most {} axes", kMaxRank), {&x, 1});
}

// One of two sizes that must agree: the known one.
inline bool agree(Dim a, Dim b) { return !a.known() || !b.known() || a == b; }
inline Dim meet(Dim a, Dim b) { return a.known() ? a : b; }

// Calls f with a value of the C++ type of a dtype. 16-bit floats never arrive here: they are computed in float.
template <class F>
void visit_real(DType dtype, F f) {
  if (dtype == DType::float64) return f(double{});
  f(float{});
}
template <class F>
void visit_number(DType dtype, F f) {
  dispatch(dtype, [&]<class T>(std::type_identity<T>) {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      f(T{});
    } else {
      visit_real(dtype, f);
    }
  });
}
template <class F>
void visit_all(DType dtype, F f) {
  if (dtype == DType::boolean) return f(bool{});
  visit_number(dtype, f);
}

// What sums of T are kept in.
template <class T>
struct Wide {
  using type = std::conditional_t<std::is_same_v<T, float>, double,
                                  std::conditional_t<std::is_same_v<T, double>, long double, std::uint64_t>>;
};
template <class T>
using Sum = typename Wide<T>::type;

// A shape seen from one axis: outer x n x inner elements.
struct AxisView {
  std::int64_t outer = 1, n = 1, inner = 1;
  AxisView(const Shape& shape, std::int64_t axis) {
    for (int d = 0; d < shape.rank(); ++d) {
      const std::int64_t size = shape[static_cast<std::size_t>(d)].value();
      (d < axis ? outer : d == axis ? n : inner) *= size;
    }
  }
};

// Strides of each axis of a dense array, in elements.
using Strides = std::array<std::int64_t, kMaxRank>;
inline Strides strides_of(const Shape& shape) {
  Strides s{};
  std::int64_t step = 1;
  for (std::size_t d = shape.size(); d-- > 0; step *= shape[d].value()) s[d] = step;
  return s;
}

// Calls f(offset) for each element of a block of `sizes` in row-major order, where axis d moves by strides[d].
template <class F>
void walk(std::span<const std::int64_t> sizes, std::span<const std::int64_t> strides, F f) {
  std::int64_t count = 1, offset = 0;
  for (const std::int64_t s : sizes) count *= s;
  Strides index{};
  for (std::int64_t i = 0; i < count; ++i) {
    f(offset);
    for (std::size_t d = sizes.size(); d-- > 0;) {
      offset += strides[d];
      if (++index[d] < sizes[d]) break;
      offset -= strides[d] * sizes[d];
      index[d] = 0;
    }
  }
}

// The element that an index names, negative ones counting from the end; -1 outside.
template <class I>
std::int64_t place(I index, std::int64_t n) {
  if (index < I(0)) {
    const auto i = static_cast<std::int64_t>(index);
    return i >= -n ? i + n : -1;
  }
  return static_cast<std::uint64_t>(index) < static_cast<std::uint64_t>(n) ? static_cast<std::int64_t>(index) : -1;
}

template <class T>
constexpr bool is_nan(T v) {
  if constexpr (std::is_floating_point_v<T>) return v != v;
  return false;
}

// What stands for an element that is not there.
template <class T>
constexpr T missing() {
  return std::is_floating_point_v<T> ? std::numeric_limits<T>::quiet_NaN() : T(0);
}

template <class T>
const T* input(const ir::ReferenceContext& c, std::size_t i) {
  return static_cast<const T*>(c.in[i]);
}
template <class T>
T* output(const ir::ReferenceContext& c, std::size_t i = 0) {
  return static_cast<T*>(c.out[i]);
}

// The attributes' place in a record.
template <class A>
inline constexpr const ir::AttrsType* attrs_type = &ir::kAttrsType<A>;

// For samples.
inline ir::Type f32(Shape shape) { return {DType::float32, std::move(shape)}; }
inline ir::Type i32(Shape shape) { return {DType::int32, std::move(shape)}; }
inline ir::Type i64(Shape shape) { return {DType::int64, std::move(shape)}; }
inline ir::Type boolean(Shape shape) { return {DType::boolean, std::move(shape)}; }

}  // namespace keras::primitives
