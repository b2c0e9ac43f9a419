// What layers over images share: where the channels are, paddings, sizes as the ops take them.
#pragma once

#include <keras/layer.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keras::layers {

// The value of `argument`, one of `known`, in lower case; ValueError that suggests one for another.
std::string choice(const char* layer, const char* argument, const std::string& given,
                   std::initializer_list<std::string_view> known);
// "channels_last" or "channels_first"; config::image_data_format() if none is given.
std::string data_format_of(const char* layer, const std::optional<std::string>& given);
std::string padding_of(const char* layer, const std::string& given);  // "valid" or "same"

inline int channel_axis(const std::string& data_format) { return data_format == "channels_first" ? 1 : -1; }
// The size of an axis of the input, which must be known because `what` (a weight) is made for it. From then on the
// layer takes only inputs of that size there.
std::int64_t fixed_axis(LayerBody& layer, const Shape& input, int axis, const char* what);

template <int N>
std::vector<std::int64_t> sizes(const Ints<N>& values) {
  return {values.begin(), values.end()};
}

// A tensor of this shape, with sizes of None, that comes of x: where only shapes are looked for.
Tensor stand_in(const Tensor& x, const Shape& shape);

// Puts an entry before another one: Keras writes some arguments in another order than it takes them.
void move_before(Config& config, std::string_view key, std::string_view before);

}  // namespace keras::layers
