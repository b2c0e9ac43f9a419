// keras::layers: Dense, Activation, Flatten, Reshape, Dropout.
#pragma once

#include <keras/layer.h>

namespace keras {

struct DenseArgs {
  std::int64_t units = 0;
  Activation activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  std::optional<std::int64_t> input_dim = {};
  std::optional<Shape> input_shape = {};  // without the batch
  std::vector<Array> weights = {};        // initial weights: kernel, bias. No part of the configuration
  static void fields(auto&& f) {
    f("units", &DenseArgs::units, "Size of the output's last axis.", positive, was("output_dim"));
    f("activation", &DenseArgs::activation, "Applied to the result; none by default.");
    f("use_bias", &DenseArgs::use_bias, "Whether a bias is added.", was("bias"));
    f("kernel_initializer", &DenseArgs::kernel_initializer, "Of the kernel.", was("init"));
    f("bias_initializer", &DenseArgs::bias_initializer, "Of the bias.");
    f("kernel_regularizer", &DenseArgs::kernel_regularizer, "Penalty on the kernel.", was("W_regularizer"));
    f("bias_regularizer", &DenseArgs::bias_regularizer, "Penalty on the bias.", was("b_regularizer"));
    f("activity_regularizer", &DenseArgs::activity_regularizer, "Penalty on the output, divided by the batch size.");
    f("kernel_constraint", &DenseArgs::kernel_constraint, "Projection of the kernel after each update.",
      was("W_constraint"));
    f("bias_constraint", &DenseArgs::bias_constraint, "Projection of the bias after each update.", was("b_constraint"));
    f("name", &DenseArgs::name, "Name of the layer.");
    f("trainable", &DenseArgs::trainable, "Whether training moves the weights.");
    f("dtype", &DenseArgs::dtype, "Of the weights and the computation; floatx if none.");
    f("input_dim", &DenseArgs::input_dim, "Size of the input's last axis, for the first layer of a Sequential.");
    f("input_shape", &DenseArgs::input_shape,
      "Shape of an input without the batch, for the first layer of a Sequential.");
  }
};

struct ActivationArgs {
  Activation activation = {};
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  std::optional<Shape> input_shape = {};
  static void fields(auto&& f) {
    f("activation", &ActivationArgs::activation, "The function.");
    f("name", &ActivationArgs::name, "Name of the layer.");
    f("trainable", &ActivationArgs::trainable, "Whether training moves the weights.");
    f("dtype", &ActivationArgs::dtype, "Of the computation; floatx if none.");
    f("input_shape", &ActivationArgs::input_shape,
      "Shape of an input without the batch, for the first layer of a Sequential.");
  }
};

struct FlattenArgs {
  std::optional<std::string> data_format = {};  // config::image_data_format() if none
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  std::optional<Shape> input_shape = {};
  static void fields(auto&& f) {
    f("data_format", &FlattenArgs::data_format,
      "channels_last or channels_first (whose channels are moved last first).");
    f("name", &FlattenArgs::name, "Name of the layer.");
    f("trainable", &FlattenArgs::trainable, "Whether training moves the weights.");
    f("dtype", &FlattenArgs::dtype, "Of the computation; floatx if none.");
    f("input_shape", &FlattenArgs::input_shape,
      "Shape of an input without the batch, for the first layer of a Sequential.");
  }
};

struct ReshapeArgs {
  Shape target_shape = {};  // without the batch; one None (-1) is inferred
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  std::optional<Shape> input_shape = {};
  static void fields(auto&& f) {
    f("target_shape", &ReshapeArgs::target_shape, "Shape of an output without the batch; one -1 is inferred.");
    f("name", &ReshapeArgs::name, "Name of the layer.");
    f("trainable", &ReshapeArgs::trainable, "Whether training moves the weights.");
    f("dtype", &ReshapeArgs::dtype, "Of the computation; floatx if none.");
    f("input_shape", &ReshapeArgs::input_shape,
      "Shape of an input without the batch, for the first layer of a Sequential.");
  }
};

struct DropoutArgs {
  double rate = 0;
  std::optional<Shape> noise_shape = {};
  std::optional<std::int64_t> seed = {};
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  std::optional<Shape> input_shape = {};
  static void fields(auto&& f) {
    f("rate", &DropoutArgs::rate, "Part of the elements set to 0 in training; the others grow by 1 / (1 - rate).",
      fraction, was("p"));
    f("noise_shape", &DropoutArgs::noise_shape,
      "Shape of the mask, which broadcasts; None stands for the input's size.");
    f("seed", &DropoutArgs::seed, "Makes the masks repeatable by themselves; none: random::seed governs.");
    f("name", &DropoutArgs::name, "Name of the layer.");
    f("trainable", &DropoutArgs::trainable, "Whether training moves the weights.");
    f("dtype", &DropoutArgs::dtype, "Of the computation; floatx if none.");
    f("input_shape", &DropoutArgs::input_shape,
      "Shape of an input without the batch, for the first layer of a Sequential.");
  }
};

namespace layers {
// activation(input · kernel + bias): (batch, …, width) to (batch, …, units). The product is over the last axis, whose
// size must be known when the layer is built. ValueError for an input of rank 0 or 1, or of another width than at
// first.
KERAS_API Layer Dense(std::int64_t units, DenseArgs args = {});
// activation(input), of the same shape.
KERAS_API Layer Activation(const keras::Activation& activation, ActivationArgs args = {});
// (batch, a, b, …) to (batch, a · b · …); (batch,) to (batch, 1).
KERAS_API Layer Flatten(FlattenArgs args = {});
// (batch, …) to (batch, target_shape…). ValueError when the sizes do not multiply to the same number.
KERAS_API Layer Reshape(const Shape& target_shape, ReshapeArgs args = {});
// Srivastava et al., 2014. The input itself outside training.
KERAS_API Layer Dropout(double rate, DropoutArgs args = {});
}  // namespace layers

}  // namespace keras
