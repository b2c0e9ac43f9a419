// Printing as NumPy 2.4's print() does with its default options: 8 digits after the point, one format for all the
// elements that are shown, lines of 75 columns, and only the three first and last of each axis when there are more than
// 1000.
#include <fmt/format.h>
#include <keras/array.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>

#include "support/text.h"
#include "tensor/dispatch.h"

namespace keras {
namespace {

constexpr int kPrecision = 8, kEdge = 3;
constexpr std::int64_t kThreshold = 1000;
constexpr std::size_t kLineWidth = 75;

// A finite number's decimal digits: 0.d1d2d3… * 10^exponent.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

Decimal decimal_of(std::string_view scientific) {  // "-1.25e+07"
  Decimal d;
  if (scientific.starts_with('-')) {
    d.negative = true;
    scientific.remove_prefix(1);
  }
  const std::size_t e = scientific.find('e');
  for (const char c : scientific.substr(0, e)) {
    if (c != '.') d.digits += c;
  }
  std::string_view exponent = scientific.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), d.exponent);
  d.exponent += 1;
  while (d.digits.size() > 1 && d.digits.back() == '0') d.digits.pop_back();
  return d;
}

template <class T, class... Precision>
Decimal written(T value, Precision... precision) {
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific, precision...).ptr;
  return decimal_of({buffer, static_cast<std::size_t>(end - buffer)});
}

// The fewest digits that read back as the same T.
template <class T>
Decimal shortest(T value) {
  if constexpr (is_half<T>) {
    // Of two decimals equally near, the one away from zero may be the only one to read back: below a power of two the
    // halves are denser than above it.
    const double exact = to_float(value), beyond = std::nextafter(exact, 2 * exact);
    for (int precision = 0;; ++precision) {
      for (const double near : {exact, beyond}) {
        const Decimal d = written(near, precision);
        const std::string text = fmt::format("{}0.{}e{}", d.negative ? "-" : "", d.digits, d.exponent);
        if (from_double<T>(*support::parse_real(text)).bits == value.bits) return d;
      }
    }
  } else {
    return written(value);
  }
}

// Fewer digits where the shortest ones go beyond the precision: the exact value, rounded.
template <class T>
Decimal digits_of(T value, bool scientific) {
  Decimal d = shortest(value);
  const int after_point = static_cast<int>(d.digits.size()) - (scientific ? 1 : d.exponent);
  if (after_point <= kPrecision) return d;
  const auto exact = convert<double>(value);
  if (scientific) return written(exact, kPrecision);
  char buffer[512];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, exact, std::chars_format::fixed, kPrecision).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  d.digits = fmt::format("{}{}", text.substr(0, point), text.substr(point + 1));
  d.exponent = static_cast<int>(point);
  const std::size_t zeros = std::min(d.digits.find_first_not_of('0'), d.digits.size() - 1);
  d.digits.erase(0, zeros);
  d.exponent -= static_cast<int>(zeros);
  while (d.digits.size() > 1 && d.digits.back() == '0') d.digits.pop_back();
  return d;
}

// The parts of a number as it is written: "-12" . "5", and the exponent in scientific notation.
struct Parts {
  std::string whole, fraction;
  int exponent = 0;
};

Parts positional_parts(const Decimal& d) {
  Parts p;
  const auto size = static_cast<int>(d.digits.size());
  if (d.digits == "0") {
    p.whole = "0";
  } else if (d.exponent <= 0) {
    p.whole = "0";
    p.fraction = std::string(static_cast<std::size_t>(-d.exponent), '0') + d.digits;
  } else if (d.exponent >= size) {
    p.whole = d.digits + std::string(static_cast<std::size_t>(d.exponent - size), '0');
  } else {
    p.whole = d.digits.substr(0, static_cast<std::size_t>(d.exponent));
    p.fraction = d.digits.substr(static_cast<std::size_t>(d.exponent));
  }
  if (d.negative) p.whole.insert(0, "-");
  return p;
}

Parts scientific_parts(const Decimal& d) {
  return {(d.negative ? "-" : "") + d.digits.substr(0, 1), d.digits.substr(1), d.digits == "0" ? 0 : d.exponent - 1};
}

std::string exponent_text(int exponent, std::size_t width) {
  const std::string size = std::to_string(std::abs(exponent));
  return (exponent < 0 ? "e-" : "e+") + std::string(width - std::min(width, size.size()), '0') + size;
}

// What a type's numbers are written in scientific notation from on: NumPy goes by the digits the type holds.
template <class T>
inline constexpr int kTypeDigits = is_half<T>                 ? 3
                                   : std::is_same_v<T, float> ? 6
                                                              : 15;

std::string not_finite(double value) { return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf"; }

// A number by itself, as Python's str writes a NumPy scalar.
template <class T>
std::string scalar_text(T value) {
  const auto number = convert<double>(value);
  if (!std::isfinite(number)) return not_finite(number);
  const double size = std::fabs(number), end = std::is_same_v<T, double> ? 1e16 : std::pow(10.0, kTypeDigits<T>);
  const Decimal d = shortest(value);
  if (size == 0 || (size >= 1e-4 && size < end)) {
    const Parts p = positional_parts(d);
    return fmt::format("{}.{}", p.whole, p.fraction.empty() ? "0" : p.fraction);
  }
  const Parts p = scientific_parts(d);
  return fmt::format("{}{}{}{}", p.whole, p.fraction.empty() ? "" : ".", p.fraction, exponent_text(p.exponent, 2));
}

using Words = std::function<std::string(std::int64_t offset)>;

// The format of real numbers: chosen from all that are shown.
template <class T>
class RealFormat {
 public:
  RealFormat(const T* data, const std::vector<std::int64_t>& shown) : data_(data) {
    using Wide = std::conditional_t<is_half<T>, float, T>;
    std::optional<Wide> least, most;
    bool infinite = false, negative_infinity = false, finite = false;
    for (const std::int64_t i : shown) {
      const auto value = convert<Wide>(data[i]);
      if (!std::isfinite(value)) {
        infinite = true;
        negative_infinity |= value < 0;
        continue;
      }
      finite = true;
      if (value == 0) continue;
      least = std::min(least.value_or(std::fabs(value)), std::fabs(value));
      most = std::max(most.value_or(std::fabs(value)), std::fabs(value));
    }
    if (most) {  // NumPy compares in the array's own type
      const auto own = [](Wide x) { return convert<Wide>(convert<T>(x)); };
      scientific_ = *most >= static_cast<Wide>(std::pow(10.0, std::min(8, kTypeDigits<T>))) ||
                    *least < own(static_cast<Wide>(0.0001)) || own(*most / *least) > 1000;
    }
    std::size_t exponent_width = 0;
    for (const std::int64_t i : shown) {
      if (!std::isfinite(convert<Wide>(data[i]))) continue;
      const Parts p = parts(data[i]);
      left_ = std::max(left_, p.whole.size());
      right_ = std::max(right_, p.fraction.size());
      exponent_width = std::max(exponent_width, std::to_string(std::abs(p.exponent)).size());
    }
    exponent_width_ = std::max<std::size_t>(2, exponent_width);
    width_ = left_ + 1 + right_ + (scientific_ && finite ? exponent_width_ + 2 : 0);
    if (infinite) width_ = std::max<std::size_t>(width_, negative_infinity ? 4 : 3);
  }

  std::string operator()(std::int64_t offset) const {
    const auto value = convert<double>(data_[offset]);
    if (!std::isfinite(value)) return fmt::format("{:>{}}", not_finite(value), width_);
    // In scientific notation all show as many digits, and those beyond the shortest ones are the exact value's.
    Parts p = scientific_ ? scientific_parts(written(value, static_cast<int>(right_))) : parts(data_[offset]);
    p.fraction.resize(right_, scientific_ ? '0' : ' ');
    const std::string exponent = scientific_ ? exponent_text(p.exponent, exponent_width_) : "";
    return fmt::format("{:>{}}", fmt::format("{}.{}{}", p.whole, p.fraction, exponent), width_);
  }

 private:
  Parts parts(T value) const {
    const Decimal d = digits_of(value, scientific_);
    return scientific_ ? scientific_parts(d) : positional_parts(d);
  }

  const T* data_;
  bool scientific_ = false;
  std::size_t left_ = 0, right_ = 0, exponent_width_ = 2, width_ = 0;
};

// bfloat16 is no type of NumPy's own: each number is written by itself, with 6 digits.
std::string bfloat16_text(bfloat16 x) {
  const float value = to_float(x);
  if (!std::isfinite(value)) return not_finite(value);
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, 6).ptr};
}

template <class T>
Words words_for(const T* data, const std::vector<std::int64_t>& shown) {
  if constexpr (std::is_same_v<T, bool>) {
    return [data](std::int64_t i) { return data[i] ? " True" : "False"; };
  } else if constexpr (std::is_same_v<T, bfloat16>) {
    return [data](std::int64_t i) { return bfloat16_text(data[i]); };
  } else if constexpr (std::is_integral_v<T>) {
    std::size_t width = 0;
    for (const std::int64_t i : shown) width = std::max(width, std::to_string(data[i]).size());
    return [data, width](std::int64_t i) { return fmt::format("{:>{}}", std::to_string(data[i]), width); };
  } else {
    return RealFormat<T>(data, shown);
  }
}

class Printer {
 public:
  explicit Printer(const Array& array) : sizes_(array.shape().sizes()), summary_(array.size() > kThreshold) {
    std::vector<std::int64_t> shown;
    collect(0, 0, shown);
    words_ = dispatch(array.dtype(), [&]<class T>(std::type_identity<T>) {
      return words_for<T>(static_cast<const T*>(array.data()), shown);
    });
  }
  std::string text() const { return nested(0, 0, 1, kLineWidth); }

 private:
  static constexpr std::int64_t kGap = -1;

  // The indices shown along an axis; kGap where the middle is left out.
  std::vector<std::int64_t> indices(std::size_t axis) const {
    const std::int64_t n = sizes_[axis];
    std::vector<std::int64_t> out;
    if (summary_ && n > 2 * kEdge) {
      for (std::int64_t i = 0; i < kEdge; ++i) out.push_back(i);
      out.push_back(kGap);
      for (std::int64_t i = n - kEdge; i < n; ++i) out.push_back(i);
    } else {
      for (std::int64_t i = 0; i < n; ++i) out.push_back(i);
    }
    return out;
  }

  void collect(std::size_t axis, std::int64_t offset, std::vector<std::int64_t>& shown) const {
    if (axis == sizes_.size()) return shown.push_back(offset);
    for (const std::int64_t i : indices(axis)) {
      if (i != kGap) collect(axis + 1, offset * sizes_[axis] + i, shown);
    }
  }

  std::string nested(std::size_t axis, std::int64_t offset, std::size_t indent, std::size_t width) const {
    const std::string margin(indent, ' ');
    const bool rows = axis + 1 == sizes_.size();
    std::string done, line = margin;
    bool first = true;
    for (const std::int64_t i : indices(axis)) {
      const std::int64_t at = offset * sizes_[axis] + i;
      if (rows) {
        const std::string word = i == kGap ? "..." : words_(at);
        if (!first) line += ' ';
        if (line.size() + word.size() > width - 1 && line.size() > indent) {
          done += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
          line = margin;
        }
        line += word;
      } else {
        if (!first) line += std::string(sizes_.size() - axis - 1, '\n') + margin;
        line += i == kGap ? "..." : nested(axis + 1, at, indent + 1, width - 1);
      }
      first = false;
    }
    return "[" + (done + line).substr(indent) + "]";
  }

  std::vector<std::int64_t> sizes_;
  bool summary_;
  Words words_;
};

template <class T>
std::string number_text(T value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "True" : "False";
  } else if constexpr (std::is_same_v<T, bfloat16>) {
    return bfloat16_text(value);
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else {
    return scalar_text(value);
  }
}

}  // namespace

std::string Array::str() const {
  if (size_ == 0) return "[]";
  if (ndim() == 0) {
    return dispatch(dtype_, [&]<class T>(std::type_identity<T>) { return number_text(*static_cast<const T*>(data_)); });
  }
  return Printer(*this).text();
}

}  // namespace keras
