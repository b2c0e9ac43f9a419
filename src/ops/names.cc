#include "ops/names.h"

#include <map>
#include <mutex>

namespace keras::ops {

namespace {
std::mutex mutex;
std::map<std::string, int>& counts() {
  static auto* const counts = new std::map<std::string, int>;  // outlives static destructors
  return *counts;
}

bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
}  // namespace

std::string snake_case(std::string_view class_name) {
  std::string word;  // letters, digits and underscores only
  for (const char c : class_name) {
    if (upper(c) || lower(c) || digit(c) || c == '_') word += c;
  }
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    const bool starts_word = i > 0 && upper(c) && i + 1 < word.size() && lower(word[i + 1]);
    const bool ends_word = i > 0 && upper(c) && lower(word[i - 1]);
    if (starts_word || ends_word) out += '_';
    out += upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::string camel_case(std::string_view name) {
  std::string out;
  bool starts_word = true;
  for (const char c : name) {
    if (c != '_') out += starts_word && lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
    starts_word = c == '_';
  }
  return out;
}

std::string unique_name(std::string_view class_name) {
  std::string name = snake_case(class_name);
  const std::lock_guard lock(mutex);
  const int before = counts()[name]++;
  return before == 0 ? name : name + "_" + std::to_string(before);
}

void reset_names() {
  const std::lock_guard lock(mutex);
  counts().clear();
}

}  // namespace keras::ops
