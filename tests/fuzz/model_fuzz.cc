// Any text as the configuration of a model. A model that was read is written, and read again as
// the same.
#include <keras/config.h>
#include <keras/error.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "saving/read_config.h"
#include "saving/write_config.h"
#include "tests/fuzz/scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keras;
  static const bool silent = (config::set_warning_handler({}), true);
  static_cast<void>(silent);
  const saving::ReadOptions options{.weights = {.most_bytes = 32 << 20, .blank_weights = true}};
  std::optional<Config> written;
  try {
    const Config config = Config::from_json({reinterpret_cast<const char*>(data), size});
    written = saving::keras3_config(saving::read_model(config, options));
  } catch (const Error&) {
    return 0;
  }
  testing::require(saving::keras3_config(saving::read_model(*written, options)) == *written);
  return 0;
}
