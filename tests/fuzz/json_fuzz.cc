// Any text as JSON, and as the configuration of a model. What was parsed and written again is parsed to the same; a
// model that was read is written, and read again.
#include <keras/config.h>
#include <keras/error.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "saving/read_config.h"
#include "saving/write_config.h"
#include "tests/fuzz/scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keras;
  static const bool silent = [] {
    config::set_warning_handler({});
    return true;
  }();
  static_cast<void>(silent);
  const saving::ReadOptions options{.weights = {.most_bytes = 32 << 20, .blank_weights = true}};
  try {
    const Config config = Config::from_json({reinterpret_cast<const char*>(data), size});
    for (const int indent : {-1, 1}) {
      const Config again = Config::from_json(config.to_json(indent));
      testing::require(again == config && again.to_json() == config.to_json());
    }
    const Model model = saving::read_model(config, options);
    saving::read_model(saving::keras3_config(model), options);
  } catch (const Error&) {
  }
  return 0;
}
