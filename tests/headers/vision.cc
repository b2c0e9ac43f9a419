// The layers of vision models as users write them: sizes as 3 or {3, 3}, arguments by name.
#include <keras/layers.h>
#include <keras/models.h>

using namespace keras;

void vision() {
  Sequential model({
      layers::Conv2D(32, {3, 3}, {.activation = "relu", .input_shape = Shape{28, 28, 1}}),
      layers::Conv2D(64, 3, {.strides = {2, 1}, .padding = "same"}),
      layers::MaxPooling2D(),
      layers::MaxPooling2D({2, 2}),
      layers::MaxPooling2D(2, {.strides = {1, 1}}),
      layers::AveragePooling2D({.pool_size = {3, 3}, .strides = 2}),
      layers::ZeroPadding2D({{0, 1}, {0, 1}}),
      layers::ZeroPadding2D({1, 2}),
      layers::DepthwiseConv2D({3, 3}, {.use_bias = false}),
      layers::SeparableConv2D(8, 3, {.depth_multiplier = 2}),
      layers::BatchNormalization({.axis = -1, .momentum = 0.9}),
      layers::UpSampling2D({2, 2}, {.interpolation = "bilinear"}),
      layers::Conv2DTranspose(4, 3, {.strides = 2, .output_padding = {1, 1}}),
      layers::GlobalAveragePooling2D({.keepdims = true}),
  });
  layers::ZeroPadding1D({1, 2});
  layers::ZeroPadding3D({1, 2, 3});
  layers::Cropping2D({{1, 0}, {0, 2}}, {.data_format = "channels_first"});
  layers::Cropping3D({{1, 0}, {0, 2}, {1, 1}});
  layers::UpSampling3D({1, 2, 2});
  layers::LocallyConnected2D(4, {3, 3}, {.strides = {2, 1}});
  layers::Convolution2D(32, {3, 3}, {.activation = "relu"});
  layers::MaxPool2D({2, 2}, {.strides = 1});
  layers::TimeDistributed(layers::Conv2D(8, {3, 3}), {.input_shape = Shape{10, 28, 28, 1}});
  layers::Lambda([](const Tensor& x) { return x / 255; }, {.name = "scale"});
  layers::Add()({Tensor(), Tensor()});
  layers::Concatenate(1)({Tensor(), Tensor()});
}

// Numbers in braces are sizes or nothing: they are never taken for arguments.
template <class Args>
concept TakesNumbers = requires(void (&takes)(Args)) {
  takes({2, 2});
};
static_assert(!TakesNumbers<Conv2DArgs> && !TakesNumbers<MaxPooling2DArgs> && !TakesNumbers<UpSampling2DArgs>);
static_assert(!TakesNumbers<ZeroPadding1DArgs> && !TakesNumbers<Cropping2DArgs> && !TakesNumbers<UpSampling3DArgs>);
static_assert(!TakesNumbers<LocallyConnected2DArgs> && !TakesNumbers<TimeDistributedArgs>);
static_assert(!TakesNumbers<ZeroPadding2DArgs> && !TakesNumbers<BatchNormalizationArgs>);
