// keras::layers: LocallyConnected1D, LocallyConnected2D.
#pragma once

#include <keras/layers/common.h>

namespace keras {

template <int N>
struct LocallyConnectedArgs {
  ByName by_name = ByName();
  std::int64_t filters = 0;
  Ints<N> kernel_size = 0;
  Ints<N> strides = 1;
  std::string padding = "valid";
  std::optional<std::string> data_format = {};  // config::image_data_format() if none
  Activation activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  std::int64_t implementation = 1;
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // kernel, bias
  static void fields(auto&& f) {
    using A = LocallyConnectedArgs;
    f("filters", &A::filters, "Number of output channels.", positive, was("nb_filter"));
    f("kernel_size", &A::kernel_size, "Sizes of the window.", positive, was("filter_length"));
    f("strides", &A::strides, "Steps of the window.", positive, was("subsample"), was("subsample_length"));
    f("padding", &A::padding, "valid: the window stands within the input.", was("border_mode"));
    f("data_format", &A::data_format, "channels_last or channels_first.");
    f("activation", &A::activation, "Applied to the result; none by default.");
    f("use_bias", &A::use_bias, "Whether a bias is added, one for each place and filter.", was("bias"));
    f("kernel_initializer", &A::kernel_initializer, "Of the kernel.", was("init"));
    f("bias_initializer", &A::bias_initializer, "Of the bias.");
    f("kernel_regularizer", &A::kernel_regularizer, "Penalty on the kernel.", was("W_regularizer"));
    f("bias_regularizer", &A::bias_regularizer, "Penalty on the bias.", was("b_regularizer"));
    f("activity_regularizer", &A::activity_regularizer, "Penalty on the output, divided by the batch size.");
    f("kernel_constraint", &A::kernel_constraint, "Projection of the kernel after each update.", was("W_constraint"));
    f("bias_constraint", &A::bias_constraint, "Projection of the bias after each update.", was("b_constraint"));
    f("implementation", &A::implementation, "How tf.keras keeps the kernel: 1, one matrix for each place.");
    KERAS_LAYER_FIELDS(A)
  }
};
using LocallyConnected1DArgs = LocallyConnectedArgs<1>;
using LocallyConnected2DArgs = LocallyConnectedArgs<2>;

// As in Keras 2 and tf.keras; Keras 3 has them no more.
namespace layers {
// A convolution whose kernel differs from place to place: (batch, steps, channels) to (batch, new steps, filters), or
// (batch, height, width, channels) likewise, or with the channels after the batch for data_format "channels_first". The
// weights are kernel (places, window * channels, filters) and bias (places…, filters), so all sizes but the batch must
// be known when the layer is built. NotImplementedError for another padding than "valid" and another implementation
// than 1.
KERAS_API Layer LocallyConnected1D(std::int64_t filters, Ints<1> kernel_size, LocallyConnected1DArgs args = {});
KERAS_API Layer LocallyConnected2D(std::int64_t filters, Ints<2> kernel_size, LocallyConnected2DArgs args = {});
}  // namespace layers

}  // namespace keras
