// Array: its memory (64-byte aligned, shared until written to), its elements, and views of it.
#include <fmt/format.h>
#include <keras/array.h>
#include <keras/config.h>
#include <keras/error.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ostream>

#include "support/threads.h"
#include "tensor/dispatch.h"
#include "tensor/format.h"

namespace keras {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::int64_t kGrain = 1 << 16;  // elements that one thread converts

std::shared_ptr<void> allocate(std::size_t bytes, const Shape& shape, DType dtype) {
  const std::size_t rounded = (std::max<std::size_t>(bytes, 1) + kAlignment - 1) / kAlignment * kAlignment;
  constexpr std::size_t kMost = std::size_t{1} << 46;  // what a process can address at all
  void* memory = bytes < kMost ? std::aligned_alloc(kAlignment, rounded) : nullptr;
  if (!memory) {
    throw RuntimeError(fmt::format("There is no memory for an array of shape {} and dtype {}: {} bytes were asked for.",
                                   shape, dtype, bytes));
  }
  return {memory, std::free};
}

int axis_of(int axis, int rank, const char* where) {
  const int found = axis < 0 ? axis + rank : axis;
  if (found < 0 || found >= rank) {
    throw ValueError(fmt::format("{}: axis {} of an array of {} dimensions; expected one in [{}, {}).", where, axis,
                                 rank, -rank, rank));
  }
  return found;
}

std::int64_t row_of(std::int64_t index, std::int64_t length, const char* where, int axis = 0) {
  const std::int64_t found = index < 0 ? index + length : index;
  if (found < 0 || found >= length) {
    throw ValueError(fmt::format("{}: index {} is out of range for axis {} of size {}.", where, index, axis, length));
  }
  return found;
}

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = step;
    step *= shape[i].value();
  }
  return strides;
}

// Writes in order, reads with the first axis moving fastest.
template <class T>
void transpose_into(const T* from, T* to, std::int64_t count, const std::vector<std::int64_t>& sizes,
                    const std::vector<std::int64_t>& strides) {
  std::vector<std::int64_t> index(sizes.size(), 0);
  for (std::int64_t offset = 0, done = 0; done < count; ++done) {
    to[done] = from[offset];
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
      offset += strides[axis];
      if (++index[axis] < sizes[axis]) break;
      offset -= sizes[axis] * strides[axis];
      index[axis] = 0;
    }
  }
}

std::int64_t offset_of(std::initializer_list<std::int64_t> index, const Shape& shape, const char* where) {
  if (index.size() != shape.size()) {
    throw ValueError(fmt::format("{}: {} indices for an array of shape {}; give one for each of its {} axes.", where,
                                 index.size(), shape, shape.size()));
  }
  std::int64_t offset = 0;
  int axis = 0;
  for (const std::int64_t i : index) {
    const std::int64_t size = shape[static_cast<std::size_t>(axis)].value();
    offset = offset * size + row_of(i, size, where, axis);
    ++axis;
  }
  return offset;
}

}  // namespace

Array::Array() : shape_{0} {}

Array::Array(std::initializer_list<Number> values)
    : Array(empty({static_cast<std::int64_t>(values.size())}, config::floatx())) {
  dispatch(dtype_, [&]<class T>(std::type_identity<T>) {
    std::transform(values.begin(), values.end(), static_cast<T*>(data_), [](double v) { return convert<T>(v); });
  });
}

Array::Array(const std::vector<std::vector<double>>& rows) {
  const std::size_t width = rows.empty() ? 0 : rows[0].size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != width) {
      throw ValueError(fmt::format("Array: the rows differ in length: row 0 has {} numbers, row {} has {}.", width, i,
                                   rows[i].size()));
    }
  }
  *this = empty({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(width)}, config::floatx());
  dispatch(dtype_, [&]<class T>(std::type_identity<T>) {
    T* out = static_cast<T*>(data_);
    for (const auto& row : rows)
      out = std::transform(row.begin(), row.end(), out, [](double v) { return convert<T>(v); });
  });
}

Array::Array(Shape shape, DType dtype) : Array(empty(shape, dtype)) { std::memset(data_, 0, nbytes()); }

Array::Array(const void* values, std::size_t count, const Shape& shape, DType dtype) {
  if (shape.elements() != static_cast<std::int64_t>(count)) {
    throw ValueError(fmt::format("Array: {} values do not fill the shape {}, which has {} elements.", count, shape,
                                 shape.elements()));
  }
  *this = empty(shape, dtype);
  if (count > 0) std::memcpy(data_, values, nbytes());
}

Array Array::empty(const Shape& shape, DType dtype) {
  Array out = view(nullptr, shape, dtype);
  auto memory = allocate(out.nbytes(), shape, dtype);
  out.data_ = memory.get();
  out.owner_ = std::move(memory);
  out.owned_ = true;
  return out;
}

Array Array::scalar(double value, DType dtype) {
  Array out = empty({}, dtype);
  dispatch(dtype, [&]<class T>(std::type_identity<T>) { *static_cast<T*>(out.data_) = convert<T>(value); });
  return out;
}

Array Array::scalar_int(std::int64_t value, DType dtype) {
  Array out = empty({}, dtype);
  dispatch(dtype, [&]<class T>(std::type_identity<T>) { *static_cast<T*>(out.data_) = convert<T>(value); });
  return out;
}

Array Array::view(const void* data, Shape shape, DType dtype, std::shared_ptr<const void> owner) {
  Array out(Raw{});
  out.size_ = shape.elements();
  out.shape_ = std::move(shape);
  out.dtype_ = dtype;
  out.data_ = const_cast<void*>(data);  // owned_ is false: nothing writes through it
  out.owner_ = std::move(owner);
  return out;
}

std::int64_t Array::shape(int axis) const {
  return shape_[static_cast<std::size_t>(axis_of(axis, ndim(), "Array::shape"))].value();
}

std::int64_t Array::length() const {
  if (ndim() == 0) throw TypeError("Array::length: a scalar (an array of shape ()) has no length.");
  return shape_[0].value();
}

void Array::require(DType::Kind kind) const {
  if (dtype_ == kind) return;
  throw TypeError(
      fmt::format("The elements of an array of dtype {} are asked for as {}. Convert them first: "
                  "array.astype(\"{}\").",
                  dtype_, DType(kind), DType(kind)));
}

void* Array::mutable_data() {
  if (!owned_ || owner_.use_count() != 1) {
    *this = copy();
  } else {
    // Counting up and down again orders our writes after the last reads of a copy that another thread has just let go.
    const auto orders = owner_;
  }
  return data_;
}

double Array::item() const {
  if (size_ != 1) {
    throw ValueError(
        fmt::format("Array::item: only an array of one element is a number; this one has shape {}.", shape_));
  }
  return dispatch(dtype_,
                  [&]<class T>(std::type_identity<T>) { return convert<double>(*static_cast<const T*>(data_)); });
}

double Array::at(std::initializer_list<std::int64_t> index) const {
  const std::int64_t offset = offset_of(index, shape_, "Array::at");
  return dispatch(
      dtype_, [&]<class T>(std::type_identity<T>) { return convert<double>(static_cast<const T*>(data_)[offset]); });
}

void Array::set(std::initializer_list<std::int64_t> index, double value) {
  const std::int64_t offset = offset_of(index, shape_, "Array::set");
  void* data = mutable_data();
  dispatch(dtype_, [&]<class T>(std::type_identity<T>) { static_cast<T*>(data)[offset] = convert<T>(value); });
}

Array Array::operator[](std::int64_t index) const {
  const std::int64_t row = row_of(index, length(), "Array::operator[]");
  Array out = slice(row, row + 1);
  out.shape_ = shape_.slice(1);
  return out;
}

Array Array::slice(std::int64_t begin, std::int64_t end, int axis) const {
  if (ndim() == 0) throw TypeError("Array::slice: a scalar (an array of shape ()) has no rows.");
  const auto a = static_cast<std::size_t>(axis_of(axis, ndim(), "Array::slice"));
  const std::int64_t size = shape_[a].value();
  const auto place = [size](std::int64_t i) { return i < 0 ? std::max<std::int64_t>(i + size, 0) : std::min(i, size); };
  const std::int64_t first = place(begin), count = std::max<std::int64_t>(place(end) - first, 0);
  Shape shape = shape_;
  shape[a] = count;
  const std::size_t inner = static_cast<std::size_t>(shape_.slice(static_cast<int>(a) + 1).elements()) * dtype_.size();
  const char* from = static_cast<const char*>(data_) + static_cast<std::size_t>(first) * inner;
  if (a == 0) {
    Array out = *this;
    out.size_ = shape.elements();
    out.shape_ = std::move(shape);
    if (count > 0) out.data_ = const_cast<char*>(from);
    return out;
  }
  Array out = empty(shape, dtype_);
  char* to = static_cast<char*>(out.data_);
  const std::size_t bytes = static_cast<std::size_t>(count) * inner, step = static_cast<std::size_t>(size) * inner;
  for (std::int64_t i = 0, n = shape.slice(0, static_cast<int>(a)).elements(); i < n && bytes > 0; ++i) {
    std::memcpy(to, from, bytes);
    to += bytes;
    from += step;
  }
  return out;
}

Array Array::take(std::span<const std::int64_t> rows) const {
  const std::int64_t count = length();
  Shape shape = shape_;
  shape[0] = static_cast<std::int64_t>(rows.size());
  Array out = empty(shape, dtype_);
  const std::size_t bytes = static_cast<std::size_t>(shape_.slice(1).elements()) * dtype_.size();
  char* to = static_cast<char*>(out.data_);
  for (const std::int64_t row : rows) {
    const std::int64_t from = row_of(row, count, "Array::take");
    std::memcpy(to, static_cast<const char*>(data_) + static_cast<std::size_t>(from) * bytes, bytes);
    to += bytes;
  }
  return out;
}

Array Array::reshape(const Shape& shape) const {
  Shape full = shape;
  const auto refuse = [&] {
    return ValueError(fmt::format("Array::reshape: an array of shape {} ({} elements) does not fit the shape {}.",
                                  shape_, size_, shape));
  };
  std::int64_t known = 1;
  int unknown = -1;
  for (std::size_t i = 0; i < full.size(); ++i) {
    if (full[i].known()) {
      if (__builtin_mul_overflow(known, full[i].value(), &known)) throw refuse();
    } else if (unknown >= 0) {
      throw ValueError(fmt::format("Array::reshape: only one size can be left open (-1 or None); received {}.", shape));
    } else {
      unknown = static_cast<int>(i);
    }
  }
  if (unknown >= 0) {
    if (known == 0 || size_ % known != 0) throw refuse();
    full[static_cast<std::size_t>(unknown)] = size_ / known;
  } else if (known != size_) {
    throw refuse();
  }
  Array out = *this;
  out.shape_ = std::move(full);
  return out;
}

Array Array::astype(DType dtype) const {
  if (dtype == dtype_) return *this;
  Array out = empty(shape_, dtype);
  dispatch(dtype_, [&]<class From>(std::type_identity<From>) {
    dispatch(dtype, [&]<class To>(std::type_identity<To>) {
      const auto* from = static_cast<const From*>(data_);
      auto* to = static_cast<To*>(out.data_);
      support::parallel_for_in_pool(size_, kGrain, [=](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) to[i] = convert<To>(from[i]);
      });
    });
  });
  return out;
}

Array Array::transpose() const {
  if (ndim() < 2 || size_ == 0) {
    std::vector<Dim> reversed(shape_.begin(), shape_.end());
    std::reverse(reversed.begin(), reversed.end());
    Array out = *this;
    out.shape_ = Shape(std::move(reversed));
    return out;
  }
  const auto sizes = shape_.sizes();
  Array out = empty(Shape(std::vector<std::int64_t>(sizes.rbegin(), sizes.rend())), dtype_);
  dispatch(dtype_, [&]<class T>(std::type_identity<T>) {
    transpose_into(static_cast<const T*>(data_), static_cast<T*>(out.data_), size_, sizes, strides_of(shape_));
  });
  return out;
}

Array Array::copy() const {
  Array out = empty(shape_, dtype_);
  if (size_ > 0) std::memcpy(out.data_, data_, nbytes());
  return out;
}

std::ostream& operator<<(std::ostream& out, const Array& array) { return out << array.str(); }

bool identical(const Array& a, const Array& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         (a.nbytes() == 0 || a.data() == b.data() || std::memcmp(a.data(), b.data(), a.nbytes()) == 0);
}

}  // namespace keras
