// NumPy's constructors of arrays, and concatenate.
#include <fmt/format.h>
#include <keras/array.h>
#include <keras/config.h>
#include <keras/error.h>

#include <cstring>
#include <limits>

#include "support/text.h"
#include "tensor/dispatch.h"
#include "tensor/format.h"

namespace keras {

Array zeros(const Shape& shape, DType dtype) { return Array(shape, dtype); }
Array zeros(const Shape& shape) { return zeros(shape, config::floatx()); }
Array ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }
Array ones(const Shape& shape) { return full(shape, 1); }
Array full(const Shape& shape, double value) { return full(shape, value, config::floatx()); }

Array full(const Shape& shape, double value, DType dtype) {
  Array out = Array::empty(shape, dtype);
  dispatch(dtype, [&]<class T>(std::type_identity<T>) {
    for (T& element : out.mutable_values<T>()) element = convert<T>(value);
  });
  return out;
}

Array eye(std::int64_t rows, std::int64_t columns) {
  if (columns < 0) columns = rows;
  if (rows < 0) throw ValueError(fmt::format("eye: the number of rows must not be negative, received {}.", rows));
  Array out = zeros({rows, columns});
  dispatch(out.dtype(), [&]<class T>(std::type_identity<T>) {
    const auto elements = out.mutable_values<T>();
    for (std::int64_t i = 0; i < std::min(rows, columns); ++i)
      elements[static_cast<std::size_t>(i * columns + i)] = convert<T>(1.0);
  });
  return out;
}

Array linspace(double start, double stop, std::int64_t num) {
  if (num < 0) throw ValueError(fmt::format("linspace: the number of samples must not be negative, received {}.", num));
  Array out = Array::empty({num}, config::floatx());
  const double step = num > 1 ? (stop - start) / static_cast<double>(num - 1) : 0;
  dispatch(out.dtype(), [&]<class T>(std::type_identity<T>) {
    const auto elements = out.mutable_values<T>();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const bool last = i > 0 && i + 1 == elements.size();  // exact, however the steps round
      elements[i] = convert<T>(last ? stop : static_cast<double>(i) * step + start);
    }
  });
  return out;
}

Array arange(std::int64_t stop) { return arange(0, stop); }

Array arange(std::int64_t start, std::int64_t stop, std::int64_t step) {
  if (step == 0) throw ValueError("arange: the step must not be 0.");
  using Limits = std::numeric_limits<std::int32_t>;
  const auto fits = [](std::int64_t v) { return v >= Limits::min() && v <= Limits::max(); };
  if (!fits(start) || !fits(stop) || !fits(step)) {
    throw ValueError(
        fmt::format("arange: its numbers are int32; received start {}, stop {}, step {}.", start, stop, step));
  }
  const std::int64_t span = step > 0 ? stop - start : start - stop, size = step > 0 ? step : -step;
  Array out = Array::empty({span > 0 ? (span - 1) / size + 1 : 0}, DType::int32);
  std::int64_t value = start;
  for (std::int32_t& element : out.mutable_values<std::int32_t>()) {
    element = static_cast<std::int32_t>(value);
    value += step;
  }
  return out;
}

Array concatenate(std::span<const Array> arrays, int axis) {
  if (arrays.empty()) throw ValueError("concatenate: there are no arrays; give at least one.");
  const Array& first = arrays[0];
  const int a = axis < 0 ? axis + first.ndim() : axis;
  if (a < 0 || a >= first.ndim()) {
    throw ValueError(fmt::format("concatenate: axis {} of arrays of {} dimensions.", axis, first.ndim()));
  }
  const auto place = static_cast<std::size_t>(a);
  DType dtype = first.dtype();
  Shape shape = first.shape();
  shape[place] = 0;
  for (const Array& array : arrays) {
    dtype = result_type(dtype, array.dtype());
    const Dim total = array.ndim() == first.ndim() ? shape[place] + array.shape()[place] : Dim();
    shape[place] = array.ndim() == first.ndim() ? array.shape()[place] : Dim();
    if (shape != array.shape()) {
      throw ValueError(fmt::format("concatenate: the shapes {} and {} differ in more than axis {}.", first.shape(),
                                   array.shape(), axis));
    }
    shape[place] = total;
  }
  Array out = Array::empty(shape, dtype);
  const auto bytes = [&](std::int64_t elements) { return static_cast<std::size_t>(elements) * dtype.size(); };
  const std::int64_t inner = shape.slice(a + 1).elements(), outer = shape.slice(0, a).elements();
  const std::size_t row = bytes(shape[place].value() * inner);
  char* to = static_cast<char*>(out.mutable_data());
  for (const Array& given : arrays) {
    const Array array = given.astype(dtype);
    const std::size_t part = bytes(array.shape()[place].value() * inner);
    const char* from = static_cast<const char*>(array.data());
    for (std::int64_t i = 0; i < outer && part > 0; ++i) {
      std::memcpy(to + static_cast<std::size_t>(i) * row, from + static_cast<std::size_t>(i) * part, part);
    }
    to += part;
  }
  return out;
}

}  // namespace keras
