#include "saving/meanings.h"

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
                       target.before(3) ? "A hard_sigmoid of Keras 3, max(0, min(1, x / 6 + 0.5)), is written for Keras 2, which "
                                          "computes 0.2 x + 0.5 by this name."
                                        : "A hard_sigmoid of Keras 2, max(0, min(1, 0.2 x + 0.5)), is written for Keras 3, which "
                                          "computes x / 6 + 0.5 by this name.");
  }
  return map.set("config", std::move(fitting));
}

}  // namespace keras::saving
