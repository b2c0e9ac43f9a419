// Dim, Shape and Ints: sizes. A Dim may be unknown, which Keras writes None.
#pragma once

#include <keras/api.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace keras {

// One size: a number of up to kMost, or None (unknown). Arithmetic with None gives None. Beyond kMost, which is more
// than any memory holds, making one and arithmetic throw ValueError: sums and products of sizes are made of Dims for
// that.
class KERAS_API Dim {
 public:
  static constexpr std::int64_t kMost = std::int64_t{1} << 46;
  constexpr Dim() = default;
  constexpr Dim(std::int64_t size) : size_(size < 0 ? -1 : size <= kMost ? size : too_large(size)) {}
  constexpr bool known() const { return size_ >= 0; }
  std::int64_t value() const { return size_ >= 0 ? size_ : unknown(); }  // throws ValueError for None
  constexpr std::int64_t raw() const { return size_; }                   // -1 for None
  friend constexpr bool operator==(Dim a, Dim b) { return a.size_ == b.size_; }
  friend constexpr Dim operator*(Dim a, Dim b) {
    if (!a.known() || !b.known()) return Dim();
    return b.size_ == 0 || a.size_ <= kMost / b.size_ ? Dim(a.size_ * b.size_) : Dim(too_large(a.size_, b.size_));
  }
  friend constexpr Dim operator+(Dim a, Dim b) { return a.known() && b.known() ? Dim(a.size_ + b.size_) : Dim(); }

 private:
  [[noreturn]] static std::int64_t unknown();
  [[noreturn]] static std::int64_t too_large(std::int64_t size, std::int64_t times = 1);
  std::int64_t size_ = -1;
};
inline constexpr Dim None{};

// The shape of an array or tensor, of at most 8 axes, held in place. Prints as Keras prints it: (None, 784).
class KERAS_API Shape {
 public:
  static constexpr std::size_t kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<Dim> dims) : Shape(dims.begin(), dims.end()) {}
  explicit Shape(const std::vector<Dim>& dims) : Shape(dims.data(), dims.data() + dims.size()) {}
  explicit Shape(const std::vector<std::int64_t>& sizes) : Shape(sizes.data(), sizes.data() + sizes.size()) {}
  template <class T>
  Shape(const T* begin, const T* end) {
    for (; begin != end; ++begin) push_back(*begin);
  }

  int rank() const { return rank_; }
  std::size_t size() const { return static_cast<std::size_t>(rank_); }
  bool empty() const { return rank_ == 0; }
  const Dim& operator[](std::size_t axis) const { return dims_[axis]; }
  Dim& operator[](std::size_t axis) { return dims_[axis]; }
  const Dim& front() const { return dims_[0]; }
  const Dim& back() const { return dims_[size() - 1]; }
  const Dim* begin() const { return dims_; }
  const Dim* end() const { return dims_ + rank_; }
  Dim* begin() { return dims_; }
  Dim* end() { return dims_ + rank_; }
  void push_back(Dim dim) {
    if (size() == kMaxRank) too_many_axes();
    dims_[rank_++] = dim;
  }

  bool known() const;                               // no dimension is None
  std::int64_t elements() const;                    // product of the dimensions; ValueError if one is None
  std::vector<std::int64_t> sizes() const;          // ValueError if a dimension is None
  Shape slice(int begin, int end = 1 << 30) const;  // the dimensions [begin, end); negative counts from the end
  Shape with_front(Dim dim) const;                  // (dim, *this)
  std::string str() const;                          // "(None, 784)", "(3,)", "()"

  friend bool operator==(const Shape& a, const Shape& b) {
    if (a.rank_ != b.rank_) return false;
    for (int i = 0; i < a.rank_; ++i) {
      if (!(a.dims_[i] == b.dims_[i])) return false;
    }
    return true;
  }
  friend KERAS_API std::ostream& operator<<(std::ostream& out, const Shape& shape);

 private:
  [[noreturn]] static void too_many_axes();
  Dim dims_[kMaxRank];
  int rank_ = 0;
};

// N sizes given as one number for all or as a list: `3` or `{3, 3}`.
template <int N>
class Ints {
 public:
  constexpr Ints(std::int64_t all = 1) {
    for (auto& v : values_) v = all;
  }
  constexpr Ints(std::int64_t a, std::int64_t b) requires(N == 2) : values_{a, b} {}
  constexpr Ints(std::int64_t a, std::int64_t b, std::int64_t c) requires(N == 3) : values_{a, b, c} {}
  constexpr std::int64_t operator[](std::size_t i) const { return values_[i]; }
  constexpr const std::int64_t* begin() const { return values_; }
  constexpr const std::int64_t* end() const { return values_ + N; }
  friend constexpr bool operator==(const Ints&, const Ints&) = default;

 private:
  std::int64_t values_[N] = {};
};

// Ints that need not be given; std::optional<Ints<2>> would not take `{3, 3}`.
template <int N>
class MaybeInts : public std::optional<Ints<N>> {
 public:
  constexpr MaybeInts() = default;
  constexpr MaybeInts(std::nullopt_t) {}
  constexpr MaybeInts(std::int64_t all) : std::optional<Ints<N>>(Ints<N>(all)) {}
  constexpr MaybeInts(std::int64_t a, std::int64_t b) requires(N == 2) : std::optional<Ints<N>>(Ints<N>(a, b)) {}
  constexpr MaybeInts(std::int64_t a, std::int64_t b, std::int64_t c) requires(N == 3)
      : std::optional<Ints<N>>(Ints<N>(a, b, c)) {}
  constexpr MaybeInts(const Ints<N>& values) : std::optional<Ints<N>>(values) {}
};

}  // namespace keras
