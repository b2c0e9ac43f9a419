#include "support/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace keras::support {
namespace {

template <class T>
std::string shortest(T value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  const T size = std::fabs(value);
  const bool positional = size == 0 || (size >= static_cast<T>(1e-4) && size < static_cast<T>(1e16));
  char buffer[64];
  const auto format = positional ? std::chars_format::fixed : std::chars_format::scientific;
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
  if (positional && text.find('.') == std::string::npos) text += ".0";
  return text;
}

// Damerau-Levenshtein distance in its restricted form (optimal string alignment), with three rows of the table.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

template <class T>
std::string nearest(std::string_view name, std::span<const T> candidates) {
  constexpr std::size_t kLongest = 100;  // a name longer than this is no misspelling
  if (name.empty() || name.size() > kLongest) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    if (candidate.size() > kLongest) continue;
    const std::size_t d = distance(lower(name), lower(candidate));
    if (d < best_distance && d < candidate.size()) {
      best = candidate;
      best_distance = d;
    }
  }
  return best.empty() ? std::string() : fmt::format(" Did you mean «{}»?", best);
}

template <class T>
std::string joined(std::span<const T> items, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    if (i == limit) return out + fmt::format("… ({} in all)", items.size());
    out += items[i];
  }
  return out;
}

template <class T>
std::optional<T> parsed(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string readable_bytes(double bytes) {
  static constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < std::size(kUnits); ++unit) bytes /= 1024;
  return fmt::format("{:.2f} {}", bytes, kUnits[unit]);
}

std::string number(double value) { return shortest(value); }
std::string number(float value) { return shortest(value); }

std::optional<double> parse_real(std::string_view text) { return parsed<double>(text); }
std::optional<std::int64_t> parse_int(std::string_view text) { return parsed<std::int64_t>(text); }

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
  return nearest(name, candidates);
}
std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  return nearest(name, candidates);
}
std::string did_you_mean(std::string_view name, std::initializer_list<std::string_view> candidates) {
  return nearest(name, std::span(candidates.begin(), candidates.size()));
}

std::string list(std::span<const std::string_view> items, std::size_t limit) { return joined(items, limit); }
std::string list(std::span<const std::string> items, std::size_t limit) { return joined(items, limit); }

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n\f\v";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string printable(std::string_view bytes, std::size_t limit) {
  std::string out;
  for (const char c : bytes.substr(0, limit)) {
    if (c >= ' ' && c < 127) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  if (bytes.size() > limit) out += "…";
  return out;
}

}  // namespace keras::support
