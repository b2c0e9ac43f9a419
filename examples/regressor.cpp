// The primer's first program: a line through noisy points, fitted by a network of one neuron.
// Draws regressor_data.png and regressor_fit.png; --no-plots leaves them out.
#include <keras/keras.h>

#include <cstdio>
#include <iostream>
#include <string_view>

#include "plot.h"

using namespace keras;

int main(int argc, char** argv) try {
  const bool plots = !(argc > 1 && std::string_view(argv[1]) == "--no-plots");
  random::seed(1337);

  // The data: 200 points near y = 0.5 x + 2, in random order.
  Array X = random::shuffle(linspace(-1, 1, 200));
  Array Y = 0.5 * X + 2 + random::normal({200}, {.stddev = 0.05});
  if (plots) {
    plot::save_png("regressor_data.png",
                   {.title = "The data",
                    .x_label = "x",
                    .y_label = "y",
                    .series = {{"200 points", "points pt 7 ps 0.8", plot::numbers(X), plot::numbers(Y)}}});
  }
  Array x_train = X.slice(0, 160), y_train = Y.slice(0, 160);  // the first 160 points
  Array x_test = X.slice(160), y_test = Y.slice(160);          // the last 40

  // A neural network from the first layer to the last.
  Sequential model;
  model.add(layers::Dense(1, {.input_dim = 1}));

  // How it learns.
  model.compile({.optimizer = "sgd", .loss = "mse"});

  std::printf("Training -----------\n");
  for (int step = 0; step < 301; ++step) {
    double cost = model.train_on_batch(x_train, y_train);
    if (step % 100 == 0) std::printf("train cost: %g\n", cost);
  }

  std::printf("\nTesting ------------\n");
  double cost = model.evaluate(x_test, y_test, {.batch_size = 40});
  std::printf("test cost: %g\n", cost);
  auto weights = model.layers()[0].get_weights();
  std::cout << "Weights= " << weights[0] << "\nbiases= " << weights[1] << std::endl;

  // The prediction.
  Array y_pred = model.predict(x_test);
  if (plots) {
    plot::save_png("regressor_fit.png",
                   {.title = "The fitted line",
                    .x_label = "x",
                    .y_label = "y",
                    .series = {{"test points", "points pt 7 ps 0.8", plot::numbers(x_test), plot::numbers(y_test)},
                               {"prediction", "lines lw 2", plot::numbers(x_test), plot::numbers(y_pred)}}});
  }
} catch (const Error& error) {
  std::fprintf(stderr, "regressor: %s\n", error.what());
  return 1;
}
