// What a stranger writes first: fit a line, and read the data set that keras brought along.
#include <keras/keras.h>

#include <cstdio>

using namespace keras;

int main() {
  random::seed(1337);
  Array X = random::shuffle(linspace(-1, 1, 200));
  Array Y = 0.5 * X + 2 + random::normal({200}, {.stddev = 0.05});
  Sequential model;
  model.add(layers::Dense(1, {.input_dim = 1}));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  for (int step = 0; step < 301; ++step) model.train_on_batch(X.slice(0, 160), Y.slice(0, 160));
  double cost = model.evaluate(X.slice(160), Y.slice(160), {.batch_size = 40, .verbose = 0});
  std::printf("test cost: %g\n", cost);

  auto [train, test] = datasets::mnist::load_data();
  std::printf("mnist: %lld training pictures\n", static_cast<long long>(train.x.length()));
  return cost < 0.01 && train.x.length() == 60000 ? 0 : 1;
}
