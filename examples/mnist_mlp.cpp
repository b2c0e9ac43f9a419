// The primer's second program: handwritten digits, told apart by a network of two layers.
// Writes mnist_curve.png (--no-plots leaves it out) and mnist_weights.npz. --seed N: other initial weights and order.
#include <keras/keras.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "plot.h"

using namespace keras;

static void draw_curve(const History& history) {
  std::vector<double> epochs;
  for (int epoch : history.epoch) epochs.push_back(epoch + 1);
  plot::save_png("mnist_curve.png",
                 {.title = "Training on MNIST",
                  .x_label = "epoch",
                  .y_label = "",
                  .series = {{"loss", "linespoints lw 2 pt 7", epochs, history.history.at("loss")},
                             {"accuracy", "linespoints lw 2 pt 7", epochs, history.history.at("accuracy")}},
                  .settings = "set key center right\nset xtics 1\nset yrange [0:]"});
}

int main(int argc, char** argv) try {
  bool plots = true;
  std::uint64_t seed = 1337;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--no-plots") plots = false;
    if (std::string_view(argv[i]) == "--seed" && i + 1 < argc) seed = std::strtoull(argv[++i], nullptr, 10);
  }
  random::seed(seed);

  // 60,000 images of 28 x 28 to train and 10,000 to test: rows of 784 numbers from 0 to 1, labels as one-hot rows.
  auto [train, test] = datasets::mnist::load_data();
  train.x = train.x.reshape({train.x.length(), -1}) / 255.0;
  test.x = test.x.reshape({test.x.length(), -1}) / 255.0;
  train.y = utils::to_categorical(train.y, 10);
  test.y = utils::to_categorical(test.y, 10);

  // The network, as a list of its layers.
  Sequential model({
      layers::Dense(400, {.input_dim = 784}),
      layers::Activation("relu"),
      layers::Dense(10),
      layers::Activation("softmax"),
  });

  // An optimizer with arguments of its own, and accuracy to watch beside the loss.
  model.compile({.optimizer = optimizers::RMSprop({.learning_rate = 0.001, .rho = 0.9, .epsilon = 1e-8}),
                 .loss = "categorical_crossentropy",
                 .metrics = {"accuracy"}});

  std::printf("Training ------------\n");
  History history = model.fit(train.x, train.y, {.batch_size = 32, .epochs = 4});

  std::printf("\nTesting ------------\n");
  Logs result = model.evaluate(test.x, test.y);
  std::printf("test loss: %g\n", result.at("loss"));
  std::printf("test accuracy: %g\n", result.at("accuracy"));

  model.save_weights_npz("mnist_weights.npz");
  std::printf("wrote mnist_weights.npz\n");
  if (plots) draw_curve(history);
} catch (const Error& error) {
  std::fprintf(stderr, "mnist_mlp: %s\n", error.what());
  return 1;
}
