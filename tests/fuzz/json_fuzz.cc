// Any text as JSON, values of which are asked for as every kind. What was parsed and written again is parsed to the
// same.
#include <keras/config.h>
#include <keras/error.h>

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/scratch.h"

namespace {

using keras::Config;
using keras::testing::require;

bool works(auto&& f) try {
  f();
  return true;
} catch (const keras::Error&) {
  return false;
}

// The first values only: exceptions are slow.
void read_some(const Config& config, int& left) {
  if (--left < 0) return;
  const bool list = config.is_list(), map = config.is_map();
  require(works([&] { config.as_string(); }) == config.is_string());
  require(works([&] { config.as_real(); }) == config.is_number());
  require(works([&] { config.as_bool(); }) == (config.kind() == Config::Kind::boolean));
  require(!works([&] { config.as_int(); }) || config.is_number());
  require(works([&] { config.size(); }) == (list || map));
  require(works([&] { config.items(); }) == list && works([&] { config.entries(); }) == map);
  Config changed = config;
  require(works([&] { changed.set("a", 1); }) == (map || config.is_null()));
  require(changed.is_map() ? changed.get("a", 2) == Config(1) && changed.erase("a") && !changed.contains("a")
                           : !works([&] { changed.erase("a"); }));
  changed = config;
  require(works([&] { changed.push_back(1); }) == (list || config.is_null()));
  works([&] { config.at("a"); });
  if (list) {
    for (const Config& each : config.items()) read_some(each, left);
  } else if (map) {
    for (const auto& [key, value] : config.entries()) require(config.at(key) == value), read_some(value, left);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Config config;
  if (!works([&] { config = Config::from_json({reinterpret_cast<const char*>(data), size}); })) return 0;
  for (const int indent : {-1, 1}) {
    const Config again = Config::from_json(config.to_json(indent));
    require(again == config && again.to_json() == config.to_json());
  }
  int left = 20;
  read_some(config, left);
  return 0;
}
