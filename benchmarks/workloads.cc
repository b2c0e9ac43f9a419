#include "workloads.h"

#include <keras/keras.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace bench {

using namespace keras;

namespace {

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

struct Repeated {
  double median, first;
  std::int64_t count;
};

// Seconds of a call: the first one apart, then the median of those after a warm-up, within the time budget. As
// peers.py.
template <class F>
Repeated repeat(const Options& options, F&& call) {
  double begin = now();
  call();
  const double first = now() - begin;
  const double warm = now() + std::min(1.0, options.seconds / 5);
  do {
    call();
  } while (now() < warm);
  std::vector<double> times;
  const double end = now() + options.seconds;
  while (times.size() < 5 || (now() < end && times.size() < 20000)) {
    begin = now();
    call();
    times.push_back(now() - begin);
    if (now() > end && times.size() >= 3) break;
  }
  return {median(times), first, static_cast<std::int64_t>(times.size())};
}

Config microseconds(const Repeated& repeated) {
  return Config::map({{"value", repeated.median * 1e6},
                      {"unit", "us/call"},
                      {"first_s", repeated.first},
                      {"repeats", static_cast<long>(repeated.count)}});
}

Sequential mlp() {
  return Sequential({
      layers::Dense(400, {.input_dim = 784}),
      layers::Activation("relu"),
      layers::Dense(10),
      layers::Activation("softmax"),
  });
}

Sequential line() {
  Sequential model({layers::Dense(1, {.input_dim = 1})});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  return model;
}

// The whole of the primer's first example in one process, loading the library included.
Config regressor(const Options& options) {
  random::seed(1337);
  const Array x = random::shuffle(linspace(-1, 1, 200));
  const Array y = 0.5 * x + 2 + random::normal({200}, {.stddev = 0.05});
  Sequential model = line();
  for (int step = 0; step < 301; ++step) model.train_on_batch(x.slice(0, 160), y.slice(0, 160));
  const double cost = model.evaluate(x.slice(160), y.slice(160), {.batch_size = 40});
  return Config::map({{"value", now() - options.start}, {"unit", "s/process"}, {"test_cost", cost}});
}

Config mnist_mlp(const Options& options) {
  constexpr int kEpochs = 4, kBatch = 32;
  auto [train, test] =
      options.data.empty() ? datasets::mnist::load_data() : datasets::mnist::load_data(options.data + "/mnist.npz");
  const Array x = train.x.reshape({-1, 784}) / 255.0, y = utils::to_categorical(train.y, 10);
  const Array test_x = test.x.reshape({-1, 784}) / 255.0, test_y = utils::to_categorical(test.y, 10);
  Sequential model = mlp();
  model.compile({.optimizer = optimizers::RMSprop({.learning_rate = 0.001, .rho = 0.9, .epsilon = 1e-8}),
                 .loss = "categorical_crossentropy",
                 .metrics = {"accuracy"}});
  std::vector<double> times;
  double epoch_began = 0;
  const Callback clock =
      callbacks::LambdaCallback({.on_epoch_begin = [&](int, const Logs&) { epoch_began = now(); },
                                 .on_epoch_end = [&](int, const Logs&) { times.push_back(now() - epoch_began); }});
  const double began = now();
  model.fit(x, y, {.batch_size = kBatch, .epochs = kEpochs, .verbose = 0, .callbacks = {clock}});
  const double total = now() - began;
  const Logs result = model.evaluate(test_x, test_y);
  return Config::map({{"value", median({times.begin() + 1, times.end()})},
                      {"unit", "s/epoch"},
                      {"total_s", total},
                      {"first_s", times[0]},
                      {"test_loss", result.at("loss")},
                      {"test_accuracy", result.at("accuracy")},
                      {"epochs", kEpochs},
                      {"batch", kBatch},
                      {"samples", static_cast<long>(x.shape(0))}});
}

Config predict_small(const Options& options) {
  const Array x = random::uniform({1, 784});
  const Sequential model = mlp();
  return microseconds(repeat(options, [&] { model.predict(x); }));
}

// One step of the primer's first example: Dense(1), mse, sgd, all 160 samples.
Config train_on_batch(const Options& options) {
  const Array x = random::uniform({160, 1}), y = 0.5 * x + 2;
  Sequential model = line();
  double loss = 0;
  Config result = microseconds(repeat(options, [&] { loss = model.train_on_batch(x, y); }));
  return result.set("loss", loss);
}

}  // namespace

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all{{"regressor", regressor},
                                         {"mnist_mlp", mnist_mlp},
                                         {"predict_small", predict_small},
                                         {"train_on_batch", train_on_batch}};
  return all;
}

}  // namespace bench
