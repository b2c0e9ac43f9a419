// keras::layers: Conv2D, Conv2DTranspose, DepthwiseConv2D, SeparableConv2D.
#pragma once

#include <keras/layers/common.h>

namespace keras {

struct Conv2DArgs {
  ByName by_name = ByName();
  std::int64_t filters = 0;
  Ints<2> kernel_size = 0;
  Ints<2> strides = 1;
  std::string padding = "valid";
  std::optional<std::string> data_format = {};  // config::image_data_format() if none
  Ints<2> dilation_rate = 1;
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
    f("filters", &Conv2DArgs::filters, "Number of output channels.", positive, was("nb_filter"));
    f("kernel_size", &Conv2DArgs::kernel_size, "Height and width of the window.", positive);
    f("strides", &Conv2DArgs::strides, "Steps of the window along height and width.", positive, was("subsample"));
    f("padding", &Conv2DArgs::padding, "valid, or same: zeros around, so that only strides make the output smaller.",
      was("border_mode"));
    f("data_format", &Conv2DArgs::data_format, "channels_last or channels_first.");
    f("dilation_rate", &Conv2DArgs::dilation_rate, "Distance of the window's points; not with strides.", positive,
      was("atrous_rate"));
    f("groups", &Conv2DArgs::groups, "Parts of the channels that see only their own part of the input.", positive);
    f("activation", &Conv2DArgs::activation, "Applied to the result; none by default.");
    f("use_bias", &Conv2DArgs::use_bias, "Whether a bias is added to each channel.", was("bias"));
    f("kernel_initializer", &Conv2DArgs::kernel_initializer, "Of the kernel.", was("init"));
    f("bias_initializer", &Conv2DArgs::bias_initializer, "Of the bias.");
    f("kernel_regularizer", &Conv2DArgs::kernel_regularizer, "Penalty on the kernel.", was("W_regularizer"));
    f("bias_regularizer", &Conv2DArgs::bias_regularizer, "Penalty on the bias.", was("b_regularizer"));
    f("activity_regularizer", &Conv2DArgs::activity_regularizer, "Penalty on the output, divided by the batch size.");
    f("kernel_constraint", &Conv2DArgs::kernel_constraint, "Projection of the kernel after each update.",
      was("W_constraint"));
    f("bias_constraint", &Conv2DArgs::bias_constraint, "Projection of the bias after each update.",
      was("b_constraint"));
    KERAS_LAYER_FIELDS(Conv2DArgs)
  }
};

struct Conv2DTransposeArgs {
  ByName by_name = ByName();
  std::int64_t filters = 0;
  Ints<2> kernel_size = 0;
  Ints<2> strides = 1;
  std::string padding = "valid";
  MaybeInts<2> output_padding = {};
  std::optional<std::string> data_format = {};
  Ints<2> dilation_rate = 1;
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
    using A = Conv2DTransposeArgs;
    f("filters", &A::filters, "Number of output channels.", positive, was("nb_filter"));
    f("kernel_size", &A::kernel_size, "Height and width of the window.", positive);
    f("strides", &A::strides, "How much larger the output is, along height and width.", positive, was("subsample"));
    f("padding", &A::padding, "valid, or same: the output is strides times the input.", was("border_mode"));
    f("output_padding", &A::output_padding,
      "Rows and columns added to the output, fewer than strides; by padding if none.", not_negative);
    f("data_format", &A::data_format, "channels_last or channels_first.");
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

struct DepthwiseConv2DArgs {
  ByName by_name = ByName();
  Ints<2> kernel_size = 0;
  Ints<2> strides = 1;
  std::string padding = "valid";
  std::int64_t depth_multiplier = 1;
  std::optional<std::string> data_format = {};
  Ints<2> dilation_rate = 1;
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
    using A = DepthwiseConv2DArgs;
    f("kernel_size", &A::kernel_size, "Height and width of the window.", positive);
    f("strides", &A::strides, "Steps of the window along height and width.", positive);
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

struct SeparableConv2DArgs {
  ByName by_name = ByName();
  std::int64_t filters = 0;
  Ints<2> kernel_size = 0;
  Ints<2> strides = 1;
  std::string padding = "valid";
  std::optional<std::string> data_format = {};
  Ints<2> dilation_rate = 1;
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
    using A = SeparableConv2DArgs;
    f("filters", &A::filters, "Number of output channels.", positive, was("nb_filter"));
    f("kernel_size", &A::kernel_size, "Height and width of the window.", positive);
    f("strides", &A::strides, "Steps of the window along height and width.", positive, was("subsample"));
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

// All four take (batch, height, width, channels), or (batch, channels, height, width) with data_format
// "channels_first". The number of channels must be known when the layer is built; height and width need not be.
// ValueError for another rank, for another number of channels than at first, and where the window does not fit.
namespace layers {
// activation(input * kernel + bias), to (batch, new height, new width, filters). With padding "same" the odd zero lies
// behind, as in TensorFlow. ValueError when groups divides neither filters nor channels.
KERAS_API Layer Conv2D(std::int64_t filters, Ints<2> kernel_size, Conv2DArgs args = {});
// What flows back through a Conv2D, as a layer: from a small image to a large one (Zeiler et al., 2010).
KERAS_API Layer Conv2DTranspose(std::int64_t filters, Ints<2> kernel_size, Conv2DTransposeArgs args = {});
// Each channel by itself, to channels * depth_multiplier.
KERAS_API Layer DepthwiseConv2D(Ints<2> kernel_size, DepthwiseConv2DArgs args = {});
// Each channel by itself, then across the channels pixel by pixel (Chollet, 2017).
KERAS_API Layer SeparableConv2D(std::int64_t filters, Ints<2> kernel_size, SeparableConv2DArgs args = {});
}  // namespace layers

}  // namespace keras
