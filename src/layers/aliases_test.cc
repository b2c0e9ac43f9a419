// The 24 other names of Keras 2.2.4: as functions, and where configurations are read.
#include <gtest/gtest.h>
#include <keras/layers.h>

#include "layers/table.h"

namespace keras {
namespace {

TEST(Aliases, AreTheLayersTheyStandFor) {
  using namespace layers;
  const std::pair<const char*, Layer> aliases[] = {
      {"Convolution1D", Convolution1D(2, 3)},
      {"Convolution2D", Convolution2D(2, {3, 3}, {.activation = "relu"})},
      {"Convolution3D", Convolution3D(2, 3)},
      {"SeparableConvolution1D", SeparableConvolution1D(2, 3)},
      {"SeparableConvolution2D", SeparableConvolution2D(2, 3)},
      {"Convolution2DTranspose", Convolution2DTranspose(2, 3)},
      {"Deconvolution2D", Deconvolution2D(2, 3)},
      {"Deconv2D", Deconv2D(2, 3, {.strides = 2})},
      {"Deconvolution3D", Deconvolution3D(2, 3)},
      {"Deconv3D", Deconv3D(2, 3)},
      {"AtrousConv1D", AtrousConv1D(2, 3, {.dilation_rate = 2})},
      {"AtrousConv2D", AtrousConv2D(2, 3)},
      {"AvgPool1D", AvgPool1D()},
      {"AvgPool2D", AvgPool2D({2, 3})},
      {"AvgPool3D", AvgPool3D({.strides = 1})},
      {"MaxPool1D", MaxPool1D(3)},
      {"MaxPool2D", MaxPool2D(2, {.padding = "same"})},
      {"MaxPool3D", MaxPool3D()},
      {"GlobalMaxPool1D", GlobalMaxPool1D()},
      {"GlobalMaxPool2D", GlobalMaxPool2D({.keepdims = true})},
      {"GlobalMaxPool3D", GlobalMaxPool3D()},
      {"GlobalAvgPool1D", GlobalAvgPool1D()},
      {"GlobalAvgPool2D", GlobalAvgPool2D()},
      {"GlobalAvgPool3D", GlobalAvgPool3D()},
      // and those that are functions there, and of Keras 3
      {"AtrousConvolution1D", AtrousConvolution1D(2, 3)},
      {"AtrousConvolution2D", AtrousConvolution2D(2, 3)},
      {"Convolution3DTranspose", Convolution3DTranspose(2, 3)},
  };
  for (const auto& [alias, layer] : aliases) {
    const Layer read = from_config(Config::map({{"class_name", alias}, {"config", layer.get_config()}}));
    EXPECT_EQ(read.class_name(), layer.class_name()) << alias;
    EXPECT_NE(read.class_name(), alias);
    EXPECT_EQ(read.get_config(), layer.get_config()) << alias;
  }
  EXPECT_EQ(std::size(aliases), 24u + 3u);
}

}  // namespace
}  // namespace keras
