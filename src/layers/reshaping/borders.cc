// ZeroPadding2D: rows and columns of zeros around an image.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/reshaping.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"

namespace keras {
namespace {

struct ZeroPadding2DBody final : LayerBody {
  static constexpr auto class_name = "ZeroPadding2D";
  using Args = ZeroPadding2DArgs;
  explicit ZeroPadding2DBody(Args args) : args_(std::move(args)) {
    const auto& [height, width] = args_.padding;
    if (std::min({height[0], height[1], width[0], width[1]}) < 0) {
      throw ValueError(
          fmt::format("ZeroPadding2D: padding must be 0 or more on each side. Received: (({}, {}), ({}, {})). To take "
                      "rows away, slice them off.",
                      height[0], height[1], width[0], width[1]));
    }
    args_.data_format = layers::data_format_of(class_name, args_.data_format);
    state().input_spec.rank = 4;
  }

  Tensor call(const Tensor& x) override {
    const auto& [height, width] = args_.padding;
    std::vector<std::pair<std::int64_t, std::int64_t>> widths(4);
    const std::size_t first = *args_.data_format == "channels_last" ? 1 : 2;
    widths[first] = {height[0], height[1]};
    widths[first + 1] = {width[0], width[1]};
    return ops::pad(x, widths);
  }

  Config get_config() const override { return LayerBody::get_config().set("data_format", *args_.data_format); }

 private:
  Args args_;
};

}  // namespace

Config as_config(const Borders2D& borders) {
  return Config::list({as_config(borders.height), as_config(borders.width)});
}

void read_config(const Config& config, Borders2D& borders) {
  if (config.is_map() && config.contains("top_pad")) {  // Keras 1
    const auto at = [&](const char* key) { return config.at(key).as_int(); };
    borders = {Ints<2>(at("top_pad"), at("bottom_pad")), Ints<2>(at("left_pad"), at("right_pad"))};
    return;
  }
  if (config.is_number()) {
    borders = config.as_int();
    return;
  }
  const Config* items = config.is_map() ? config.find("items") : &config;  // of a __tuple__
  if (!items || !items->is_list() || items->size() != 2) {
    throw ValueError(fmt::format("expected a number, (height, width) or ((top, bottom), (left, right)). Received: {}.",
                                 config.to_json()));
  }
  read_config(items->items()[0], borders.height);
  read_config(items->items()[1], borders.width);
}

Layer layers::ZeroPadding2D(ZeroPadding2DArgs args) { return make_layer<ZeroPadding2DBody>(std::move(args)); }
Layer layers::ZeroPadding2D(Borders2D padding, ZeroPadding2DArgs args) {
  if (args.padding != ZeroPadding2DArgs().padding) refuse_twice("ZeroPadding2D", "padding");
  args.padding = padding;
  return ZeroPadding2D(std::move(args));
}

Maker layers::makers::ZeroPadding2D() { return custom<ZeroPadding2DBody>(); }

}  // namespace keras
