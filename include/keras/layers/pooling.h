// keras::layers: MaxPooling2D, AveragePooling2D, GlobalMaxPooling2D, GlobalAveragePooling2D.
#pragma once

#include <keras/layers/common.h>

namespace keras {

struct Pooling2DArgs {
  ByName by_name = ByName();
  Ints<2> pool_size = 2;
  MaybeInts<2> strides = {};  // pool_size if none
  std::string padding = "valid";
  std::optional<std::string> data_format = {};  // config::image_data_format() if none
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = Pooling2DArgs;
    f("pool_size", &A::pool_size, "Height and width of the window.", positive);
    f("strides", &A::strides, "Steps of the window along height and width; pool_size if none.", positive);
    f("padding", &A::padding, "valid, or same: the window may stand over the border, whose outside does not count.",
      was("border_mode"));
    f("data_format", &A::data_format, "channels_last or channels_first.");
    KERAS_LAYER_FIELDS(A)
  }
};
using MaxPooling2DArgs = Pooling2DArgs;
using AveragePooling2DArgs = Pooling2DArgs;

struct GlobalPooling2DArgs {
  std::optional<std::string> data_format = {};
  bool keepdims = false;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = GlobalPooling2DArgs;
    f("data_format", &A::data_format, "channels_last or channels_first.");
    f("keepdims", &A::keepdims, "Whether height and width stay, as axes of size 1.");
    KERAS_LAYER_FIELDS(A)
  }
};
using GlobalMaxPooling2DArgs = GlobalPooling2DArgs;
using GlobalAveragePooling2DArgs = GlobalPooling2DArgs;

// All take (batch, height, width, channels), or (batch, channels, height, width) with data_format "channels_first";
// ValueError for another rank.
namespace layers {
// The largest of each window. MaxPooling2D(), MaxPooling2D(2), MaxPooling2D({2, 3}), MaxPooling2D({.strides = 1}).
KERAS_API Layer MaxPooling2D(Ints<2> pool_size, MaxPooling2DArgs args = {});
KERAS_API Layer MaxPooling2D(MaxPooling2DArgs args = {});
// The mean of each window.
KERAS_API Layer AveragePooling2D(Ints<2> pool_size, AveragePooling2DArgs args = {});
KERAS_API Layer AveragePooling2D(AveragePooling2DArgs args = {});
// The largest of each channel: to (batch, channels).
KERAS_API Layer GlobalMaxPooling2D(GlobalMaxPooling2DArgs args = {});
// The mean of each channel: to (batch, channels).
KERAS_API Layer GlobalAveragePooling2D(GlobalAveragePooling2DArgs args = {});
}  // namespace layers

}  // namespace keras
