// Config: reading it as its kinds, and JSON in and out. nlohmann/json parses; the text is written here, since only so
// is it what Python's json.dumps writes.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <ostream>
#include <unordered_map>

#include "support/text.h"

namespace keras {
namespace {

constexpr std::size_t kMostDepth = 512;

std::string kind_text(const Config& config) {
  constexpr std::size_t kMost = 60;
  switch (config.kind()) {
    case Config::Kind::null:
      return "null";
    case Config::Kind::list:
      return fmt::format("a list of {}", config.size());
    case Config::Kind::map:
      return fmt::format("a map of {}", config.size());
    case Config::Kind::string:
      return fmt::format("the string \"{}\"", support::printable(config.as_string(), kMost));
    case Config::Kind::boolean:
    case Config::Kind::integer:
    case Config::Kind::real:
      break;
  }
  return config.to_json();
}

[[noreturn]] void wrong_kind(const Config& config, const char* expected) {
  throw TypeError(fmt::format("Config: expected {}, received {}.", expected, kind_text(config)));
}

// Decodes one code point of UTF-8 and takes it off the front; U+FFFD for bytes that are none.
char32_t take_code_point(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80                   ? 1
                           : lead >= 0xC2 && lead < 0xE0 ? 2
                           : lead >= 0xE0 && lead < 0xF0 ? 3
                           : lead >= 0xF0 && lead < 0xF5 ? 4
                                                         : 0;
  char32_t code = size == 1 ? lead : size == 2 ? lead & 0x1Fu : size == 3 ? lead & 0x0Fu : lead & 0x07u;
  bool good = size != 0 && size <= text.size();
  for (std::size_t i = 1; good && i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    good = (next & 0xC0u) == 0x80u;
    code = code << 6 | (next & 0x3Fu);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  good = good && code >= kLeast[size] && code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
  text.remove_prefix(good ? size : 1);
  return good ? code : 0xFFFD;
}

void write_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const char32_t code = take_code_point(text);
    switch (code) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\b':
        out += "\\b";
        break;
      default:
        if (code >= 0x20 && code < 0x7F) {
          out += static_cast<char>(code);
        } else if (code < 0x10000) {
          out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code));
        } else {
          const std::uint32_t rest = static_cast<std::uint32_t>(code) - 0x10000;
          out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10), 0xDC00 + (rest & 0x3FF));
        }
    }
  }
  out += '"';
}

void write(std::string& out, const Config& config, int indent, std::size_t depth) {
  const auto new_line = [&](std::size_t level) {
    if (indent >= 0) out.append(1, '\n').append(level * static_cast<std::size_t>(indent), ' ');
  };
  const auto write_all = [&](const auto& items, char open, char close, auto&& write_one) {
    out += open;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out += indent >= 0 ? "," : ", ";
      first = false;
      new_line(depth + 1);
      write_one(item);
    }
    if (!items.empty()) new_line(depth);
    out += close;
  };
  switch (config.kind()) {
    case Config::Kind::null:
      out += "null";
      break;
    case Config::Kind::boolean:
      out += config.as_bool() ? "true" : "false";
      break;
    case Config::Kind::integer:
      out += std::to_string(config.as_int());
      break;
    case Config::Kind::real: {
      const double value = config.as_real();
      out += std::isnan(value)   ? "NaN"
             : std::isinf(value) ? (value < 0 ? "-Infinity" : "Infinity")
                                 : support::number(value);
      break;
    }
    case Config::Kind::string:
      write_string(out, config.as_string());
      break;
    case Config::Kind::list:
      write_all(config.items(), '[', ']', [&](const Config& item) { write(out, item, indent, depth + 1); });
      break;
    case Config::Kind::map:
      write_all(config.entries(), '{', '}', [&](const Config::Item& item) {
        write_string(out, item.first);
        out += ": ";
        write(out, item.second, indent, depth + 1);
      });
      break;
  }
}

// Python writes NaN, Infinity and -Infinity, which JSON has not. Each is replaced by a number of the same length with a
// capital E, which no other number has afterwards: 0E0, 1E000000, -1E000000.
std::string without_special_numbers(std::string_view text) {
  std::string out(text);
  const auto joins = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '+' || c == '_';
  };
  const auto stands_alone = [&](std::size_t begin, std::size_t size) {
    return (begin == 0 || !joins(text[begin - 1])) && (begin + size >= text.size() || !joins(text[begin + size]));
  };
  bool quoted = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (quoted) {
      if (text[i] == '\\')
        ++i;
      else if (text[i] == '"')
        quoted = false;
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == 'E' && i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9') {
      out[i] = 'e';
    } else {
      const std::string_view name = text.substr(i, 3) == "NaN" ? "NaN" : "Infinity";
      if (text.substr(i, name.size()) != name || !stands_alone(i, name.size())) continue;
      out.replace(i, name.size(), name == "NaN" ? "0E0" : "1E000000");
      i += name.size() - 1;
    }
  }
  return out;
}

// Builds a Config from the parser's events; the parser itself does not recurse.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(std::string_view text) : text_(text) {}
  Config result;

  bool null() override { return add({}); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(static_cast<long long>(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      return add(static_cast<double>(value));
    }
    return add(static_cast<long long>(value));
  }
  bool number_float(number_float_t value, const string_t& text) override {
    if (text.find('E') == std::string::npos) return add(value);
    if (text[0] == '0') return add(std::numeric_limits<double>::quiet_NaN());
    const double infinity = std::numeric_limits<double>::infinity();
    return add(text[0] == '-' ? -infinity : infinity);
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool key(string_t& value) override {
    open_.back().items.emplace_back(std::move(value), Config());
    return true;
  }
  bool end_object() override {
    std::vector<Config::Item> items = std::move(open_.back().items);
    open_.pop_back();
    return add(Config::map(unique(std::move(items))));
  }
  bool end_array() override {
    std::vector<Config> list = std::move(open_.back().list);
    open_.pop_back();
    return add(Config::list(std::move(list)));
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    const std::size_t at = std::min(position > 0 ? position - 1 : 0, text_.size());
    const std::string_view before = text_.substr(0, at);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t column = at - (before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1) + 1;
    const std::string_view what = error.what();  // "[…] parse error at line 1, column 2: syntax error while …"
    const std::size_t colon = what.find(": ");
    throw ValueError(fmt::format("This is no JSON: line {}, column {}: {}.", line, column,
                                 colon == std::string_view::npos ? what : what.substr(colon + 2)));
  }

 private:
  struct Open {
    bool map;
    std::vector<Config> list = {};
    std::vector<Config::Item> items = {};  // the last one's value is still to come
  };

  bool add(Config value) {
    if (open_.empty()) {
      result = std::move(value);
    } else if (open_.back().map) {
      open_.back().items.back().second = std::move(value);
    } else {
      open_.back().list.push_back(std::move(value));
    }
    return true;
  }
  bool open(bool map) {
    if (open_.size() == kMostDepth) {
      throw ValueError(fmt::format("This JSON is nested more than {} levels deep.", kMostDepth));
    }
    open_.push_back({map});
    return true;
  }
  // Of a key that comes again the last value counts, at the first place, as in Python.
  static std::vector<Config::Item> unique(std::vector<Config::Item> items) {
    std::unordered_map<std::string, std::size_t> places;
    std::vector<Config::Item> out;
    for (Config::Item& item : items) {
      const auto [place, fresh] = places.try_emplace(item.first, out.size());
      if (fresh) {
        out.push_back(std::move(item));
      } else {
        out[place->second].second = std::move(item.second);
      }
    }
    return out;
  }

  std::string_view text_;
  std::vector<Open> open_;
};

}  // namespace

Config Config::list(std::vector<Config> items) {
  Config config;
  config.kind_ = Kind::list;
  config.list_ = std::move(items);
  return config;
}

Config Config::map(std::vector<Item> items) {
  Config config;
  config.kind_ = Kind::map;
  config.map_ = std::move(items);
  return config;
}

bool Config::as_bool() const {
  if (kind_ != Kind::boolean) wrong_kind(*this, "true or false");
  return integer_ != 0;
}

std::int64_t Config::as_int() const {
  if (kind_ == Kind::integer) return integer_;
  constexpr double kEnd = 9223372036854775808.0;
  if (kind_ != Kind::real || real_ != std::trunc(real_) || !(real_ >= -kEnd && real_ < kEnd))
    wrong_kind(*this, "an integer");
  return static_cast<std::int64_t>(real_);
}

double Config::as_real() const {
  if (kind_ == Kind::integer) return static_cast<double>(integer_);
  if (kind_ != Kind::real) wrong_kind(*this, "a number");
  return real_;
}

const std::string& Config::as_string() const {
  if (kind_ != Kind::string) wrong_kind(*this, "a string");
  return string_;
}

const std::vector<Config>& Config::items() const {
  if (kind_ != Kind::list) wrong_kind(*this, "a list");
  return list_;
}

const std::vector<Config::Item>& Config::entries() const {
  if (kind_ != Kind::map) wrong_kind(*this, "a map");
  return map_;
}

std::size_t Config::size() const {
  if (kind_ != Kind::list && kind_ != Kind::map) wrong_kind(*this, "a list or a map");
  return kind_ == Kind::list ? list_.size() : map_.size();
}

const Config* Config::find(std::string_view key) const {
  for (const Item& item : entries()) {
    if (item.first == key) return &item.second;
  }
  return nullptr;
}

const Config& Config::at(std::string_view key) const {
  if (const Config* found = find(key)) return *found;
  std::vector<std::string_view> keys;
  for (const Item& item : map_) keys.push_back(item.first);
  throw ValueError(fmt::format("Config: there is no «{}».{} The keys are: {}.", key, support::did_you_mean(key, keys),
                               keys.empty() ? "none" : support::list(keys)));
}

Config Config::get(std::string_view key, Config fallback) const {
  const Config* found = find(key);
  return found ? *found : fallback;
}

Config& Config::set(std::string_view key, Config value) {
  if (kind_ == Kind::null) kind_ = Kind::map;
  if (kind_ != Kind::map) wrong_kind(*this, "a map");
  for (Item& item : map_) {
    if (item.first == key) {
      item.second = std::move(value);
      return *this;
    }
  }
  map_.emplace_back(key, std::move(value));
  return *this;
}

bool Config::erase(std::string_view key) {
  if (kind_ != Kind::map) wrong_kind(*this, "a map");
  return std::erase_if(map_, [key](const Item& item) { return item.first == key; }) > 0;
}

void Config::push_back(Config value) {
  if (kind_ == Kind::null) kind_ = Kind::list;
  if (kind_ != Kind::list) wrong_kind(*this, "a list");
  list_.push_back(std::move(value));
}

std::string Config::to_json(int indent) const {
  std::string out;
  write(out, *this, indent, 0);
  return out;
}

Config Config::from_json(std::string_view text) {
  const std::string plain = without_special_numbers(text);
  Builder builder(text);
  nlohmann::json::sax_parse(plain, &builder);
  return std::move(builder.result);
}

bool operator==(const Config& a, const Config& b) {
  using Kind = Config::Kind;
  if (a.is_number() && b.is_number()) {
    if (a.kind() == Kind::integer && b.kind() == Kind::integer) return a.integer_ == b.integer_;
    return a.as_real() == b.as_real() || (std::isnan(a.as_real()) && std::isnan(b.as_real()));
  }
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::boolean:
      return a.integer_ == b.integer_;
    case Kind::string:
      return a.string_ == b.string_;
    case Kind::list:
      return a.list_ == b.list_;
    case Kind::map:
      return a.size() == b.size() && std::all_of(a.map_.begin(), a.map_.end(), [&b](const Config::Item& item) {
               const Config* other = b.find(item.first);
               return other && item.second == *other;
             });
    case Kind::null:
    case Kind::integer:
    case Kind::real:
      break;
  }
  return true;
}

std::ostream& operator<<(std::ostream& out, const Config& config) { return out << config.to_json(); }

}  // namespace keras
