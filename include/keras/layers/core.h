// keras::layers: Dense, Activation, Embedding, Masking, Flatten, Reshape, Permute, RepeatVector.
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

struct EmbeddingArgs {
  std::int64_t input_dim = 0;
  std::int64_t output_dim = 0;
  Initializer embeddings_initializer = "uniform";
  Regularizer embeddings_regularizer = {};
  Constraint embeddings_constraint = {};
  bool mask_zero = false;
  Regularizer activity_regularizer = {};
  std::optional<std::int64_t> input_length = {};  // of Keras 2: the input's shape, for the first layer of a Sequential
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  std::optional<Shape> input_shape = {};
  std::vector<Array> weights = {};
  static void fields(auto&& f) {
    using A = EmbeddingArgs;
    f("input_dim", &A::input_dim, "Number of rows: numbers from 0 to input_dim - 1 have one.", positive);
    f("output_dim", &A::output_dim, "Size of a row.", positive);
    f("embeddings_initializer", &A::embeddings_initializer, "Of the rows.", was("init"));
    f("embeddings_regularizer", &A::embeddings_regularizer, "Penalty on the rows.", was("W_regularizer"));
    f("embeddings_constraint", &A::embeddings_constraint, "Projection of the rows after each update.",
      was("W_constraint"));
    f("mask_zero", &A::mask_zero, "Whether number 0 stands for nothing, which layers behind leave out.");
    f("activity_regularizer", &A::activity_regularizer, "Penalty on the output, divided by the batch size.");
    f("input_length", &A::input_length, "Length of the rows of numbers, for the first layer of a Sequential.");
    f("name", &A::name, "Name of the layer.");
    f("trainable", &A::trainable, "Whether training moves the weights.");
    f("dtype", &A::dtype, "Of the weights and the computation; floatx if none.");
    f("input_shape", &A::input_shape, "Shape of an input without the batch, for the first layer of a Sequential.");
  }
};

struct MaskingArgs {
  double mask_value = 0;
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  std::optional<Shape> input_shape = {};
  static void fields(auto&& f) {
    using A = MaskingArgs;
    f("mask_value", &A::mask_value, "A step of time whose features are all this number does not count.");
    f("name", &A::name, "Name of the layer.");
    f("trainable", &A::trainable, "Whether training moves the weights.");
    f("dtype", &A::dtype, "Of the computation; floatx if none.");
    f("input_shape", &A::input_shape, "Shape of an input without the batch, for the first layer of a Sequential.");
  }
};

struct PermuteArgs {
  std::vector<std::int64_t> dims = {};
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  std::optional<Shape> input_shape = {};
  static void fields(auto&& f) {
    using A = PermuteArgs;
    f("dims", &A::dims, "Axes of a sample in their new order, counted from 1.");
    f("name", &A::name, "Name of the layer.");
    f("trainable", &A::trainable, "Whether training moves the weights.");
    f("dtype", &A::dtype, "Of the computation; floatx if none.");
    f("input_shape", &A::input_shape, "Shape of an input without the batch, for the first layer of a Sequential.");
  }
};

struct RepeatVectorArgs {
  std::int64_t n = 0;
  std::optional<std::string> name = {};
  bool trainable = true;
  std::optional<DType> dtype = {};
  std::optional<Shape> input_shape = {};
  static void fields(auto&& f) {
    using A = RepeatVectorArgs;
    f("n", &A::n, "How often each vector is repeated.", positive);
    f("name", &A::name, "Name of the layer.");
    f("trainable", &A::trainable, "Whether training moves the weights.");
    f("dtype", &A::dtype, "Of the computation; floatx if none.");
    f("input_shape", &A::input_shape, "Shape of an input without the batch, for the first layer of a Sequential.");
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
// Numbers to rows of a table: (batch, …) to (batch, …, output_dim). Numbers outside [0, input_dim) are an error where
// the backend sees it.
KERAS_API Layer Embedding(std::int64_t input_dim, std::int64_t output_dim, EmbeddingArgs args = {});
// (batch, steps, …) with 0 in the steps that do not count, and a mask (batch, steps) that layers behind heed.
KERAS_API Layer Masking(MaskingArgs args = {});
// (batch, a, b, …) with the axes of a sample in another order; ValueError unless dims are 1 … rank - 1.
KERAS_API Layer Permute(std::vector<std::int64_t> dims, PermuteArgs args = {});
// (batch, features) to (batch, n, features).
KERAS_API Layer RepeatVector(std::int64_t n, RepeatVectorArgs args = {});
}  // namespace layers

}  // namespace keras
