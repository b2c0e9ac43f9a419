// Fields of attributes as text and back. Numbers are written the shortest way that reads back to the same bits,
// whatever the locale.
#include "ir/attrs.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "ir/text.h"
#include "tensor/dispatch.h"

namespace keras::ir {
namespace {

template <class F, class Bits>
void print_real(std::string& out, F v, Bits bits) {
  if (std::isnan(v)) {  // its bits, unless it is the one everybody writes
    if (bits == std::bit_cast<Bits>(std::numeric_limits<F>::quiet_NaN())) {
      out += "nan";
    } else {
      fmt::format_to(std::back_inserter(out), "nan:{:x}", bits);
    }
    return;
  }
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  out.append(buffer, end);
}

template <class F, class Bits>
F parse_real(std::string_view& text) {
  skip_space(text);
  if (take(text, "nan")) {
    if (text.empty() || text[0] != ':') return std::numeric_limits<F>::quiet_NaN();
    text.remove_prefix(1);
    Bits bits{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits, 16);
    if (error != std::errc() || !std::isnan(std::bit_cast<F>(bits))) refuse(text, "the bits of a NaN in hexadecimal");
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return std::bit_cast<F>(bits);
  }
  F v{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc() || std::isnan(v)) refuse(text, "a number");
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return v;
}

template <class T>
T parse_whole(std::string_view& text) {
  skip_space(text);
  T v{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error == std::errc::result_out_of_range) refuse(text, fmt::format("a whole number of {} bits", 8 * sizeof(T)));
  if (error != std::errc()) refuse(text, "a whole number");
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return v;
}

// Calls `item` for each of the comma-separated items between two brackets.
template <class F>
void parse_list(std::string_view& text, std::string_view open, std::string_view close, F item) {
  expect(text, open);
  if (take(text, close)) return;
  do {
    item();
  } while (take(text, ","));
  expect(text, close);
}

// Calls f with a value of the C++ type of a dtype; 16-bit floats go by their bits.
template <class F>
void visit(DType dtype, F f) {
  dispatch(dtype, [&]<class T>(std::type_identity<T>) {
    if constexpr (is_half<T>) {
      f(std::uint16_t{});
    } else {
      f(T{});
    }
  });
}

void print_element(std::string& out, bool v) { out += v ? '1' : '0'; }
void print_element(std::string& out, float v) { print_real(out, v, std::bit_cast<std::uint32_t>(v)); }
void print_element(std::string& out, double v) { print_real(out, v, std::bit_cast<std::uint64_t>(v)); }
void print_element(std::string& out, std::integral auto v) { fmt::format_to(std::back_inserter(out), "{}", v); }

template <class T>
T parse_element(std::string_view& text) {
  if constexpr (std::is_same_v<T, bool>) {
    return parse_whole<std::uint8_t>(text) != 0;
  } else if constexpr (std::is_same_v<T, float>) {
    return parse_real<float, std::uint32_t>(text);
  } else if constexpr (std::is_same_v<T, double>) {
    return parse_real<double, std::uint64_t>(text);
  } else {
    return parse_whole<T>(text);
  }
}

}  // namespace

void print(std::string& out, std::int64_t v) { fmt::format_to(std::back_inserter(out), "{}", v); }
void print(std::string& out, int v) { print(out, static_cast<std::int64_t>(v)); }
void print(std::string& out, bool v) { out += v ? "true" : "false"; }
void print(std::string& out, double v) { print_element(out, v); }
void print(std::string& out, DType v) { out += v.name(); }

void print(std::string& out, const Ints& v) { fmt::format_to(std::back_inserter(out), "[{}]", fmt::join(v, ",")); }

void print(std::string& out, const Shape& v) {
  out += '[';
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (i) out += ',';
    if (v[i].known()) {
      print(out, v[i].value());
    } else {
      out += "None";
    }
  }
  out += ']';
}

void print(std::string& out, const std::string& v) {
  out += '"';
  for (const char c : v) {
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void print(std::string& out, const Array& v) {
  out += Type{v.dtype(), v.shape()}.str();
  out += '{';
  visit(v.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* values = static_cast<const T*>(v.data());
    for (std::int64_t i = 0; i < v.size(); ++i) {
      if (i) out += ", ";
      print_element(out, values[i]);
    }
  });
  out += '}';
}

void print(std::string& out, const GraphPtr& v) { out += v ? print_body(*v) : "null"; }

void parse(std::string_view& text, std::int64_t& v) { v = parse_whole<std::int64_t>(text); }
void parse(std::string_view& text, int& v) { v = parse_whole<int>(text); }
void parse(std::string_view& text, double& v) { v = parse_element<double>(text); }

void parse(std::string_view& text, bool& v) {
  v = take(text, "true");
  if (!v) expect(text, "false");
}

void parse(std::string_view& text, DType& v) {
  skip_space(text);
  const std::string_view at = text;
  const std::string name(take_word(text));
  for (int kind = 0; kind < DType::kCount; ++kind) {
    v = DType(static_cast<DType::Kind>(kind));
    if (name == v.name()) return;
  }
  text = at;
  refuse(text, "a dtype");
}

void parse(std::string_view& text, Ints& v) {
  v.clear();
  parse_list(text, "[", "]", [&] { v.push_back(parse_whole<std::int64_t>(text)); });
}

void parse(std::string_view& text, Shape& v) {
  v = {};
  parse_list(text, "[", "]", [&] {
    if (take(text, "None")) return v.push_back(None);
    const std::string_view at = text;
    const auto size = parse_whole<std::int64_t>(text);
    if (size < 0) refuse(at, "a size of at least 0");
    v.push_back(size);
  });
}

void parse(std::string_view& text, std::string& v) {
  v.clear();
  expect(text, "\"");
  while (!text.empty() && text[0] != '"') {
    char c = text[0];
    text.remove_prefix(1);
    if (c == '\\') {
      if (text.empty()) break;
      c = text[0];
      text.remove_prefix(1);
      if (c == 'x') {
        unsigned code = 0;
        if (text.size() < 2 || std::from_chars(text.data(), text.data() + 2, code, 16).ptr != text.data() + 2) {
          refuse(text, "two hexadecimal digits");
        }
        text.remove_prefix(2);
        c = static_cast<char>(code);
      }
    }
    v += c;
  }
  if (text.empty()) refuse(text, "the closing quote of a string");
  text.remove_prefix(1);
}

void parse(std::string_view& text, Array& v) {
  const std::string_view at = text;
  const Type type = parse_type(text);
  // Every element takes a character: a text cannot ask for more memory than it is worth.
  std::int64_t count = 1;
  for (const Dim& d : type.shape) {
    if (!d.known() || __builtin_mul_overflow(count, d.raw(), &count)) refuse(at, "an array of known size");
  }
  if (count > static_cast<std::int64_t>(text.size())) refuse(at, "as many numbers as the array's shape has");
  v = Array(type.shape, type.dtype);
  visit(type.dtype, [&](auto zero) {
    using T = decltype(zero);
    T* values = static_cast<T*>(v.mutable_data());
    std::int64_t i = 0;
    parse_list(text, "{", "}", [&] {
      if (i == count) refuse(text, fmt::format("{} numbers only", count));
      values[i++] = parse_element<T>(text);
    });
    if (i != count) refuse(text, fmt::format("{} numbers, not {}", count, i));
  });
}

void parse_field(std::string_view& text, std::string_view name) {
  const std::string token = std::string(name) + '=';
  if (!take(text, token)) refuse(text, token);
}

bool same(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }
bool same(const Array& a, const Array& b) { return identical(a, b); }

bool same(const GraphPtr& a, const GraphPtr& b) {
  if (a == b) return true;
  return a && b && print_body(*a) == print_body(*b);
}

}  // namespace keras::ir
