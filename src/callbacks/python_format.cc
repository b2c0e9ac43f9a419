#include "callbacks/python_format.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "support/text.h"

namespace keras::callbacks {

namespace {

// [[fill]align][sign][z][#][0][width][grouping][.precision][type] of Python's format().
struct Spec {
  std::string fill;  // empty: none is given
  char align = 0, sign = '-', grouping = 0, type = 0;
  bool alternate = false;
  std::size_t width = 0;
  std::optional<int> precision;
};

class Formatter {
 public:
  Formatter(std::string_view whole, const char* what) : whole_(whole), what_(what) {}

  [[noreturn]] void refuse(const std::string& reason) const {
    throw ValueError(fmt::format("{}: the name «{}» is no template: {}", what_, support::printable(whole_), reason));
  }

  std::string value(std::string_view spec_text, const FormatValue& value) const {
    const Spec spec = parse(spec_text);
    const bool integer = std::holds_alternative<std::int64_t>(value);
    const bool floats = spec.type != 0 && std::string_view("eEfFgG%").find(spec.type) != std::string_view::npos;
    if (integer && !floats) return padded(spec, of_integer(spec, std::get<std::int64_t>(value)));
    if (!integer && !floats && spec.type != 0 && spec.type != 'n') {
      refuse(fmt::format("«{}» is a format of integers, and the value is a float. Use f, e or g.", spec.type));
    }
    const double number = integer ? static_cast<double>(std::get<std::int64_t>(value)) : std::get<double>(value);
    return padded(spec, of_real(spec, number));
  }

 private:
  Spec parse(std::string_view text) const {
    Spec spec;
    std::size_t at = 0;
    const auto is_align = [](char c) { return c == '<' || c == '>' || c == '=' || c == '^'; };
    std::size_t letter = 1;  // bytes of the first character
    while (letter < text.size() && (static_cast<unsigned char>(text[letter]) & 0xC0) == 0x80) ++letter;
    if (text.size() > letter && is_align(text[letter])) {
      spec.fill = text.substr(0, letter);
      spec.align = text[letter];
      at = letter + 1;
    } else if (!text.empty() && is_align(text[0])) {
      spec.align = text[at++];
    }
    const auto here = [&](std::string_view any) { return at < text.size() && any.find(text[at]) != any.npos; };
    if (here("+- ")) spec.sign = text[at++];
    if (here("z")) ++at;  // no negative zero: what a template hardly asks for
    if (here("#")) spec.alternate = true, ++at;
    if (here("0")) {
      ++at;
      if (spec.fill.empty()) spec.fill = "0";
      if (spec.align == 0) spec.align = '=';
    }
    const auto number = [&]() -> std::optional<int> {
      std::size_t end = at;
      while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
      if (end == at) return std::nullopt;
      if (end - at > 3) refuse("a width or precision above 999.");
      const int result = static_cast<int>(*support::parse_int(text.substr(at, end - at)));
      at = end;
      return result;
    };
    spec.width = static_cast<std::size_t>(number().value_or(0));
    if (here(",_")) spec.grouping = text[at++];
    if (here(".")) {
      ++at;
      spec.precision = number();
      if (!spec.precision) refuse("there is no number behind the point of a precision.");
    }
    if (here("bcdeEfFgGnoxX%")) spec.type = text[at++];
    if (at != text.size()) refuse(fmt::format("«{}» is no format of a number.", support::printable(text)));
    return spec;
  }

  // The text of a number: its sign (or prefix), digits before the point, and the rest.
  struct Parts {
    std::string sign, digits, rest;
  };

  static std::string sign_of(const Spec& spec, bool negative) {
    if (negative) return "-";
    return spec.sign == '-' ? "" : std::string(1, spec.sign);
  }

  Parts of_integer(const Spec& spec, std::int64_t value) const {
    if (spec.precision) refuse("an integer takes no precision.");
    const std::uint64_t size = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    Parts parts{sign_of(spec, value < 0), {}, {}};
    switch (spec.type) {
      case 'b':
        parts.digits = fmt::format("{:b}", size);
        if (spec.alternate) parts.sign += "0b";
        break;
      case 'o':
        parts.digits = fmt::format("{:o}", size);
        if (spec.alternate) parts.sign += "0o";
        break;
      case 'x':
        parts.digits = fmt::format("{:x}", size);
        if (spec.alternate) parts.sign += "0x";
        break;
      case 'X':
        parts.digits = fmt::format("{:X}", size);
        if (spec.alternate) parts.sign += "0X";
        break;
      case 'c':
        if (value < 32 || value > 126) refuse("the character of this number cannot stand in a name.");
        parts.digits = std::string(1, static_cast<char>(value));
        break;
      default:
        parts.digits = fmt::format("{}", size);
    }
    return parts;
  }

  static Parts of_real(const Spec& spec, double value) {
    Parts parts{sign_of(spec, std::signbit(value) && !std::isnan(value)), {}, {}};
    const double size = std::fabs(value);
    const bool percent = spec.type == '%';
    const bool capital = spec.type == 'E' || spec.type == 'F' || spec.type == 'G';
    std::string text;
    if (!std::isfinite(size)) {
      text = std::isnan(size) ? "nan" : "inf";
      if (capital) std::transform(text.begin(), text.end(), text.begin(), [](char c) { return char(c - 'a' + 'A'); });
    } else if (spec.type == 0 && !spec.precision) {
      text = support::number(size);
    } else if (spec.type == 0) {
      text = general(size, *spec.precision, spec.alternate);
    } else {
      const char type = percent ? 'f' : spec.type == 'n' ? 'g' : spec.type;
      const std::string format =
          fmt::format("{{:{}.{}{}}}", spec.alternate ? "#" : "", spec.precision.value_or(6), type);
      text = fmt::format(fmt::runtime(format), percent ? size * 100 : size);
    }
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    parts.digits = text.substr(0, end);
    parts.rest = text.substr(end) + (percent ? "%" : "");
    return parts;
  }

  // Without a type but with a precision: as g, but with a digit behind the point, and an exponent one digit earlier.
  static std::string general(double size, int precision, bool alternate) {
    const int digits = std::max(precision, 1);
    const std::string with_exponent = fmt::format("{:.{}e}", size, digits - 1);
    const auto exponent = *support::parse_int(with_exponent.substr(with_exponent.find('e') + 1));
    const bool scientific = size != 0 && (exponent < -4 || exponent >= digits - 1);
    std::string text = alternate ? fmt::format("{:#.{}g}", size, digits) : fmt::format("{:.{}g}", size, digits);
    if (scientific && text.find('e') == text.npos) {  // the digit that g still writes plainly
      text = with_exponent;
      const std::size_t e = text.find('e');
      std::string mantissa = text.substr(0, e);
      if (!alternate && mantissa.find('.') != mantissa.npos) {
        mantissa.erase(mantissa.find_last_not_of('0') + 1);
        if (mantissa.back() == '.') mantissa.pop_back();
      }
      return mantissa + text.substr(e);
    }
    if (text.find_first_of(".e") == text.npos) text += ".0";
    return text;
  }

  static std::size_t letters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  }

  static std::string padded(const Spec& spec, Parts parts) {
    if (spec.grouping != 0) {
      const bool binary = spec.type == 'b' || spec.type == 'o' || spec.type == 'x' || spec.type == 'X';
      const std::size_t group = binary ? 4 : 3;
      const auto grouped = [&](const std::string& digits) {
        std::string out;
        for (std::size_t i = 0; i < digits.size(); ++i) {
          if (i > 0 && (digits.size() - i) % group == 0) out += spec.grouping;
          out += digits[i];
        }
        return out;
      };
      if (spec.align == '=' && spec.fill == "0") {  // the zeros in front are grouped too
        std::string digits = parts.digits;
        while (parts.sign.size() + grouped(digits).size() + parts.rest.size() < spec.width) digits = "0" + digits;
        parts.digits = digits;
      }
      parts.digits = grouped(parts.digits);
    }
    const std::string text = parts.sign + parts.digits + parts.rest;
    const std::size_t size = letters(text);
    if (size >= spec.width) return text;
    const std::size_t missing = spec.width - size;
    const auto fill = [&](std::size_t count) {
      std::string out;
      for (std::size_t i = 0; i < count; ++i) out += spec.fill.empty() ? " " : spec.fill;
      return out;
    };
    switch (spec.align) {
      case '<':
        return text + fill(missing);
      case '^':
        return fill(missing / 2) + text + fill(missing - missing / 2);
      case '=':
        return parts.sign + fill(missing) + parts.digits + parts.rest;
      default:
        return fill(missing) + text;
    }
  }

  std::string_view whole_;
  const char* what_;
};

}  // namespace

std::string python_format(std::string_view text, const FormatValues& values, const char* what) {
  const Formatter formatter(text, what);
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '{' && c != '}') {
      out += c;
      continue;
    }
    if (at + 1 < text.size() && text[at + 1] == c) {
      out += c;
      ++at;
      continue;
    }
    if (c == '}') formatter.refuse("a single «}». Write «}}» for a brace.");
    const std::size_t end = text.find('}', at);
    if (end == text.npos) formatter.refuse("a «{» without «}». Write «{{» for a brace.");
    const std::string_view inside = text.substr(at + 1, end - at - 1);
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    std::string_view name = inside.substr(0, colon);
    if (name.ends_with("!r") || name.ends_with("!s") || name.ends_with("!a")) {
      if (colon < inside.size()) formatter.refuse("a conversion with a format of numbers.");
      name.remove_suffix(2);
    }
    const auto found =
        std::find_if(values.begin(), values.end(), [&](const auto& value) { return value.first == name; });
    if (found == values.end()) {
      std::vector<std::string> names;
      for (const auto& value : values) names.push_back(value.first);
      formatter.refuse(fmt::format("there is no «{}».{} There are: {}.", support::printable(name),
                                   support::did_you_mean(name, names), support::list(names)));
    }
    out += formatter.value(colon < inside.size() ? inside.substr(colon + 1) : std::string_view(), found->second);
    at = end;
  }
  return out;
}

}  // namespace keras::callbacks
