// The elements of attributes and data sets, as C++ has them.
#include "support/hdf5/value.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "support/hdf5/heaps.h"
#include "support/text.h"

namespace keras::support::hdf5 {
namespace {

void swap_bytes(std::span<std::byte> bytes, std::size_t width) {
  for (std::size_t i = 0; i + width <= bytes.size(); i += width) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(i),
                 bytes.begin() + static_cast<std::ptrdiff_t>(i + width));
  }
}

double half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = (bits & 1023) / 1024.0, sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }
  return sign * (exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15));
}

// Calls `f` with an element of each number's C++ type.
template <typename F>
auto with_type(DType dtype, F f) {
  switch (dtype.kind()) {
    case DType::boolean:
    case DType::uint8:
      return f(std::uint8_t{});
    case DType::uint16:
      return f(std::uint16_t{});
    case DType::uint32:
      return f(std::uint32_t{});
    case DType::uint64:
      return f(std::uint64_t{});
    case DType::int8:
      return f(std::int8_t{});
    case DType::int16:
      return f(std::int16_t{});
    case DType::int32:
      return f(std::int32_t{});
    case DType::int64:
      return f(std::int64_t{});
    case DType::float16:
      return f(float16{});
    case DType::bfloat16:
      return f(bfloat16{});
    case DType::float32:
      return f(float{});
    case DType::float64:
      break;
  }
  return f(double{});
}

double real_of(float16 value) { return half(value.bits); }
double real_of(bfloat16 value) { return std::bit_cast<float>(std::uint32_t{value.bits} << 16); }
double real_of(auto value) { return static_cast<double>(value); }

template <typename To, typename Convert>
std::vector<To> converted(const Value& value, Convert convert) {
  const std::string bytes = value.bytes();
  return with_type(value.type().dtype, [&](auto element) {
    std::vector<To> result(bytes.size() / sizeof element);
    for (std::size_t i = 0; i < result.size(); ++i) {
      std::memcpy(&element, bytes.data() + i * sizeof element, sizeof element);
      result[i] = convert(element);
    }
    return result;
  });
}

std::string_view without_padding(std::string_view text, Element::Padding padding) {
  if (padding == Element::terminated) return text.substr(0, text.find('\0'));
  const std::size_t last = text.find_last_not_of(padding == Element::zeros ? '\0' : ' ');
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// Texts of variable length: each element is a length, and where its bytes lie in the global heap.
std::vector<std::string> variable_texts(const Image& image, std::string_view raw, std::uint64_t place) {
  std::vector<std::string> texts;
  std::uint64_t total = 0;
  Cursor in(image, raw, "text of variable length");
  while (in.left() > 0) {
    const std::uint64_t length = in.u32(), address = in.address();
    const std::uint32_t number = in.u32();
    if (length == 0 || address == 0 || address == kNowhere) {
      texts.emplace_back();
      continue;
    }
    const std::string_view bytes = image.collection(address).at(number);
    if (length > bytes.size())
      damaged(fmt::format("a text of {} bytes lies in {} bytes of a global heap", length, bytes.size()));
    total += length;
    if (total > image.size()) damaged("the texts of a value are together larger than the file");
    texts.emplace_back(without_padding(bytes.substr(0, length), Element::terminated));
  }
  if (image.first_time(place)) image.charge(total);
  return texts;
}

std::string kind_of(const Type& type) {
  static constexpr std::string_view kNames[DType::kCount] = {"bool",    "uint8",   "uint16", "uint32", "uint64",
                                                             "int8",    "int16",   "int32",  "int64",  "bfloat16",
                                                             "float16", "float32", "float64"};
  if (type.kind == Type::number) return std::string(kNames[type.dtype.kind()]);
  if (type.kind == Type::opaque) return fmt::format("opaque bytes ({} each)", type.size);
  return "texts";
}

[[noreturn]] void wrong_type(const Value& value, std::string_view expected) {
  throw TypeError(fmt::format("The {} should have {}; it has {}.", value.describe(), expected, kind_of(value.type())));
}

template <typename T>
T only(const Value& value, const std::vector<T>& elements) {
  if (elements.size() == 1) return elements.front();
  throw ValueError(fmt::format("The {} should have one element; it has {}.", value.describe(), elements.size()));
}

std::string place_of(const ValueParts& parts) {
  return parts.is_attribute ? fmt::format("{}, attribute {}", parts.path, parts.name) : parts.path;
}

}  // namespace

const Type& Value::type() const { return parts_->stored->element.type; }
const std::vector<std::int64_t>& Value::shape() const { return parts_->stored->shape; }
bool Value::null() const { return parts_->stored->null; }
std::int64_t Value::count() const { return static_cast<std::int64_t>(parts_->stored->count); }

std::string Value::describe() const {
  const std::string path = printable(parts_->path, 200);
  const std::string file = fmt::format("«{}» of «{}»", path, parts_->image->name());
  return parts_->is_attribute ? fmt::format("attribute «{}» of {}", printable(parts_->name), file) : "data set " + file;
}

std::shared_ptr<const void> Value::owner() const { return parts_->image; }

std::size_t Value::byte_size() const {
  if (parts_->stored->element.variable()) {
    throw TypeError(fmt::format("The {} has texts of variable length, so no size: take its strings().", describe()));
  }
  return parts_->stored->byte_size;
}

void Value::read_into(std::span<std::byte> to) const {
  if (to.size() != byte_size()) {
    throw ValueError(
        fmt::format("The {} has {} bytes; it was to be read into {}.", describe(), byte_size(), to.size()));
  }
  const Stored& stored = *parts_->stored;
  guarded(*parts_->image, place_of(*parts_), [&] { raw_into(*parts_->image, stored, to); });
  to_native(stored, to);
}

void to_native(const Stored& stored, std::span<std::byte> items) {
  const Element& element = stored.element;
  if (element.swapped) swap_bytes(items, element.size);
  if (element.type.kind == Type::number && element.type.dtype == DType::boolean) {
    for (std::byte& b : items) b = std::byte{b != std::byte{0}};
  }
}

std::string Value::bytes() const {
  std::string bytes(byte_size(), '\0');
  read_into(std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

std::optional<std::string_view> Value::view() const {
  const Stored& stored = *parts_->stored;
  const Type& type = stored.element.type;
  const bool number = type.kind == Type::number;
  if (!stored.bytes || stored.element.swapped || stored.element.variable()) return std::nullopt;
  if (number && type.dtype == DType::boolean) return std::nullopt;  // a byte may be neither 0 nor 1
  const auto address = reinterpret_cast<std::uintptr_t>(stored.bytes->data());
  if (number && address % type.size != 0) return std::nullopt;
  return stored.bytes;
}

std::vector<std::string> Value::strings() const {
  if (count() == 0) return {};
  if (type().kind != Type::text) wrong_type(*this, "texts");
  const Stored& stored = *parts_->stored;
  const Image& image = *parts_->image;
  return guarded(image, place_of(*parts_), [&] {
    if (stored.count > image.size()) damaged(fmt::format("it is said to have {} texts", stored.count));
    std::string buffer;
    const std::string_view raw = raw_bytes(image, stored, buffer);
    if (stored.element.variable()) {
      return variable_texts(image, raw, stored.bytes ? image.address_of(raw) : parts_->header->address);
    }
    std::vector<std::string> texts;
    for (std::size_t at = 0; at < raw.size(); at += stored.element.size) {
      texts.emplace_back(without_padding(raw.substr(at, stored.element.size), stored.element.padding));
    }
    return texts;
  });
}

std::string Value::string() const { return only(*this, strings()); }

std::vector<std::int64_t> Value::ints() const {
  if (count() == 0) return {};
  if (type().kind != Type::number || type().dtype.is_floating()) wrong_type(*this, "integers");
  return converted<std::int64_t>(*this, [&](auto value) -> std::int64_t {
    if constexpr (std::is_integral_v<decltype(value)>) {
      if (!std::in_range<std::int64_t>(value)) {
        throw ValueError(fmt::format("The {} has {}, which is above the largest int64.", describe(), value));
      }
      return static_cast<std::int64_t>(value);
    } else {
      return 0;  // refused above
    }
  });
}

std::vector<double> Value::reals() const {
  if (count() == 0) return {};
  if (type().kind != Type::number) wrong_type(*this, "numbers");
  return converted<double>(*this, [](auto value) { return real_of(value); });
}

std::int64_t Value::integer() const { return only(*this, ints()); }
double Value::real() const { return only(*this, reals()); }

}  // namespace keras::support::hdf5
