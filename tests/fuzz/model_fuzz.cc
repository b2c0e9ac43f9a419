// Any text as the configuration of a model. A model that was read is written, and read again.
#include <keras/config.h>
#include <keras/error.h>

#include <cstddef>
#include <cstdint>

#include "saving/read_config.h"
#include "saving/write_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keras;
  static const bool silent = (config::set_warning_handler({}), true);
  static_cast<void>(silent);
  const saving::ReadOptions options{.weights = {.most_bytes = 32 << 20, .blank_weights = true}};
  try {
    const Model model = saving::read_model(Config::from_json({reinterpret_cast<const char*>(data), size}), options);
    static_cast<void>(saving::read_model(saving::keras3_config(model), options));
  } catch (const Error&) {
  }
  return 0;
}
