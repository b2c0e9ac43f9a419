// Array: dense numbers in memory, as NumPy's ndarray.
#pragma once

#include <keras/api.h>
#include <keras/dtype.h>
#include <keras/shape.h>

#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace keras {

template <class T>
struct dtype_of;  // dtype_of<float>::value == DType::float32
#define KERAS_DTYPE_OF(T, K)                       \
  template <>                                      \
  struct dtype_of<T> {                             \
    static constexpr DType::Kind value = DType::K; \
  };
KERAS_DTYPE_OF(bool, boolean)
KERAS_DTYPE_OF(std::uint8_t, uint8)
KERAS_DTYPE_OF(std::uint16_t, uint16)
KERAS_DTYPE_OF(std::uint32_t, uint32)
KERAS_DTYPE_OF(std::uint64_t, uint64)
KERAS_DTYPE_OF(std::int8_t, int8)
KERAS_DTYPE_OF(std::int16_t, int16)
KERAS_DTYPE_OF(std::int32_t, int32)
KERAS_DTYPE_OF(std::int64_t, int64)
KERAS_DTYPE_OF(bfloat16, bfloat16)
KERAS_DTYPE_OF(float16, float16)
KERAS_DTYPE_OF(float, float32)
KERAS_DTYPE_OF(double, float64)
#undef KERAS_DTYPE_OF

// A dense, row-major block of numbers with a shape. A value: writing to one Array never changes another (copies share
// memory until one of them is written to). Slices along the first axis and reshapes do not copy.
// Const members are safe to call from many threads; writing is not.
class KERAS_API Array {
 public:
  // A number in a braced list. A class of its own, so that {{1.}, {2.}} can only mean two rows.
  class Number {
   public:
    template <class T>
    requires std::is_arithmetic_v<T>
    constexpr Number(T value) : value_(static_cast<double>(value)) {}
    constexpr operator double() const { return value_; }

   private:
    double value_;
  };

  Array();  // shape (0,), float32
  // From numbers of any C++ type: Array({1.f, 2.f}), Array({{1., 2.}, {3., 4.}}), Array({{1}, {2}}). The dtype is
  // floatx.
  Array(std::initializer_list<Number> values);
  Array(std::initializer_list<std::initializer_list<Number>> rows) : Array(rows_of(rows)) {}
  template <class T>
  requires std::is_arithmetic_v<T> Array(std::initializer_list<std::initializer_list<T>> rows) : Array(rows_of(rows)) {}
  explicit Array(Shape shape, DType dtype = DType::float32);  // zeros
  template <class T>
  Array(const std::vector<T>& values, const Shape& shape)
      : Array(values.data(), values.size(), shape, dtype_of<T>::value) {}
  template <class T>
  explicit Array(const std::vector<T>& values) : Array(values, Shape{static_cast<std::int64_t>(values.size())}) {}
  explicit Array(const std::vector<std::vector<double>>& rows);
  Array(const Array&) = default;
  Array& operator=(const Array&) = default;
  Array(Array&& other) noexcept : Array(Raw{}) { swap(other); }  // the other is left without elements
  Array& operator=(Array&& other) noexcept {
    Array taken(static_cast<Array&&>(other));
    swap(taken);
    return *this;
  }
  ~Array() = default;
  static Array empty(const Shape& shape, DType dtype = DType::float32);  // NumPy's empty: the elements are not set
  static Array scalar(double value, DType dtype = DType::float32);
  static Array scalar_int(std::int64_t value, DType dtype = DType::int32);
  // A view of memory that the caller keeps alive and unchanged for as long as the Array or a copy of it is in use;
  // with an owner, the Array keeps the owner alive instead.
  static Array view(const void* data, Shape shape, DType dtype, std::shared_ptr<const void> owner = {});
  template <class T>
  static Array view(std::span<const T> data, Shape shape) {
    return view(data.data(), static_cast<Shape&&>(shape), dtype_of<T>::value);
  }

  const Shape& shape() const { return shape_; }
  std::int64_t shape(int axis) const;  // negative counts from the end
  int ndim() const { return shape_.rank(); }
  DType dtype() const { return dtype_; }
  std::int64_t size() const { return size_; }  // elements
  std::size_t nbytes() const { return static_cast<std::size_t>(size_) * dtype_.size(); }
  std::int64_t length() const;  // of the first axis; TypeError for a scalar

  // The elements. TypeError when T is not the dtype.
  template <class T>
  std::span<const T> values() const {
    require(dtype_of<T>::value);
    return {static_cast<const T*>(data()), static_cast<std::size_t>(size_)};
  }
  template <class T>
  std::span<T> mutable_values() {
    require(dtype_of<T>::value);
    return {static_cast<T*>(mutable_data()), static_cast<std::size_t>(size_)};
  }
  const void* data() const { return data_; }
  void* mutable_data();  // makes the memory this Array's own first

  double item() const;                                         // the only element; ValueError when there are more
  double at(std::initializer_list<std::int64_t> index) const;  // IndexError as ValueError; negative counts from the end
  void set(std::initializer_list<std::int64_t> index, double value);
  Array operator[](std::int64_t index) const;  // along the first axis
  // Rows [begin, end) along an axis, with NumPy's meaning of negative and large numbers. Axis 0 shares memory.
  Array slice(std::int64_t begin, std::int64_t end = INT64_MAX, int axis = 0) const;
  Array take(std::span<const std::int64_t> rows) const;  // rows of the first axis, copied
  Array reshape(const Shape& shape) const;               // one None (-1) is inferred; shares memory
  Array flatten() const { return reshape({-1}); }
  Array astype(DType dtype) const;  // real to integer truncates; beyond the range: its nearest end; NaN: 0
  Array transpose() const;          // axes reversed, copied
  Array copy() const;               // owns its memory

  std::string str() const;  // as NumPy prints
  friend KERAS_API std::ostream& operator<<(std::ostream& out, const Array& array);
  friend KERAS_API bool identical(const Array& a, const Array& b);  // same dtype, shape and bytes

 private:
  struct Raw {};
  explicit Array(Raw) {}
  void swap(Array& other) noexcept {
    std::swap(shape_, other.shape_);
    std::swap(dtype_, other.dtype_);
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
    std::swap(owner_, other.owner_);
    std::swap(owned_, other.owned_);
  }
  void require(DType::Kind kind) const;
  Array(const void* values, std::size_t count, const Shape& shape, DType dtype);
  template <class T>
  static std::vector<std::vector<double>> rows_of(std::initializer_list<std::initializer_list<T>> rows) {
    std::vector<std::vector<double>> numbers;
    for (const auto& row : rows) {
      auto& last = numbers.emplace_back();
      for (T value : row) last.push_back(static_cast<double>(value));
    }
    return numbers;
  }
  Shape shape_;
  DType dtype_;
  std::int64_t size_ = 0;
  void* data_ = nullptr;
  std::shared_ptr<const void> owner_;  // of the memory; use_count 1 and owned_ means it may be written in place
  bool owned_ = false;
};

KERAS_API bool identical(const Array& a, const Array& b);

// NumPy's constructors; the dtype is floatx unless given (arange of integers: int32).
KERAS_API Array zeros(const Shape& shape, DType dtype);
KERAS_API Array zeros(const Shape& shape);
KERAS_API Array ones(const Shape& shape, DType dtype);
KERAS_API Array ones(const Shape& shape);
KERAS_API Array full(const Shape& shape, double value);
KERAS_API Array full(const Shape& shape, double value, DType dtype);
KERAS_API Array eye(std::int64_t rows, std::int64_t columns = -1);
KERAS_API Array linspace(double start, double stop, std::int64_t num = 50);  // both ends included
KERAS_API Array arange(std::int64_t stop);
KERAS_API Array arange(std::int64_t start, std::int64_t stop, std::int64_t step = 1);
KERAS_API Array concatenate(std::span<const Array> arrays, int axis = 0);

// NumPy's files. Reading takes C-ordered and Fortran-ordered arrays of either byte order; IOError says what is wrong
// with a file. Writing goes to a temporary file that is renamed at the end, so that a failure leaves the old file
// whole.
using NamedArrays = std::vector<std::pair<std::string, Array>>;
struct LoadNpyArgs {
  // "r" or "c": the Array is a view of the file, which is read where it is touched and which nobody may change
  // meanwhile; writing to the Array copies it first. ValueError where the file has another order of bytes or axes than
  // memory has, NotImplementedError for NumPy's "r+" and "w+", which write into the file.
  std::optional<std::string> mmap_mode = {};
};
KERAS_API Array load_npy(const std::string& path, LoadNpyArgs args = {});
KERAS_API void save_npy(const std::string& path, const Array& array);
KERAS_API std::map<std::string, Array> load_npz(const std::string& path);
KERAS_API void save_npz(const std::string& path, const NamedArrays& arrays, bool compressed = false);

}  // namespace keras
