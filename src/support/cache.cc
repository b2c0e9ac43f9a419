#include "support/cache.h"

#include <cstdlib>

namespace keras::support {

std::string cache_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  if (std::string home = variable("KERAS_HOME"); !home.empty()) return home;
  if (const std::string home = variable("HOME"); !home.empty()) return home + "/.keras";
  return "/tmp/.keras";
}

}  // namespace keras::support
