#include "saving/value.h"

#include <fmt/format.h>

#include "support/text.h"

namespace keras::saving {

std::string text_at(const Config& config, std::string_view key) {
  const Config* value = config.is_map() ? config.find(key) : nullptr;
  return value && value->is_string() ? value->as_string() : std::string();
}

Config plain(const Config& config) {
  if (config.is_list()) {
    Config list = Config::list();
    for (const Config& each : config.items()) list.push_back(plain(each));
    return list;
  }
  if (!config.is_map()) return config;
  const std::string class_name = text_at(config, "class_name");
  const Config* items = config.find("items");
  if (items && items->is_list() && (class_name == "__tuple__" || class_name == "TensorShape")) return plain(*items);
  Config map = Config::map();
  for (const auto& [key, value] : config.entries()) map.set(key, plain(value));
  return map;
}

bool is_model_class(std::string_view class_name) {
  return class_name == "Sequential" || class_name == "Functional" || class_name == "Model";
}

std::string entry_name(const Config& layer) {
  const std::string name = text_at(layer, "name");
  if (!name.empty() || !layer.is_map()) return name;
  const Config* config = layer.find("config");
  return config ? text_at(*config, "name") : std::string();
}

std::string describe_entry(const Config& layer) {
  const std::string class_name = text_at(layer, "class_name"), name = entry_name(layer);
  return fmt::format("{} «{}»", class_name.empty() ? "Layer" : support::printable(class_name),
                     support::printable(name));
}

}  // namespace keras::saving
