// keras::layers: ZeroPadding, Cropping, UpSampling, each in 1, 2 and 3 dimensions.
#pragma once

#include <keras/layers/common.h>

namespace keras {

// Elements at the two ends of each axis of space: `1` at all ends; `{1, 2, 3}`, one number for both ends of each axis;
// or `{{1, 2}, {3, 4}}`, a pair for each axis, such as {{top, bottom}, {left, right}}. Of one axis `{1, 2}` is its
// pair.
template <int N>
class Borders {
 public:
  constexpr Borders(std::int64_t all = 0) {
    for (Ints<2>& axis : axes_) axis = all;
  }
  constexpr Borders(std::int64_t first, std::int64_t second) requires(N <= 2) {
    if constexpr (N == 1) {
      axes_[0] = {first, second};
    } else {
      axes_[0] = first, axes_[1] = second;
    }
  }
  constexpr Borders(Ints<2> first, Ints<2> second) requires(N == 2) : axes_{first, second} {}
  constexpr Borders(std::int64_t a, std::int64_t b, std::int64_t c) requires(N == 3) : axes_{a, b, c} {}
  constexpr Borders(Ints<2> a, Ints<2> b, Ints<2> c) requires(N == 3) : axes_{a, b, c} {}
  constexpr const Ints<2>& operator[](std::size_t axis) const { return axes_[axis]; }
  constexpr Ints<2>& operator[](std::size_t axis) { return axes_[axis]; }
  constexpr const Ints<2>* begin() const { return axes_; }
  constexpr const Ints<2>* end() const { return axes_ + N; }
  friend constexpr bool operator==(const Borders&, const Borders&) = default;

 private:
  Ints<2> axes_[N];
};
using Borders1D = Borders<1>;
using Borders2D = Borders<2>;
using Borders3D = Borders<3>;

KERAS_API std::vector<Ints<2>> read_borders(const Config& config, int axes);
template <int N>
void read_config(const Config& config, Borders<N>& borders) {
  const std::vector<Ints<2>> pairs = read_borders(config, N);
  for (std::size_t axis = 0; axis < N; ++axis) borders[axis] = pairs[axis];
}
template <int N>
Config as_config(const Borders<N>& borders) {
  if constexpr (N == 1) return as_config(borders[0]);
  Config list = Config::list();
  for (const Ints<2>& pair : borders) list.push_back(as_config(pair));
  return list;
}

template <int N>
struct ZeroPaddingArgs {
  ByName by_name = ByName();
  Borders<N> padding = 1;
  std::optional<std::string> data_format = {};  // config::image_data_format() if none
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = ZeroPaddingArgs;
    f("padding", &A::padding, "Zeros at each border.");
    f("data_format", &A::data_format, "channels_last or channels_first.");
    KERAS_LAYER_FIELDS(A)
  }
};
using ZeroPadding1DArgs = ZeroPaddingArgs<1>;
using ZeroPadding2DArgs = ZeroPaddingArgs<2>;
using ZeroPadding3DArgs = ZeroPaddingArgs<3>;

template <int N>
struct CroppingArgs {
  ByName by_name = ByName();
  Borders<N> cropping = N == 2 ? 0 : 1;
  std::optional<std::string> data_format = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = CroppingArgs;
    f("cropping", &A::cropping, "Elements taken away at each border.");
    f("data_format", &A::data_format, "channels_last or channels_first.");
    KERAS_LAYER_FIELDS(A)
  }
};
template <>
struct CroppingArgs<1> {  // the channels are last
  ByName by_name = ByName();
  Borders1D cropping = 1;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = CroppingArgs;
    f("cropping", &A::cropping, "Steps taken away at each end.");
    KERAS_LAYER_FIELDS(A)
  }
};
using Cropping1DArgs = CroppingArgs<1>;
using Cropping2DArgs = CroppingArgs<2>;
using Cropping3DArgs = CroppingArgs<3>;

template <int N>
struct UpSamplingArgs {
  ByName by_name = ByName();
  Ints<N> size = 2;
  std::optional<std::string> data_format = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = UpSamplingArgs;
    f("size", &A::size, "Factors of the axes of space.", positive);
    f("data_format", &A::data_format, "channels_last or channels_first.");
    KERAS_LAYER_FIELDS(A)
  }
};
template <>
struct UpSamplingArgs<1> {  // the channels are last
  ByName by_name = ByName();
  Ints<1> size = 2;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = UpSamplingArgs;
    f("size", &A::size, "How often each step is repeated.", positive, was("length"));
    KERAS_LAYER_FIELDS(A)
  }
};
template <>
struct UpSamplingArgs<2> {
  ByName by_name = ByName();
  Ints<2> size = 2;
  std::optional<std::string> data_format = {};
  std::string interpolation = "nearest";
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = UpSamplingArgs;
    f("size", &A::size, "Factors of height and width.", positive);
    f("data_format", &A::data_format, "channels_last or channels_first.");
    f("interpolation", &A::interpolation, "nearest, bilinear, bicubic, lanczos3 or lanczos5.");
    KERAS_LAYER_FIELDS(A)
  }
};
using UpSampling1DArgs = UpSamplingArgs<1>;
using UpSampling2DArgs = UpSamplingArgs<2>;
using UpSampling3DArgs = UpSamplingArgs<3>;

// 1D layers take (batch, steps, channels), 2D (batch, height, width, channels), 3D (batch, depth, height, width,
// channels), or with the channels after the batch for data_format "channels_first"; ValueError for another rank.
namespace layers {
// Zeros around. ZeroPadding2D(), ZeroPadding2D(1), ZeroPadding2D({1, 2}), ZeroPadding2D({{1, 2}, {3, 4}}).
KERAS_API Layer ZeroPadding1D(Borders1D padding, ZeroPadding1DArgs args = {});
KERAS_API Layer ZeroPadding1D(ZeroPadding1DArgs args = {});
KERAS_API Layer ZeroPadding2D(Borders2D padding, ZeroPadding2DArgs args = {});
KERAS_API Layer ZeroPadding2D(ZeroPadding2DArgs args = {});
KERAS_API Layer ZeroPadding3D(Borders3D padding, ZeroPadding3DArgs args = {});
KERAS_API Layer ZeroPadding3D(ZeroPadding3DArgs args = {});
// What is left without the borders. ValueError where nothing is left.
KERAS_API Layer Cropping1D(Borders1D cropping, Cropping1DArgs args = {});
KERAS_API Layer Cropping1D(Cropping1DArgs args = {});
KERAS_API Layer Cropping2D(Borders2D cropping, Cropping2DArgs args = {});
KERAS_API Layer Cropping2D(Cropping2DArgs args = {});
KERAS_API Layer Cropping3D(Borders3D cropping, Cropping3DArgs args = {});
KERAS_API Layer Cropping3D(Cropping3DArgs args = {});
// Each element several times along each axis; images also by interpolation (as TensorFlow does it with half-pixel
// centres). UpSampling2D(), UpSampling2D(3), UpSampling2D({2, 3}, {.interpolation = "bilinear"}).
KERAS_API Layer UpSampling1D(Ints<1> size, UpSampling1DArgs args = {});
KERAS_API Layer UpSampling1D(UpSampling1DArgs args = {});
KERAS_API Layer UpSampling2D(Ints<2> size, UpSampling2DArgs args = {});
KERAS_API Layer UpSampling2D(UpSampling2DArgs args = {});
KERAS_API Layer UpSampling3D(Ints<3> size, UpSampling3DArgs args = {});
KERAS_API Layer UpSampling3D(UpSampling3DArgs args = {});
}  // namespace layers

}  // namespace keras
