#include "saving/meanings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "saving/value.h"
#include "support/log.h"

namespace keras::saving {

Config with_meanings(const Config& config, const KerasVersion& target) {
  if (config.is_list()) {
    Config list = Config::list();
    for (const Config& each : config.items()) list.push_back(with_meanings(each, target));
    return list;
  }
  if (!config.is_map()) return config;
  Config map = Config::map();
  for (const auto& [key, value] : config.entries()) map.set(key, with_meanings(value, target));
  const Config* arguments = map.find("config");
  if (!arguments || !arguments->is_map()) return map;
  const double theirs = target.before(3) ? 0.2 : 1.0 / 6;
  Config fitting = *arguments;
  for (const char* key : {"activation", "recurrent_activation"}) {
    const std::string name = text_at(fitting, key);
    const double ours = name == "hard_sigmoid_keras2"   ? 0.2
                        : name == "hard_sigmoid_keras3" ? 1.0 / 6
                        : name == "hard_sigmoid"        ? config::dialect().hard_sigmoid_slope
                                                        : 0;
    if (ours == 0) continue;
    fitting.set(key, "hard_sigmoid");
    if (ours == theirs) continue;
    map.set("hard_sigmoid_slope", ours);
    support::warn_once(target.before(3) ? "meaning hard_sigmoid 2" : "meaning hard_sigmoid 3",
                       target.before(3)
                           ? "A hard_sigmoid of Keras 3, max(0, min(1, x / 6 + 0.5)), is written for Keras 2, which "
                             "computes 0.2 x + 0.5 by this name."
                           : "A hard_sigmoid of Keras 2, max(0, min(1, 0.2 x + 0.5)), is written for Keras 3, which "
                             "computes x / 6 + 0.5 by this name.");
  }
  return map.set("config", std::move(fitting));
}

namespace {

using Names = std::map<std::string, std::string>;

void collect(const Config& config, Names& slashed, std::set<std::string>& all) {
  if (config.is_list()) {
    for (const Config& each : config.items()) collect(each, slashed, all);
  } else if (config.is_map()) {
    const std::string name = text_at(config, "name");
    if (!name.empty()) all.insert(name);
    if (name.find('/') != std::string::npos) slashed.emplace(name, "");
    for (const auto& [key, value] : config.entries()) collect(value, slashed, all);
  }
}

Config renamed(const Config& config, const Names& names) {
  const auto now = [&](const Config& value) {
    const auto found = value.is_string() ? names.find(value.as_string()) : names.end();
    return found == names.end() ? value : Config(found->second);
  };
  if (config.is_list()) {
    const bool reference = config.size() == 3 && config.items()[0].is_string() && config.items()[1].is_number();
    Config list = Config::list();
    for (const Config& each : config.items()) list.push_back(reference ? now(each) : renamed(each, names));
    return list;
  }
  if (!config.is_map()) return config;
  Config map = Config::map();
  for (const auto& [key, value] : config.entries()) map.set(key, key == "name" ? now(value) : renamed(value, names));
  return map;
}

}  // namespace

Config without_slashes(const Config& config) {
  Names names;
  std::set<std::string> all;
  collect(config, names, all);
  if (names.empty()) return config;
  for (auto& [name, now] : names) {
    now = name;
    std::replace(now.begin(), now.end(), '/', '_');
    while (!all.insert(now).second) now += '_';
  }
  support::warn_once("meaning slashes",
                     fmt::format("Keras 3 takes no «/» in the name of a layer: «{}» is written as «{}», and others "
                                 "likewise.",
                                 names.begin()->first, names.begin()->second));
  return renamed(config, names);
}

}  // namespace keras::saving
