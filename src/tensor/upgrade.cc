#include "tensor/upgrade.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>
#include <utility>

#include "support/log.h"

namespace keras {

namespace {
thread_local bool quiet = false;
}  // namespace

QuietSpellings::QuietSpellings() : outer_(std::exchange(quiet, true)) {}
QuietSpellings::~QuietSpellings() { quiet = outer_; }

void warn_spelling(std::string_view class_name, std::string_view older, std::string_view now) {
  if (quiet) return;
  support::warn_once(
      fmt::format("spelling {} {}", class_name, older),
      now.empty()
          ? fmt::format("{}: «{}» is an argument of an older Keras that means nothing any more. Leave it "
                        "out.",
                        class_name, older)
          : fmt::format("{}: «{}» is the spelling of an older Keras. Say «{}» instead.", class_name, older, now));
}

std::optional<Config> Upgrade::take(const char* older, std::string_view now) {
  const Config* found = config_.find(older);
  if (!found) return {};
  Config value = *found;
  config_.erase(older);
  warn_spelling(class_name_, older, now);
  return value;
}

std::optional<std::vector<Config>> Upgrade::take_all(std::initializer_list<const char*> older, std::string_view now) {
  if (!std::all_of(older.begin(), older.end(), [&](const char* name) { return has(name); })) return {};
  std::vector<Config> values;
  for (const char* name : older) values.push_back(*take(name, now));
  return values;
}

void Upgrade::give(const char* name, Config value, const char* older) {
  if (has(name)) {
    throw ValueError(fmt::format("{}: «{}» and «{}» are two spellings of one argument. Give one of them.", class_name_,
                                 name, older));
  }
  config_.set(name, std::move(value));
}

void Upgrade::rename(const char* older, const char* now) {
  if (auto value = take(older, now)) give(now, std::move(*value), older);
}

}  // namespace keras
