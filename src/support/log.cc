#include "support/log.h"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <string>
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

}  // namespace keras::support
