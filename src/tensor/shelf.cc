// Shelf: looking up, reading and writing the classes of a category.
#include "tensor/shelf.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/text.h"
#include "tensor/custom.h"

namespace keras {

Shelf::Shelf(const char* what, const char* module, std::vector<Line> lines, Upgrade upgrade)
    : what_(what), module_(module), lines_(std::move(lines)), upgrade_(upgrade) {}

std::shared_ptr<Body> Shelf::make(std::string_view name, const Config& config) const {
  if (const Maker* own = CustomScope::find_class(what_, name)) {
    Config upgraded = config;
    if (upgrade_ && config.is_map()) upgrade_(own->class_name, upgraded);
    return own->make(upgraded);
  }
  for (const Line& line : lines_) {
    if (line.maker.class_name != name && std::find(line.names.begin(), line.names.end(), name) == line.names.end())
      continue;
    if (!upgrade_ || !config.is_map()) return line.maker.make(config);
    Config upgraded = config;
    upgrade_(line.maker.class_name, upgraded);
    return line.maker.make(upgraded);
  }
  const std::vector<std::string_view> known = names();
  throw UnknownName(fmt::format("There is no {} of the name «{}».{} Known are {}.", what_, support::printable(name),
                                support::did_you_mean(name, known), support::list(known, known.size())));
}

std::shared_ptr<Body> Shelf::read(const Config& config) const {
  if (config.is_null()) return nullptr;
  if (config.is_string()) return make(config.as_string());
  const Config* name = config.is_map() ? config.find("class_name") : nullptr;
  if (const Config* old = config.is_map() && !name ? config.find("name") : nullptr; old && old->is_string()) {
    Config arguments = config;
    arguments.erase("name");
    return make(old->as_string(), arguments);
  }
  if (!name || !name->is_string()) {
    throw ValueError(fmt::format("No {} can be made of {}: expected a name or {{\"class_name\": …, \"config\": …}}.",
                                 what_, support::printable(config.to_json(), 200)));
  }
  return make(name->as_string(), config.get("config", {}));
}

Config Shelf::write(const Body* body) const {
  if (!body) return {};
  const bool ours = std::any_of(lines_.begin(), lines_.end(),
                                [&](const Line& line) { return line.maker.class_name == body->class_name(); });
  return Config::map({{"module", ours ? Config(module_) : Config()},
                      {"class_name", body->class_name()},
                      {"config", body->get_config()},
                      {"registered_name", ours ? Config() : Config(body->class_name())}});
}

bool Shelf::knows(std::string_view name) const {
  const std::vector<std::string_view> known = names();
  return CustomScope::find_class(what_, name) || std::find(known.begin(), known.end(), name) != known.end();
}

std::vector<std::string_view> Shelf::names() const {
  std::vector<std::string_view> names;
  for (const Line& line : lines_) {
    names.emplace_back(line.maker.class_name);
    names.insert(names.end(), line.names.begin(), line.names.end());
  }
  return names;
}

}  // namespace keras
