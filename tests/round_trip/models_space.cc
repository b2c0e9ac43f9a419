// Layers over one, two and three axes of space.
#include "tests/round_trip/shelves.h"

namespace keras::testing {
namespace {

using namespace layers;

RoundModel pictures() {
  const Tensor x = Input({6, 6, 2}, {.name = "picture"});
  Tensor h = ZeroPadding2D({{1, 0}, {0, 1}})(x);
  h = Conv2D(4, {3, 3}, {.padding = "same", .use_bias = false, .kernel_regularizer = "l2"})(h);
  h = BatchNormalization({.momentum = 0.9})(h);
  h = layers::Activation("relu")(h);
  h = SpatialDropout2D(0)(h);
  const Tensor small = MaxPooling2D()(h), mean = AveragePooling2D({3, 3}, {.strides = 2, .padding = "same"})(h);
  h = UpSampling2D({.size = 2, .interpolation = "bilinear"})(small);
  h = Cropping2D({{1, 0}, {0, 2}})(h);
  h = Conv2D(4, 2, {.strides = {2, 1}, .groups = 2, .activation = "tanh"})(h);
  const Tensor y = Dense(3, {.activation = "softmax"})(
      Concatenate()({GlobalAveragePooling2D()(h), GlobalMaxPooling2D()(mean), Flatten()(small)}));
  Model model(x, y);
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}),
                 .loss = losses::SparseCategoricalCrossentropy(),
                 .metrics = {"accuracy", "sparse_categorical_crossentropy"}});
  return {model, {some({6, 6, 2})}, {some_classes(3)}};
}

RoundModel steps() {
  const Tensor x = Input({9, 2});
  Tensor h = ZeroPadding1D(2)(x);
  h = Conv1D(4, 3, {.padding = "causal", .dilation_rate = 2, .activation = "relu"})(h);
  h = SpatialDropout1D(0)(h);
  h = Cropping1D({1, 2})(h);
  const Tensor a = MaxPooling1D(2)(h), b = AveragePooling1D({.pool_size = 3, .strides = 2, .padding = "same"})(h);
  h = UpSampling1D(2)(a);
  const Tensor y =
      Dense(2)(Concatenate()({GlobalMaxPooling1D()(h), GlobalAveragePooling1D()(b),
                              Flatten()(GlobalMaxPooling1D({.data_format = "channels_first", .keepdims = true})(a))}));
  Model model(x, y);
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.02, .momentum = 0.7}), .loss = "mse"});
  return {model, {some({9, 2})}, {some({2})}};
}

RoundModel volumes() {
  const Tensor x = Input({4, 4, 4, 2});
  Tensor h = ZeroPadding3D({{1, 0}, {1, 1}, {0, 1}})(x);
  h = Conv3D(3, {2, 2, 3}, {.activation = "relu"})(h);
  h = SpatialDropout3D(0)(h);
  h = Conv3DTranspose(2, 2, {.strides = 2, .padding = "same"})(h);
  h = Cropping3D({{1, 1}, {0, 2}, {1, 0}})(h);
  const Tensor a = MaxPooling3D()(h), b = AveragePooling3D({.pool_size = {2, 3, 2}, .strides = 2})(h);
  h = UpSampling3D({1, 2, 1})(a);
  const Tensor y = Dense(2)(Concatenate()({GlobalAveragePooling3D()(h), GlobalMaxPooling3D()(b)}));
  Model model(x, y);
  model.compile(
      {.optimizer = optimizers::RMSprop({.learning_rate = 0.005, .momentum = 0.3, .epsilon = 1e-3, .centered = true}),
       .loss = "mse"});
  return {model, {some({4, 4, 4, 2})}, {some({2})}};
}

RoundModel separable() {
  const Tensor x = Input({5, 5, 2});
  Tensor h = SeparableConv2D(
      4, 3, {.padding = "same", .depth_multiplier = 2, .activation = "relu", .pointwise_regularizer = "l2"})(x);
  h = DepthwiseConv2D({2, 2}, {.depth_multiplier = 2, .depthwise_constraint = "max_norm"})(h);
  h = Reshape({16, 8})(h);
  h = DepthwiseConv1D(3, {.strides = 2, .padding = "same", .activation = "tanh"})(h);
  h = SeparableConv1D(4, 2, {.dilation_rate = 2, .depthwise_regularizer = "l1"})(h);
  const Tensor y = Dense(1)(Flatten()(h));
  Model model(x, y);
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.005, .beta_1 = 0.8}), .loss = "mse"});
  return {model, {some({5, 5, 2})}, {some({1})}};
}

RoundModel transposed() {
  Sequential model({Dense(12, {.activation = "relu", .input_dim = 3}), Reshape({2, 2, 3}),
                    Conv2DTranspose(4, 3, {.strides = 2, .padding = "same", .use_bias = false}),
                    BatchNormalization({.scale = false}),
                    Conv2DTranspose(2, {2, 3}, {.strides = {2, 2}, .output_padding = {1, 0}, .activation = "tanh"})});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01, .amsgrad = true}), .loss = "mae"});
  return {model, {some({3})}, {some({9, 9, 2})}};
}

// Of Keras 2 alone.
RoundModel local() {
  const Tensor x = Input({5, 4, 2});
  Tensor h = LocallyConnected2D(3, {2, 3}, {.activation = "relu"})(x);
  h = Reshape({8, 3})(h);
  h = LocallyConnected1D(2, 3, {.strides = 2})(h);
  const Tensor y = Dense(2)(Flatten()(h));
  Model model(x, y);
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.05, .momentum = 0.9}), .loss = "mse"});
  return {model, {some({5, 4, 2})}, {some({2})}};
}

// Of unknown height and width, and with layers of batches in training.
RoundModel any_size() {
  const Tensor x = Input({None, None, 1});
  Tensor h = Conv2D(3, 3, {.padding = "same", .use_bias = false, .kernel_initializer = "he_uniform"})(x);
  h = BatchNormalization({.center = false, .gamma_regularizer = "l2"})(h);
  const Tensor skip = h;
  h = Conv2D(3, 3, {.padding = "same", .dilation_rate = 2, .activation = "relu"})(h);
  h = Add()({h, skip});
  const Tensor y = Dense(2)(GlobalAveragePooling2D({.keepdims = true})(h));
  Model model(x, y);
  model.compile({.optimizer = "adadelta", .loss = "mse"});
  return {model, {some({7, 5, 1})}, {some({1, 1, 2})}};
}

// Batch normalization that does not train, in a model that does.
RoundModel fine_tuned() {
  Sequential base(
      {Conv2D(3, 2, {.activation = "relu", .input_shape = Shape{4, 4, 1}}), BatchNormalization(), Flatten()},
      {.name = "base"});
  base.compile({.optimizer = "sgd", .loss = "mse"});
  const Array x = some({4, 4, 1});
  base.train_on_batch(x, some({27}));
  for (const Layer& layer : base.layers()) {
    if (layer.class_name() == "BatchNormalization") layer.set_trainable(false);
  }
  const Tensor input = Input({4, 4, 1});
  Model model(input, Dense(2)(base(input)));
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.02, .momentum = 0.9}), .loss = "mse"});
  return {model, {x}, {some({2})}};
}

}  // namespace

std::vector<RoundCase> space_models() {
  return {
      {"15_pictures", kAll, pictures},     {"16_steps", kAll, steps},
      {"17_volumes", kAll, volumes},       {"18_separable", kAll, separable},
      {"19_transposed", kAll, transposed}, {"20_local", kTfKeras, local},
      {"21_any_size", kAll, any_size},     {"22_fine_tuned", kKeras3 | kTfKeras, fine_tuned},
  };
}

}  // namespace keras::testing
