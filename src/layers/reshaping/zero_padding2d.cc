// ZeroPadding2D: rows and columns of zeros around an image.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/reshaping.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"
#include "support/text.h"
#include "tensor/upgrade.h"

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

  static void upgrade(const char* class_name, Config& config) {
    const Config* padding = config.find("padding");
    if (!padding || !padding->is_map() || padding->contains("class_name")) return;
    Config borders = Config::list();
    std::vector<std::string> names{"top_pad", "bottom_pad", "left_pad", "right_pad"};
    for (const auto& [key, value] : padding->entries()) {
      if (std::find(names.begin(), names.end(), key) != names.end()) continue;
      throw ValueError(
          fmt::format("{}: padding has no entry «{}».{} As a map, which is how Keras 1 wrote it, it takes {}.",
                      class_name, support::printable(key), support::did_you_mean(key, names), support::list(names)));
    }
    for (std::size_t side = 0; side < names.size(); side += 2) {
      borders.push_back(Config::list({padding->get(names[side], 0), padding->get(names[side + 1], 0)}));
    }
    config.set("padding", borders);
    warn_spelling(class_name, "padding: {top_pad, …}", "padding: [[top, bottom], [left, right]]");
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
