// keras::layers: ZeroPadding2D, UpSampling2D.
#pragma once

#include <keras/layers/common.h>

namespace keras {

// Rows and columns at the borders of an image: `1` on all sides, `{1, 2}` above and below, left and right, or
// `{{1, 2}, {3, 4}}`, which is {{top, bottom}, {left, right}}.
struct Borders2D {
  constexpr Borders2D(std::int64_t all = 1) : height(all), width(all) {}
  constexpr Borders2D(std::int64_t height_each, std::int64_t width_each) : height(height_each), width(width_each) {}
  constexpr Borders2D(Ints<2> top_bottom, Ints<2> left_right) : height(top_bottom), width(left_right) {}
  friend constexpr bool operator==(const Borders2D&, const Borders2D&) = default;
  Ints<2> height, width;
};
KERAS_API Config as_config(const Borders2D& borders);
KERAS_API void read_config(const Config& config, Borders2D& borders);

struct ZeroPadding2DArgs {
  ByName by_name = ByName();
  Borders2D padding = 1;
  std::optional<std::string> data_format = {};  // config::image_data_format() if none
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = ZeroPadding2DArgs;
    f("padding", &A::padding, "Zeros at each border.");
    f("data_format", &A::data_format, "channels_last or channels_first.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct UpSampling2DArgs {
  ByName by_name = ByName();
  Ints<2> size = 2;
  std::optional<std::string> data_format = {};
  std::string interpolation = "nearest";
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = UpSampling2DArgs;
    f("size", &A::size, "Factors of height and width.", positive);
    f("data_format", &A::data_format, "channels_last or channels_first.");
    f("interpolation", &A::interpolation, "nearest, bilinear, bicubic, lanczos3 or lanczos5.");
    KERAS_LAYER_FIELDS(A)
  }
};

// Both take (batch, height, width, channels), or (batch, channels, height, width) with data_format "channels_first";
// ValueError for another rank.
namespace layers {
// Zeros around the image. ZeroPadding2D(), ZeroPadding2D(1), ZeroPadding2D({1, 2}), ZeroPadding2D({{1, 2}, {3, 4}}).
KERAS_API Layer ZeroPadding2D(Borders2D padding, ZeroPadding2DArgs args = {});
KERAS_API Layer ZeroPadding2D(ZeroPadding2DArgs args = {});
// Larger images: repeated rows and columns, or interpolated ones (as TensorFlow does it with half-pixel centres).
// UpSampling2D(), UpSampling2D(3), UpSampling2D({2, 3}, {.interpolation = "bilinear"}).
KERAS_API Layer UpSampling2D(Ints<2> size, UpSampling2DArgs args = {});
KERAS_API Layer UpSampling2D(UpSampling2DArgs args = {});
}  // namespace layers

}  // namespace keras
