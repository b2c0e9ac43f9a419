#include "layers/spatial.h"

#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "support/text.h"

namespace keras::layers {

std::string choice(const char* layer, const char* argument, const std::string& given,
                   std::initializer_list<std::string_view> known) {
  std::string value = support::lower(given);
  if (std::find(known.begin(), known.end(), value) != known.end()) return value;
  const std::vector<std::string_view> names(known);
  throw ValueError(fmt::format("{}: {} must be one of {}. Received: \"{}\".{}", layer, argument, support::list(names),
                               support::printable(given), support::did_you_mean(value, names)));
}

std::string data_format_of(const char* layer, const std::optional<std::string>& given) {
  return choice(layer, "data_format", given.value_or(config::image_data_format()), {"channels_last", "channels_first"});
}

std::string padding_of(const char* layer, const std::string& given) {
  return choice(layer, "padding", given, {"valid", "same"});
}

std::int64_t fixed_axis(LayerBody& layer, const Shape& input, int axis, const char* what) {
  const int rank = input.rank();
  if (axis < -rank || axis >= rank) {
    throw ValueError(fmt::format("{}: axis {} is none of the {} axes of the input. Received: shape={}.",
                                 describe(layer), axis, rank, input.str()));
  }
  const Dim size = input[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)];
  if (!size.known()) {
    throw ValueError(
        fmt::format("{}: the size of axis {} of the input must be known, because {} is made for it. Received: "
                    "shape={}. Name it, for instance with Input({{28, 28, 1}}).",
                    describe(layer), axis, what, input.str()));
  }
  layer.state().input_spec.axis = axis;
  layer.state().input_spec.size = size.value();
  return size.value();
}

Tensor stand_in(const Tensor& x, const Shape& shape) { return ops::reshape(x, shape); }

void move_before(Config& config, std::string_view key, std::string_view before) {
  Config ordered = Config::map();
  const Config value = config.at(key);
  for (const auto& [name, other] : config.entries()) {
    if (name == before) ordered.set(key, value);
    if (name != key) ordered.set(name, other);
  }
  config = ordered;
}

}  // namespace keras::layers
