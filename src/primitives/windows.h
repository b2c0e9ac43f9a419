// Windows that slide along one to three spatial axes: what convolution and pooling share. Arrays are [batch, space…,
// channels].
#pragma once

#include "primitives/common.h"

namespace keras::primitives {

// One number for each of three spatial axes. Where there are fewer, the leading ones have size 1.
using Space = std::array<std::int64_t, 3>;

inline Space space_of(const Ints& values, std::int64_t missing) {
  Space out{missing, missing, missing};
  std::ranges::copy(values, out.end() - static_cast<std::ptrdiff_t>(values.size()));
  return out;
}
// The axes of a shape but the first `front` and the last `back`.
inline Space space_of(const Shape& shape, std::size_t front = 1, std::size_t back = 1) {
  Space out{1, 1, 1};
  for (std::size_t d = shape.size() - back, to = 3; d-- > front;) out[--to] = shape[d].value();
  return out;
}
inline Ints sizes_between(const Shape& shape, std::size_t front, std::size_t back) {
  Ints out;
  for (std::size_t d = front; d + back < shape.size(); ++d) out.push_back(shape[d].value());
  return out;
}

// Calls f(place) for each place in row-major order.
template <class F>
void each(const Space& sizes, F f) {
  Space at{};
  for (at[0] = 0; at[0] < sizes[0]; ++at[0]) {
    for (at[1] = 0; at[1] < sizes[1]; ++at[1]) {
      for (at[2] = 0; at[2] < sizes[2]; ++at[2]) f(std::as_const(at));
    }
  }
}
inline std::int64_t offset(const Space& at, const Space& sizes) {
  return (at[0] * sizes[1] + at[1]) * sizes[2] + at[2];
}
inline std::int64_t count(const Space& sizes) { return sizes[0] * sizes[1] * sizes[2]; }

struct Windows {
  Space in, out, window, strides, dilations, before;

  // The place in x of element k of the window at q; false in the padding.
  bool forward(const Space& q, const Space& k, Space& p) const {
    for (std::size_t d = 0; d < 3; ++d) {
      p[d] = q[d] * strides[d] - before[d] + k[d] * dilations[d];
      if (p[d] < 0 || p[d] >= in[d]) return false;
    }
    return true;
  }
  // The window whose element k is place p of x; false if there is none.
  bool backward(const Space& p, const Space& k, Space& q) const {
    for (std::size_t d = 0; d < 3; ++d) {
      const std::int64_t start = p[d] + before[d] - k[d] * dilations[d];
      if (start < 0 || start % strides[d] != 0) return false;
      q[d] = start / strides[d];
      if (q[d] >= out[d]) return false;
    }
    return true;
  }
};

// How many elements a window of this size spans.
inline std::int64_t extent(std::int64_t window, std::int64_t dilation) {
  return window < 1 ? 1 : (Dim(window - 1) * Dim(dilation) + Dim(1)).value();
}

// How many windows have their place along an axis; None where a size is unknown. ValueError when not one fits.
inline Dim windows_along(std::string_view op, std::size_t axis, Dim in, Dim window, std::int64_t stride,
                         std::int64_t dilation, std::int64_t before, std::int64_t after) {
  if (!in.known() || !window.known()) return {};
  const std::int64_t covered = extent(window.value(), dilation), room = (in + Dim(before) + Dim(after)).value();
  if (window.value() < 1 || covered > room) {
    throw ValueError(fmt::format(
        "{}: expected a window of 1 to {} elements along spatial axis {} (size {} with padding {} and {}); received a "
        "window of size {} and dilation {}, which covers {}. Use a smaller window, larger inputs or padding \"same\".",
        op, room, axis, in.value(), before, after, window.value(), dilation, covered));
  }
  return (room - covered) / stride + 1;
}

// ValueError unless `values` has one number for each spatial axis, each at least `low`.
inline void require_space(std::string_view op, std::string_view what, const Ints& values, std::size_t spatial,
                          std::int64_t low) {
  if (values.size() == spatial && std::ranges::all_of(values, [&](std::int64_t v) { return v >= low; })) return;
  throw ValueError(
      fmt::format("{}: expected {} to be {} numbers, one for each spatial axis, each at least {}; received [{}].", op,
                  what, spatial, low, fmt::join(values, ",")));
}

}  // namespace keras::primitives
