// Shapes: products, slices and their text.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/shape.h>

#include <algorithm>
#include <limits>
#include <ostream>

#include "tensor/format.h"

namespace keras {

std::int64_t Dim::unknown() {
  throw ValueError("A size is asked for, but it is None: it is known only once a batch of data is given.");
}

std::int64_t Dim::too_large(std::int64_t size, std::int64_t times) {
  throw ValueError(fmt::format("A size of {}{} is more than any memory holds: a size is at most {}.", size,
                               times == 1 ? "" : fmt::format(" x {}", times), kMost));
}

void Shape::too_many_axes() { throw ValueError(fmt::format("A shape has at most {} axes.", kMaxRank)); }

bool Shape::known() const {
  return std::all_of(begin(), end(), [](Dim d) { return d.known(); });
}

std::int64_t Shape::elements() const {
  std::int64_t product = 1;  // of the sizes that are not 0: with one that is, the others must still not overflow
  bool overflow = false, none = false;
  for (const Dim dim : *this) {
    if (!dim.known()) throw ValueError(fmt::format("The number of elements of shape {} is not known.", *this));
    none |= dim.raw() == 0;
    overflow |= dim.raw() != 0 && __builtin_mul_overflow(product, dim.raw(), &product);
  }
  if (overflow || product > std::numeric_limits<std::int64_t>::max() / 8) {
    throw ValueError(fmt::format("Shape {} has more elements than any memory holds.", *this));
  }
  return none ? 0 : product;
}

std::vector<std::int64_t> Shape::sizes() const {
  std::vector<std::int64_t> out;
  out.reserve(size());
  for (const Dim dim : *this) {
    if (!dim.known()) throw ValueError(fmt::format("The sizes of shape {} are not all known.", *this));
    out.push_back(dim.raw());
  }
  return out;
}

Shape Shape::slice(int begin, int end) const {
  const auto place = [this](int i) { return std::clamp(i < 0 ? i + rank() : i, 0, rank()); };
  const int first = place(begin), last = std::max(first, place(end));
  return Shape(dims_ + first, dims_ + last);
}

Shape Shape::with_front(Dim dim) const {
  Shape shape{dim};
  for (const Dim rest : *this) shape.push_back(rest);
  return shape;
}

std::string Shape::str() const {
  std::string out = "(";
  for (std::size_t i = 0; i < size(); ++i) {
    if (i > 0) out += ", ";
    out += fmt::format("{}", dims_[i]);
  }
  return out + (rank_ == 1 ? ",)" : ")");
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.str(); }

}  // namespace keras
