// The programs of the README, and a user's own layer, as users write them: they must compile without a warning.
#include <keras/keras.h>

#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

using namespace keras;

void regressor() {
  random::seed(1337);
  Array X = random::shuffle(linspace(-1, 1, 200));
  Array Y = 0.5 * X + 2 + random::normal({200}, {.stddev = 0.05});
  Sequential model;
  model.add(layers::Dense(1, {.input_dim = 1}));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  for (int step = 0; step < 301; ++step) {
    double cost = model.train_on_batch(X.slice(0, 160), Y.slice(0, 160));
    if (step % 100 == 0) std::printf("train cost: %g\n", cost);
  }
  double cost = model.evaluate(X.slice(160), Y.slice(160), {.batch_size = 40});
  std::printf("test cost: %g\n", cost);
  auto weights = model.layers()[0].get_weights();
  std::cout << weights[0];
}

void mnist() {
  Sequential model({
      layers::Dense(400, {.input_dim = 784}),
      layers::Activation("relu"),
      layers::Dense(10),
      layers::Activation("softmax"),
  });
  model.compile({.optimizer = optimizers::RMSprop({.learning_rate = 0.001, .rho = 0.9, .epsilon = 1e-8}),
                 .loss = "categorical_crossentropy",
                 .metrics = {"accuracy"}});
  auto [train, test] = datasets::mnist::load_data();
  Array x = train.x.reshape({60000, 784}) / 255.0;
  History history = model.fit(x, utils::to_categorical(train.y, 10),
                              {.batch_size = 32,
                               .epochs = 4,
                               .callbacks = {callbacks::EarlyStopping({.monitor = "val_loss", .patience = 2})},
                               .validation_split = 0.1});
  std::printf("%zu\n", history.history.at("val_accuracy").size());
  Logs result = model.evaluate(test.x.reshape({-1, 784}) / 255.0, utils::to_categorical(test.y, 10));
  double loss = result;
  std::printf("%g\n", loss);
}

struct ScaleArgs {
  float initial = 1;
  std::optional<std::string> name = {};
  bool trainable = true;
  static void fields(auto&& f) { f("initial", &ScaleArgs::initial, "Starting value of the scale."); }
};

struct Scale final : LayerBody {
  static constexpr auto class_name = "Scale";
  using Args = ScaleArgs;
  explicit Scale(Args args) : args_(std::move(args)) {}
  void build(const Shape& input) override {
    gamma_ = add_weight("gamma", {input.back()}, initializers::Constant(args_.initial));
  }
  Tensor call(const Tensor& x) override { return x * gamma_; }

  Args args_;
  Variable gamma_;
};

void own_layer() {
  Layer scale = make_layer<Scale>({.initial = 2});
  Sequential inner({scale});
  Sequential shared{inner};
  Sequential nested;
  nested.add(inner);
  std::printf("%zu\n", nested.layers().size() + shared.layers().size());
}
