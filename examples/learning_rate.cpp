// The primer's three ways to let the learning rate fall, on one small problem: --way step (a function of the epoch),
// --way plateau (when the validation loss no longer gets better) or --way decay (an argument of the optimizer).
// --epochs N and --seed N as they say. The same in Keras: reference/learning_rate.py.
#include <keras/keras.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

using namespace keras;

int main(int argc, char** argv) try {
  std::string_view way = "step";
  int epochs = 60;
  std::uint64_t seed = 1337;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--way") way = argv[i + 1];
    if (name == "--epochs") epochs = std::atoi(argv[i + 1]);
    if (name == "--seed") seed = std::strtoull(argv[i + 1], nullptr, 10);
  }
  if ((way != "step" && way != "plateau" && way != "decay") || epochs < 1) {
    std::fprintf(stderr, "usage: %s [--way step|plateau|decay] [--epochs N] [--seed N]\n", argv[0]);
    return 2;
  }
  random::seed(seed);

  // A curve to learn; every fourth point is for validation.
  std::vector<float> train_x, train_y, test_x, test_y;
  for (int i = 0; i < 256; ++i) {
    const float x = static_cast<float>(i) / 128 - 1;
    (i % 4 == 3 ? test_x : train_x).push_back(x);
    (i % 4 == 3 ? test_y : train_y).push_back(std::sin(3 * x) + x / 2);
  }
  const Array x{train_x}, y{train_y}, x_test{test_x}, y_test{test_y};

  const double rate = 0.1, decay = way == "decay" ? 0.01 : 0;
  Sequential model({layers::Dense(32, {.activation = "tanh", .input_dim = 1}), layers::Dense(1)});
  model.compile(
      {.optimizer = optimizers::SGD({.learning_rate = rate, .momentum = 0.8, .decay = decay}), .loss = "mse"});

  std::vector<Callback> how;
  if (way == "step") {  // a tenth of it after each third of the epochs
    const int third = std::max(1, epochs / 3);
    how.push_back(callbacks::LearningRateScheduler(
        [third](int epoch, double now) { return epoch > 0 && epoch % third == 0 ? now * 0.1 : now; }, {.verbose = 0}));
  }
  if (way == "plateau") {
    how.push_back(callbacks::ReduceLROnPlateau({.monitor = "val_loss", .factor = 0.5, .patience = 5, .verbose = 1}));
  }
  // What the optimizer steps with; `decay` divides what it was given by 1 + decay * steps.
  how.push_back(callbacks::LambdaCallback({.on_epoch_end = [&](int epoch, const Logs& logs) {
    if ((epoch + 1) % std::max(1, epochs / 6) != 0) return;
    const Optimizer& optimizer = model.optimizer();
    const double now = optimizer.learning_rate() / (1 + decay * static_cast<double>(optimizer.iterations()));
    std::printf("epoch %d: learning rate %.5g, validation loss %.5f\n", epoch + 1, now, logs.at("val_loss"));
  }}));

  model.fit(x, y,
            {.batch_size = 16,
             .epochs = epochs,
             .verbose = 0,
             .callbacks = how,
             .validation_data = {.x = x_test, .y = y_test}});
  std::printf("test loss: %.5f\n", model.evaluate(x_test, y_test).at("loss"));
} catch (const Error& error) {
  std::fprintf(stderr, "learning_rate: %s\n", error.what());
  return 1;
}
