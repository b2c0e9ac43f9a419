// SqueezeNet 1.1 (Iandola et al., 2016) without its top, layer by layer in the order of
// github.com/rcmalli/keras-squeezenet, whose ImageNet weights (MIT) fit it; and pictures as it wants them.
#pragma once

#include <keras/keras.h>

#include <string>

namespace squeezenet {

using namespace keras;

inline Tensor convolution(const Tensor& x, std::int64_t filters, std::int64_t size, const std::string& name) {
  return layers::Conv2D(filters, size, {.padding = "same", .activation = "relu", .name = name})(x);
}

// Few channels, then many of 1 x 1 and of 3 x 3 side by side.
inline Tensor fire(const Tensor& x, int number, std::int64_t squeeze, std::int64_t expand) {
  const std::string name = "fire" + std::to_string(number) + "_";
  const Tensor few = convolution(x, squeeze, 1, name + "squeeze1x1");
  return layers::Concatenate({.name = name + "concat"})(
      {convolution(few, expand, 1, name + "expand1x1"), convolution(few, expand, 3, name + "expand3x3")});
}

// Pictures of any size in, 512 channels of an 18th of it out.
inline Model base(const Tensor& input) {
  Tensor x = layers::Conv2D(64, 3, {.strides = 2, .activation = "relu", .name = "conv1"})(input);
  x = layers::MaxPooling2D(3, {.strides = 2, .name = "pool1"})(x);
  x = fire(fire(x, 2, 16, 64), 3, 16, 64);
  x = layers::MaxPooling2D(3, {.strides = 2, .name = "pool3"})(x);
  x = fire(fire(x, 4, 32, 128), 5, 32, 128);
  x = layers::MaxPooling2D(3, {.strides = 2, .name = "pool5"})(x);
  x = fire(fire(x, 6, 48, 192), 7, 48, 192);
  x = fire(fire(x, 8, 64, 256), 9, 64, 256);
  return Model(input, x, {.name = "squeezenet"});
}

// Of 0 to 255, red first -> blue first, without ImageNet's mean.
inline Tensor preprocess(const Tensor& pictures) {
  return ops::flip(pictures, {-1}) - Array({103.939, 116.779, 123.68});
}

}  // namespace squeezenet
