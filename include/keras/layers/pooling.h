// keras::layers: MaxPooling, AveragePooling, GlobalMaxPooling, GlobalAveragePooling, each in 1, 2 and 3 dimensions.
#pragma once

#include <keras/layers/common.h>

namespace keras {

template <int N>
struct PoolingArgs {
  ByName by_name = ByName();
  Ints<N> pool_size = 2;
  MaybeInts<N> strides = {};  // pool_size if none
  std::string padding = "valid";
  std::optional<std::string> data_format = {};  // config::image_data_format() if none
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = PoolingArgs;
    f("pool_size", &A::pool_size, "Sizes of the window.", positive, was("pool_length"));
    f("strides", &A::strides, "Steps of the window; pool_size if none.", positive, was("stride"));
    f("padding", &A::padding, "valid, or same: the window may stand over the border, whose outside does not count.",
      was("border_mode"));
    f("data_format", &A::data_format, "channels_last or channels_first.");
    KERAS_LAYER_FIELDS(A)
  }
};
using MaxPooling1DArgs = PoolingArgs<1>;
using MaxPooling2DArgs = PoolingArgs<2>;
using MaxPooling3DArgs = PoolingArgs<3>;
using AveragePooling1DArgs = PoolingArgs<1>;
using AveragePooling2DArgs = PoolingArgs<2>;
using AveragePooling3DArgs = PoolingArgs<3>;

struct GlobalPoolingArgs {
  std::optional<std::string> data_format = {};
  bool keepdims = false;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = GlobalPoolingArgs;
    f("data_format", &A::data_format, "channels_last or channels_first.");
    f("keepdims", &A::keepdims, "Whether the axes of space or time stay, as axes of size 1.");
    KERAS_LAYER_FIELDS(A)
  }
};
using GlobalMaxPooling1DArgs = GlobalPoolingArgs;
using GlobalMaxPooling2DArgs = GlobalPoolingArgs;
using GlobalMaxPooling3DArgs = GlobalPoolingArgs;
using GlobalAveragePooling1DArgs = GlobalPoolingArgs;
using GlobalAveragePooling2DArgs = GlobalPoolingArgs;
using GlobalAveragePooling3DArgs = GlobalPoolingArgs;

// 1D takes (batch, steps, channels), 2D (batch, height, width, channels), 3D (batch, depth, height, width, channels),
// or with the channels after the batch for data_format "channels_first"; ValueError for another rank.
namespace layers {
// The largest of each window. MaxPooling2D(), MaxPooling2D(2), MaxPooling2D({2, 3}), MaxPooling2D({.strides = 1}).
KERAS_API Layer MaxPooling1D(Ints<1> pool_size, MaxPooling1DArgs args = {});
KERAS_API Layer MaxPooling1D(MaxPooling1DArgs args = {});
KERAS_API Layer MaxPooling2D(Ints<2> pool_size, MaxPooling2DArgs args = {});
KERAS_API Layer MaxPooling2D(MaxPooling2DArgs args = {});
KERAS_API Layer MaxPooling3D(Ints<3> pool_size, MaxPooling3DArgs args = {});
KERAS_API Layer MaxPooling3D(MaxPooling3DArgs args = {});
// The mean of each window.
KERAS_API Layer AveragePooling1D(Ints<1> pool_size, AveragePooling1DArgs args = {});
KERAS_API Layer AveragePooling1D(AveragePooling1DArgs args = {});
KERAS_API Layer AveragePooling2D(Ints<2> pool_size, AveragePooling2DArgs args = {});
KERAS_API Layer AveragePooling2D(AveragePooling2DArgs args = {});
KERAS_API Layer AveragePooling3D(Ints<3> pool_size, AveragePooling3DArgs args = {});
KERAS_API Layer AveragePooling3D(AveragePooling3DArgs args = {});
// The largest of each channel: to (batch, channels).
KERAS_API Layer GlobalMaxPooling1D(GlobalMaxPooling1DArgs args = {});
KERAS_API Layer GlobalMaxPooling2D(GlobalMaxPooling2DArgs args = {});
KERAS_API Layer GlobalMaxPooling3D(GlobalMaxPooling3DArgs args = {});
// The mean of each channel: to (batch, channels). In 1D of the steps that a mask leaves.
KERAS_API Layer GlobalAveragePooling1D(GlobalAveragePooling1DArgs args = {});
KERAS_API Layer GlobalAveragePooling2D(GlobalAveragePooling2DArgs args = {});
KERAS_API Layer GlobalAveragePooling3D(GlobalAveragePooling3DArgs args = {});
}  // namespace layers

}  // namespace keras
