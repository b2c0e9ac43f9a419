// Dense layers and activations, every optimizer, loss, metric, regularizer and constraint, and the shapes of graphs.
#include "optimizers/makers.h"
#include "tests/round_trip/shelves.h"

namespace keras::testing {
namespace {

using namespace layers;

RoundModel dense() {
  Sequential model(
      {Dense(6, {.activation = "relu", .kernel_regularizer = "l2", .bias_regularizer = "l1", .input_dim = 4}),
       Dropout(0), Dense(3, {.activation = "softmax"})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1}),
                 .loss = "categorical_crossentropy",
                 .metrics = {"accuracy"}});
  return {model, {some({4})}, {one_hot(3)}};
}

// Layers of noise that make none, so that training is the same everywhere.
RoundModel noise() {
  Sequential model({GaussianNoise(0, {.input_shape = Shape{5}}),
                    Dense(6, {.activation = "tanh", .kernel_constraint = "max_norm"}), GaussianDropout(0),
                    AlphaDropout(0), Dense(2, {.use_bias = false})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.05, .momentum = 0.9, .nesterov = true}),
                 .loss = "mse",
                 .metrics = {"mae", metrics::RootMeanSquaredError()}});
  return {model, {some({5})}, {some({2})}};
}

RoundModel penalties() {
  const Tensor x = Input({6}, {.name = "features"});
  Tensor h = Dense(6, {.activation = "elu",
                       .kernel_regularizer = regularizers::L1L2({.l1 = 0.01, .l2 = 0.02}),
                       .activity_regularizer = regularizers::L2(0.01),
                       .kernel_constraint = constraints::MinMaxNorm({.min_value = 0.1, .max_value = 1.5, .rate = 0.9}),
                       .bias_constraint = "non_neg"})(x);
  h = ActivityRegularization({.l1 = 0.01, .l2 = 0.03})(h);
  h = Dense(4, {.activation = "softplus",
                .kernel_initializer =
                    initializers::VarianceScaling({.scale = 2, .mode = "fan_out", .distribution = "uniform"}),
                .kernel_regularizer = regularizers::OrthogonalRegularizer({.factor = 0.02, .mode = "columns"}),
                .kernel_constraint = constraints::UnitNorm({.axis = 1})})(h);
  const Tensor y = Dense(1, {.activation = "sigmoid", .kernel_constraint = constraints::MaxNorm({.max_value = 1})})(h);
  Model model(x, y);
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01, .amsgrad = true}),
                 .loss = "binary_crossentropy",
                 .metrics = {"accuracy", metrics::BinaryAccuracy({.name = "strict", .threshold = 0.7})}});
  return {model, {some({6})}, {random::randint({kRows, 1}, 0, 2).astype(DType::float32)}};
}

RoundModel two_by_two() {
  const Tensor a = Input({3}, {.name = "left"}), b = Input({4}, {.name = "right"});
  const Tensor h = Concatenate()({Dense(4, {.activation = "relu"})(a), Dense(3, {.activation = "sigmoid"})(b)});
  const Tensor label = Dense(3, {.activation = "softmax", .name = "label"})(h), size = Dense(1, {.name = "size"})(h);
  Model model({a, b}, {label, size}, {.name = "two_by_two"});
  model.compile({.optimizer = optimizers::RMSprop(
                     {.learning_rate = 0.01, .rho = 0.8, .momentum = 0.5, .epsilon = 1e-3, .centered = true}),
                 .loss = {{"label", "sparse_categorical_crossentropy"}, {"size", "mae"}},
                 .loss_weights = {{"label", 0.7}, {"size", 2}},
                 .metrics = {{"label", {"accuracy"}}, {"size", {"mse"}}}});
  return {model, {some({3}), some({4})}, {some_classes(3), some({1})}};
}

RoundModel twins() {
  const Tensor a = Input({5}), b = Input({5});
  const Layer shared = Dense(4, {.activation = "tanh", .name = "shared"}), again = Dense(4, {.name = "again"});
  const Tensor p = again(shared(a)), q = again(shared(b));
  const Tensor y = Dense(1)(Concatenate(-1)({Dot(1, {.normalize = true})({p, q}), Subtract()({p, q})}));
  Model model({a, b}, y);
  model.compile(
      {.optimizer = optimizers::Adadelta({.learning_rate = 0.5, .rho = 0.9}), .loss = losses::MeanAbsoluteError()});
  return {model, {some({5}), some({5})}, {some({1})}};
}

RoundModel nested() {
  const Sequential inner({Dense(4, {.activation = "relu", .input_dim = 3}), Dense(3)}, {.name = "inner"});
  const Tensor p = Input({3}), q = Input({3});
  const Tensor sum = Add()({inner(p), q});
  const Model middle({p, q}, {sum, Multiply()({sum, q})}, {.name = "middle"});
  const Tensor a = Input({3}), b = Input({3});
  const std::vector<Tensor> first = middle.outputs({a, b}), second = middle.outputs({first[1], first[0]});
  Model model({a, b}, {Dense(2, {.name = "head"})(second[0]), second[1]}, {.name = "outer"});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.02, .global_clipnorm = 0.5}), .loss = "mse"});
  return {model, {some({3}), some({3})}, {some({2}), some({3})}};
}

RoundModel frozen() {
  Sequential base({Dense(5, {.activation = "relu", .use_bias = false, .input_dim = 4}), BatchNormalization(),
                   Dense(4, {.activation = "tanh"})},
                  {.name = "base"});
  base.compile({.optimizer = "adam", .loss = "mse"});
  const Array x = some({4});
  base.train_on_batch(x, some({4}));
  base.set_trainable(false);
  Sequential model({base, Dense(3, {.activation = "relu"}), Dense(3, {.name = "fixed", .trainable = false}), Dense(2)});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}), .loss = "mse"});
  return {model, {x}, {some({2})}};
}

RoundModel merges() {
  const Tensor a = Input({2, 3}), b = Input({2, 3}), c = Input({2, 3});
  const Tensor p = Dense(3)(a), q = Dense(3)(b), r = Dense(3)(c);
  const std::vector<Tensor> all = {
      Add()({p, q, r}),     Subtract()({p, q}),   Multiply()({p, q, r}), Average()({p, q, r}),
      Maximum()({p, q, r}), Minimum()({p, q, r}), Dot({2, 2})({p, q}),
  };
  const Tensor joined = Concatenate(2)(all);
  const Tensor y = Dense(2, {.activation = "sigmoid"})(Concatenate(1)({joined, joined}));
  Model model({a, b, c}, y);
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1, .clipnorm = 0.3}),
                 .loss = losses::BinaryCrossentropy({.label_smoothing = 0.1})});
  return {model, {some({2, 3}), some({2, 3}), some({2, 3})}, {random::uniform({kRows, 4, 2})}};
}

RoundModel activations() {
  Sequential model({Dense(6, {.input_dim = 4}), LeakyReLU(0.2), Reshape({2, 3}),
                    PReLU({.alpha_initializer = initializers::Constant(0.25)}), Permute({2, 1}), ELU(0.7),
                    PReLU({.alpha_regularizer = "l2", .shared_axes = {1}}),
                    ReLU({.max_value = 2, .negative_slope = 0.1, .threshold = 0.05}), Flatten(), RepeatVector(2),
                    Dense(4), Softmax(), Dense(3), layers::Activation("swish"), Flatten(),
                    Dense(2, {.activation = "selu"})});
  model.compile({.optimizer = optimizers::RMSprop({.learning_rate = 0.01, .momentum = 0.2}), .loss = "mse"});
  return {model, {some({4})}, {some({2})}};
}

// Of Keras 2 alone, and so is what its optimizer means.
RoundModel thresholded() {
  const optimizers::OldMeanings old;
  Sequential model({Dense(8, {.input_dim = 4}), ThresholdedReLU(0.2), Dense(2)});
  model.compile(
      {.optimizer = optimizers::RMSprop({.learning_rate = 0.01, .epsilon = 1e-3, .centered = true}), .loss = "mae"});
  return {model, {some({4})}, {some({2})}};
}

// The arguments that all optimizers have.
RoundModel averaged() {
  Sequential model({Dense(5, {.activation = "gelu", .input_dim = 3}), Dense(3)});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01,
                                                .weight_decay = 0.01,
                                                .clipvalue = 0.2,
                                                .use_ema = true,
                                                .ema_momentum = 0.8,
                                                .ema_overwrite_frequency = 4,
                                                .name = "slow"}),
                 .loss = losses::CategoricalCrossentropy({.from_logits = true, .label_smoothing = 0.1}),
                 .metrics = {metrics::CategoricalCrossentropy({.from_logits = true})},
                 .weighted_metrics = {"accuracy"}});
  return {model, {some({3})}, {one_hot(3)}};
}

RoundModel accumulated() {
  Sequential model({Dense(5, {.activation = "silu", .input_dim = 3}), Dense(2)});
  model.compile(
      {.optimizer = optimizers::SGD(
           {.learning_rate = 0.05, .momentum = 0.8, .loss_scale_factor = 4, .gradient_accumulation_steps = 3}),
       .loss = losses::MeanSquaredError({.reduction = "sum"})});
  return {model, {some({3})}, {some({2})}};
}

// A model whose first layer does not say what its input is, built by its first data.
RoundModel deferred() {
  Sequential model({Dense(4, {.activation = "leaky_relu"}), Dense(4, {.kernel_initializer = "he_normal"}), Dense(1)},
                   {.name = "deferred"});
  model.compile({.optimizer = "rmsprop", .loss = "mean_squared_error", .metrics = {"mean_absolute_error"}});
  return {model, {some({3})}, {some({1})}};
}

// Numbers and functions in the graph, which Keras 2's form has no place for.
RoundModel operations() {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const Tensor h = Dense(4)(a) * 0.5 + b;
  const Tensor y = Dense(2)(ops::concatenate({ops::tanh(h), ops::relu(1.0 - b)}, -1));
  Model model({a, b}, y);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  return {model, {some({4}), some({4})}, {some({2})}};
}

}  // namespace

std::vector<RoundCase> core_models() {
  return {
      {"01_dense", kAll, dense},
      {"02_noise", kAll, noise},
      {"03_penalties", kAll, penalties},
      {"04_two_by_two", kAll, two_by_two},
      {"05_twins", kAll, twins},
      {"06_nested", kKeras3 | kTfKeras, nested},
      {"07_frozen", kAll, frozen},
      {"08_merges", kAll, merges},
      {"09_activations", kAll, activations},
      {"10_thresholded", kTfKeras, thresholded},
      {"11_averaged", kKeras3 | kTfKeras, averaged},
      {"12_accumulated", kKeras3 | kKeras3H5, accumulated},
      {"13_deferred", kAll, deferred},
      {"14_operations", kKeras3, operations},
  };
}

}  // namespace keras::testing
