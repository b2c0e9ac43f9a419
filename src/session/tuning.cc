#include "session/tuning.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/version.h>

#include <cstdlib>
#include <mutex>

#include "compile/tuning.h"
#include "support/files.h"
#include "support/log.h"

namespace keras {
namespace session {
namespace {

constexpr std::size_t kMost = 16u << 20;  // bytes of a file

// What the figures hold for.
Config machine() {
  const Info info = keras::info();
  return Config::map({{"processor", info.processor}, {"isa", info.isa}, {"threads", info.threads}});
}

// The kernels of a file; none, with a warning, if it is of another machine.
compile::Tuning read(const std::string& path) {
  const auto none = [&](const std::string& why) {
    return ValueError(
        fmt::format("«{}» is no tuning file{}: Model::tune and keras profile --tune write such.", path, why));
  };
  Config file;
  try {
    file = Config::from_json(support::read_file(path, kMost));
  } catch (const ValueError& error) {
    throw none(fmt::format(" ({})", error.what()));
  }
  const Config* const kernels = file.is_map() ? file.find("kernels") : nullptr;
  if (!kernels || !kernels->is_map() || !file.contains("machine")) throw none("");
  if (file.at("machine") != machine()) {
    support::warn(fmt::format("The tuning of «{}» is left aside: it is for {}, and this is {}.", path,
                              file.at("machine").to_json(), machine().to_json()));
    return {};
  }
  compile::Tuning tuning;
  for (const auto& [node, kernel] : kernels->entries()) {
    if (!kernel.is_string()) throw none("");
    tuning[node] = kernel.as_string();
  }
  return tuning;
}

}  // namespace

void tune(const std::string& path, const std::function<void()>& compile) {
  compile::Tuning all = support::file_exists(path) ? read(path) : compile::Tuning();
  {
    const compile::Tuner tuner;
    compile();
    for (const auto& [node, kernel] : tuner.found()) all[node] = kernel;
  }
  Config kernels = Config::map();
  for (const auto& [node, kernel] : all) kernels.set(node, kernel);
  const Config file = Config::map({{"keras.cpp", version()}, {"machine", machine()}, {"kernels", kernels}});
  support::write_file(path, file.to_json(1) + "\n");
  compile::set_tuning(std::move(all));
}

void load_tuning_of_environment() {
  static std::once_flag once;
  std::call_once(once, [] {
    const char* const path = std::getenv("KERAS_TUNING");
    if (path && *path) config::load_tuning(path);
  });
}

}  // namespace session

void config::load_tuning(const std::string& path) { compile::set_tuning(session::read(path)); }

}  // namespace keras
