// keras::layers: Conv1D, Conv2D, Conv3D, Conv2DTranspose, Conv3DTranspose, DepthwiseConv1D, DepthwiseConv2D,
// SeparableConv1D, SeparableConv2D.
#pragma once

#include <keras/layers/common.h>

namespace keras {

template <int N>
struct ConvArgs {
  ByName by_name = ByName();
  std::int64_t filters = 0;
  Ints<N> kernel_size = 0;
  Ints<N> strides = 1;
  std::string padding = "valid";
  std::optional<std::string> data_format = {};  // config::image_data_format() if none
  Ints<N> dilation_rate = 1;
  std::int64_t groups = 1;
  Activation activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // kernel, bias
  static void fields(auto&& f) {
    f("filters", &ConvArgs::filters, "Number of output channels.", positive, was("nb_filter"));
    f("kernel_size", &ConvArgs::kernel_size, "Sizes of the window.", positive);
    f("strides", &ConvArgs::strides, "Steps of the window.", positive, was("subsample"));
    f("padding", &ConvArgs::padding, "valid, or same: zeros around, so that only strides make the output smaller.",
      was("border_mode"));
    f("data_format", &ConvArgs::data_format, "channels_last or channels_first.");
    f("dilation_rate", &ConvArgs::dilation_rate, "Distance of the window's points; not with strides.", positive,
      was("atrous_rate"));
    f("groups", &ConvArgs::groups, "Parts of the channels that see only their own part of the input.", positive);
    f("activation", &ConvArgs::activation, "Applied to the result; none by default.");
    f("use_bias", &ConvArgs::use_bias, "Whether a bias is added to each channel.", was("bias"));
    f("kernel_initializer", &ConvArgs::kernel_initializer, "Of the kernel.", was("init"));
    f("bias_initializer", &ConvArgs::bias_initializer, "Of the bias.");
    f("kernel_regularizer", &ConvArgs::kernel_regularizer, "Penalty on the kernel.", was("W_regularizer"));
    f("bias_regularizer", &ConvArgs::bias_regularizer, "Penalty on the bias.", was("b_regularizer"));
    f("activity_regularizer", &ConvArgs::activity_regularizer, "Penalty on the output, divided by the batch size.");
    f("kernel_constraint", &ConvArgs::kernel_constraint, "Projection of the kernel after each update.",
      was("W_constraint"));
    f("bias_constraint", &ConvArgs::bias_constraint, "Projection of the bias after each update.", was("b_constraint"));
    KERAS_LAYER_FIELDS(ConvArgs)
  }
};

template <int N>
struct ConvTransposeArgs {
  ByName by_name = ByName();
  std::int64_t filters = 0;
  Ints<N> kernel_size = 0;
  Ints<N> strides = 1;
  std::string padding = "valid";
  MaybeInts<N> output_padding = {};
  std::optional<std::string> data_format = {};
  Ints<N> dilation_rate = 1;
  Activation activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // kernel, bias
  static void fields(auto&& f) {
    using A = ConvTransposeArgs;
    f("filters", &A::filters, "Number of output channels.", positive, was("nb_filter"));
    f("kernel_size", &A::kernel_size, "Sizes of the window.", positive);
    f("strides", &A::strides, "How much larger the output is, along each axis.", positive, was("subsample"));
    f("padding", &A::padding, "valid, or same: the output is strides times the input.", was("border_mode"));
    const auto output_padding = [&] {
      f("output_padding", &A::output_padding,
        "Elements added to the output at the end of each axis, fewer than strides; by padding if none.", not_negative);
    };
    if constexpr (N != 3) output_padding();  // Keras's order
    f("data_format", &A::data_format, "channels_last or channels_first.");
    if constexpr (N == 3) output_padding();
    f("dilation_rate", &A::dilation_rate, "Distance of the window's points; not with strides.", positive);
    f("activation", &A::activation, "Applied to the result; none by default.");
    f("use_bias", &A::use_bias, "Whether a bias is added to each channel.", was("bias"));
    f("kernel_initializer", &A::kernel_initializer, "Of the kernel.", was("init"));
    f("bias_initializer", &A::bias_initializer, "Of the bias.");
    f("kernel_regularizer", &A::kernel_regularizer, "Penalty on the kernel.", was("W_regularizer"));
    f("bias_regularizer", &A::bias_regularizer, "Penalty on the bias.", was("b_regularizer"));
    f("activity_regularizer", &A::activity_regularizer, "Penalty on the output, divided by the batch size.");
    f("kernel_constraint", &A::kernel_constraint, "Projection of the kernel after each update.", was("W_constraint"));
    f("bias_constraint", &A::bias_constraint, "Projection of the bias after each update.", was("b_constraint"));
    KERAS_LAYER_FIELDS(A)
  }
};

template <int N>
struct DepthwiseConvArgs {
  ByName by_name = ByName();
  Ints<N> kernel_size = 0;
  Ints<N> strides = 1;
  std::string padding = "valid";
  std::int64_t depth_multiplier = 1;
  std::optional<std::string> data_format = {};
  Ints<N> dilation_rate = 1;
  Activation activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint bias_constraint = {};
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // kernel, bias
  static void fields(auto&& f) {
    using A = DepthwiseConvArgs;
    f("kernel_size", &A::kernel_size, "Sizes of the window.", positive);
    f("strides", &A::strides, "Steps of the window.", positive);
    f("padding", &A::padding, "valid, or same: zeros around, so that only strides make the output smaller.");
    f("depth_multiplier", &A::depth_multiplier, "Output channels of each input channel.", positive);
    f("data_format", &A::data_format, "channels_last or channels_first.");
    f("dilation_rate", &A::dilation_rate, "Distance of the window's points.", positive);
    f("activation", &A::activation, "Applied to the result; none by default.");
    f("use_bias", &A::use_bias, "Whether a bias is added to each channel.");
    f("depthwise_initializer", &A::depthwise_initializer, "Of the kernel.");
    f("bias_initializer", &A::bias_initializer, "Of the bias.");
    f("depthwise_regularizer", &A::depthwise_regularizer, "Penalty on the kernel.");
    f("bias_regularizer", &A::bias_regularizer, "Penalty on the bias.");
    f("activity_regularizer", &A::activity_regularizer, "Penalty on the output, divided by the batch size.");
    f("depthwise_constraint", &A::depthwise_constraint, "Projection of the kernel after each update.");
    f("bias_constraint", &A::bias_constraint, "Projection of the bias after each update.");
    KERAS_LAYER_FIELDS(A)
  }
};

template <int N>
struct SeparableConvArgs {
  ByName by_name = ByName();
  std::int64_t filters = 0;
  Ints<N> kernel_size = 0;
  Ints<N> strides = 1;
  std::string padding = "valid";
  std::optional<std::string> data_format = {};
  Ints<N> dilation_rate = 1;
  std::int64_t depth_multiplier = 1;
  Activation activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer pointwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer pointwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint pointwise_constraint = {};
  Constraint bias_constraint = {};
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // depthwise kernel, pointwise kernel, bias
  static void fields(auto&& f) {
    using A = SeparableConvArgs;
    f("filters", &A::filters, "Number of output channels.", positive, was("nb_filter"));
    f("kernel_size", &A::kernel_size, "Sizes of the window.", positive);
    f("strides", &A::strides, "Steps of the window.", positive, was("subsample"));
    f("padding", &A::padding, "valid, or same: zeros around, so that only strides make the output smaller.",
      was("border_mode"));
    f("data_format", &A::data_format, "channels_last or channels_first.");
    f("dilation_rate", &A::dilation_rate, "Distance of the window's points.", positive);
    f("depth_multiplier", &A::depth_multiplier, "Channels of each input channel after the first step.", positive);
    f("activation", &A::activation, "Applied to the result; none by default.");
    f("use_bias", &A::use_bias, "Whether a bias is added to each channel.", was("bias"));
    f("depthwise_initializer", &A::depthwise_initializer, "Of the depthwise kernel.");
    f("pointwise_initializer", &A::pointwise_initializer, "Of the pointwise kernel.");
    f("bias_initializer", &A::bias_initializer, "Of the bias.");
    f("depthwise_regularizer", &A::depthwise_regularizer, "Penalty on the depthwise kernel.");
    f("pointwise_regularizer", &A::pointwise_regularizer, "Penalty on the pointwise kernel.");
    f("bias_regularizer", &A::bias_regularizer, "Penalty on the bias.", was("b_regularizer"));
    f("activity_regularizer", &A::activity_regularizer, "Penalty on the output, divided by the batch size.");
    f("depthwise_constraint", &A::depthwise_constraint, "Projection of the depthwise kernel after each update.");
    f("pointwise_constraint", &A::pointwise_constraint, "Projection of the pointwise kernel after each update.");
    f("bias_constraint", &A::bias_constraint, "Projection of the bias after each update.", was("b_constraint"));
    KERAS_LAYER_FIELDS(A)
  }
};
using Conv1DArgs = ConvArgs<1>;
using Conv2DArgs = ConvArgs<2>;
using Conv3DArgs = ConvArgs<3>;
using Conv2DTransposeArgs = ConvTransposeArgs<2>;
using Conv3DTransposeArgs = ConvTransposeArgs<3>;
using DepthwiseConv1DArgs = DepthwiseConvArgs<1>;
using DepthwiseConv2DArgs = DepthwiseConvArgs<2>;
using SeparableConv1DArgs = SeparableConvArgs<1>;
using SeparableConv2DArgs = SeparableConvArgs<2>;

// 1D layers take (batch, steps, channels), 2D (batch, height, width, channels), 3D (batch, depth, height, width,
// channels), or with the channels after the batch for data_format "channels_first". The number of channels must be
// known when the layer is built; the other sizes need not be. ValueError for another rank, for another number of
// channels than at first, and where the window does not fit.
namespace layers {
// activation(input * kernel + bias), to (batch, new sizes…, filters). With padding "same" the odd zero lies behind, as
// in TensorFlow; 1D knows "causal" too, where a result sees nothing that comes later. ValueError when groups divides
// neither filters nor channels.
KERAS_API Layer Conv1D(std::int64_t filters, Ints<1> kernel_size, Conv1DArgs args = {});
KERAS_API Layer Conv2D(std::int64_t filters, Ints<2> kernel_size, Conv2DArgs args = {});
KERAS_API Layer Conv3D(std::int64_t filters, Ints<3> kernel_size, Conv3DArgs args = {});
// What flows back through a convolution, as a layer: from a small image to a large one (Zeiler et al., 2010).
KERAS_API Layer Conv2DTranspose(std::int64_t filters, Ints<2> kernel_size, Conv2DTransposeArgs args = {});
KERAS_API Layer Conv3DTranspose(std::int64_t filters, Ints<3> kernel_size, Conv3DTransposeArgs args = {});
// Each channel by itself, to channels * depth_multiplier.
KERAS_API Layer DepthwiseConv1D(Ints<1> kernel_size, DepthwiseConv1DArgs args = {});
KERAS_API Layer DepthwiseConv2D(Ints<2> kernel_size, DepthwiseConv2DArgs args = {});
// Each channel by itself, then across the channels pixel by pixel (Chollet, 2017).
KERAS_API Layer SeparableConv1D(std::int64_t filters, Ints<1> kernel_size, SeparableConv1DArgs args = {});
KERAS_API Layer SeparableConv2D(std::int64_t filters, Ints<2> kernel_size, SeparableConv2DArgs args = {});
}  // namespace layers

}  // namespace keras
