// keras::layers: the other names that Keras 2 gives its layers.
#pragma once

#include <keras/layers/convolutional.h>
#include <keras/layers/pooling.h>

#include <utility>

namespace keras::layers {

#define KERAS_CONVOLUTION(Alias, Class, N)                                               \
  inline Layer Alias(std::int64_t filters, Ints<N> kernel_size, Class##Args args = {}) { \
    return Class(filters, kernel_size, std::move(args));                                 \
  }
KERAS_CONVOLUTION(Convolution1D, Conv1D, 1)
KERAS_CONVOLUTION(Convolution2D, Conv2D, 2)
KERAS_CONVOLUTION(Convolution3D, Conv3D, 3)
KERAS_CONVOLUTION(AtrousConv1D, Conv1D, 1)  // whose atrous_rate is dilation_rate
KERAS_CONVOLUTION(AtrousConv2D, Conv2D, 2)
KERAS_CONVOLUTION(AtrousConvolution1D, Conv1D, 1)
KERAS_CONVOLUTION(AtrousConvolution2D, Conv2D, 2)
KERAS_CONVOLUTION(SeparableConvolution1D, SeparableConv1D, 1)
KERAS_CONVOLUTION(SeparableConvolution2D, SeparableConv2D, 2)
KERAS_CONVOLUTION(Convolution2DTranspose, Conv2DTranspose, 2)
KERAS_CONVOLUTION(Convolution3DTranspose, Conv3DTranspose, 3)
KERAS_CONVOLUTION(Deconv2D, Conv2DTranspose, 2)
KERAS_CONVOLUTION(Deconvolution2D, Conv2DTranspose, 2)
KERAS_CONVOLUTION(Deconv3D, Conv3DTranspose, 3)
KERAS_CONVOLUTION(Deconvolution3D, Conv3DTranspose, 3)
#undef KERAS_CONVOLUTION

#define KERAS_POOLING(Alias, Class, N)                                                                       \
  inline Layer Alias(Ints<N> pool_size, Class##Args args = {}) { return Class(pool_size, std::move(args)); } \
  inline Layer Alias(Class##Args args = {}) { return Class(std::move(args)); }
KERAS_POOLING(MaxPool1D, MaxPooling1D, 1)
KERAS_POOLING(MaxPool2D, MaxPooling2D, 2)
KERAS_POOLING(MaxPool3D, MaxPooling3D, 3)
KERAS_POOLING(AvgPool1D, AveragePooling1D, 1)
KERAS_POOLING(AvgPool2D, AveragePooling2D, 2)
KERAS_POOLING(AvgPool3D, AveragePooling3D, 3)
#undef KERAS_POOLING

#define KERAS_GLOBAL_POOLING(Alias, Class) \
  inline Layer Alias(Class##Args args = {}) { return Class(std::move(args)); }
KERAS_GLOBAL_POOLING(GlobalMaxPool1D, GlobalMaxPooling1D)
KERAS_GLOBAL_POOLING(GlobalMaxPool2D, GlobalMaxPooling2D)
KERAS_GLOBAL_POOLING(GlobalMaxPool3D, GlobalMaxPooling3D)
KERAS_GLOBAL_POOLING(GlobalAvgPool1D, GlobalAveragePooling1D)
KERAS_GLOBAL_POOLING(GlobalAvgPool2D, GlobalAveragePooling2D)
KERAS_GLOBAL_POOLING(GlobalAvgPool3D, GlobalAveragePooling3D)
#undef KERAS_GLOBAL_POOLING

}  // namespace keras::layers
