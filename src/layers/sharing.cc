#include "layers/sharing.h"

#include <map>
#include <utility>

#include "layers/reading.h"

namespace keras::layers {
namespace {

constexpr auto kKey = "shared_object_id";
thread_local SharedIds* innermost = nullptr;

std::optional<std::int64_t> id_of(const Config& written) {
  const Config* id = written.is_map() ? written.find(kKey) : nullptr;
  return id && id->kind() == Config::Kind::integer ? std::optional(id->as_int()) : std::nullopt;
}

void count(const Config& config, std::map<std::int64_t, int>& places) {
  if (const auto id = id_of(config)) ++places[*id];
  if (config.is_list()) {
    for (const Config& each : config.items()) count(each, places);
  } else if (config.is_map()) {
    for (const auto& [key, value] : config.entries()) count(value, places);
  }
}

Config without_single(const Config& config, const std::map<std::int64_t, int>& places) {
  if (config.is_list()) {
    Config list = Config::list();
    for (const Config& each : config.items()) list.push_back(without_single(each, places));
    return list;
  }
  if (!config.is_map()) return config;
  const auto id = id_of(config);
  const bool single = id && places.at(*id) == 1;
  Config map = Config::map();
  for (const auto& [key, value] : config.entries()) {
    if (!single || key != kKey) map.set(key, without_single(value, places));
  }
  return map;
}

}  // namespace

SharedIds::SharedIds() : outer_(std::exchange(innermost, this)) {}
SharedIds::~SharedIds() { innermost = outer_; }
SharedIds* SharedIds::current() { return innermost; }

Config SharedIds::numbered(const Layer& layer, Config written) {
  const auto number = static_cast<std::int64_t>(ids_.size()) + 1;
  return written.set(kKey, ids_.emplace(layer.body().get(), number).first->second);
}

Config SharedIds::kept(const Config& config) {
  std::map<std::int64_t, int> places;
  count(config, places);
  return without_single(config, places);
}

std::optional<Layer> shared_layer(const Config& written) {
  const Reading* reading = Reading::current();
  const auto id = id_of(written);
  return reading && id ? reading->shared(*id, written.get("class_name", {})) : std::nullopt;
}

void share_layer(const Config& written, const Layer& layer) {
  Reading* reading = Reading::current();
  const auto id = id_of(written);
  if (reading && id) reading->share(*id, written.get("class_name", {}), layer);
}

}  // namespace keras::layers
