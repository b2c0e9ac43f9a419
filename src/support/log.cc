#include "support/log.h"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <vector>

#include "support/text.h"

namespace keras::support {
namespace {

const std::vector<std::string>& topics() {
  static const auto* const list = [] {  // never destroyed: threads may log while the program ends
    auto* names = new std::vector<std::string>;
    const char* value = std::getenv("KERAS_LOG");
    for (const std::string& part : split(value ? value : "", ',')) {
      if (!trim(part).empty()) names->emplace_back(trim(part));
    }
    return names;
  }();
  return *list;
}

struct Warnings {
  std::mutex mutex;
  std::set<std::string, std::less<>> given;
  std::function<void(const std::string&)> handler = print_warning;
};
Warnings& warnings() {
  static auto* const warnings = [] {
    auto* made = new Warnings;
    const char* value = std::getenv("KERAS_WARNINGS");
    if (value && std::string_view(value) == "0") made->handler = nullptr;
    return made;
  }();
  return *warnings;
}

}  // namespace

bool log_enabled(std::string_view topic) {
  for (const std::string& name : topics()) {
    if (name == topic || name == "all") return true;
  }
  return false;
}

void log(std::string_view topic, std::string_view text) {
  if (!log_enabled(topic)) return;
  const std::string line = fmt::format("[keras {}] {}\n", topic, text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void print_warning(const std::string& text) {
  const std::string line = fmt::format("keras: {}\n", text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void warn(const std::string& text) {
  std::function<void(const std::string&)> handler;
  {
    const std::lock_guard lock(warnings().mutex);
    handler = warnings().handler;
  }
  if (handler) handler(text);
}

void warn_once(const std::string& key, const std::string& text) {
  {
    const std::lock_guard lock(warnings().mutex);
    if (!warnings().given.insert(key).second) return;
  }
  warn(text);
}

void set_warning_handler(std::function<void(const std::string&)> handler) {
  const std::lock_guard lock(warnings().mutex);
  warnings().handler = std::move(handler);
}

void forget_warnings() {
  const std::lock_guard lock(warnings().mutex);
  warnings().given.clear();
}

}  // namespace keras::support
