#include "workloads.h"

#include <keras/keras.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
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
  double median, late, first;  // late: of 20 calls, 19 are faster
  std::int64_t count;
};

// Seconds of a call: the first one apart, then the median of those after a warm-up, within the time budget. As
// peers.py.
template <class F>
Repeated repeat(const Options& options, F&& call, std::size_t at_least = 5) {
  double begin = now();
  call();
  const double first = now() - begin;
  const double warm = now() + std::min(1.0, options.seconds / 5);
  do {
    call();
  } while (now() < warm);
  std::vector<double> times;
  const double end = now() + options.seconds;
  while (times.size() < at_least || (now() < end && times.size() < 20000)) {
    begin = now();
    call();
    times.push_back(now() - begin);
    if (now() > end && times.size() >= 3) break;
  }
  std::sort(times.begin(), times.end());
  return {median(times), times[times.size() * 95 / 100], first, static_cast<std::int64_t>(times.size())};
}

// `per_second`: how many of the unit's times a second has.
Config timed(const Repeated& repeated, double per_second, const char* unit) {
  return Config::map({{"value", repeated.median * per_second},
                      {"unit", unit},
                      {"first_s", repeated.first},
                      {"repeats", static_cast<long>(repeated.count)}});
}
Config microseconds(const Repeated& repeated) { return timed(repeated, 1e6, "us/call"); }
Config milliseconds(const Repeated& repeated, int batch) { return timed(repeated, 1e3, "ms/step").set("batch", batch); }

Sequential mlp() {
  return Sequential({
      layers::Dense(400, {.input_dim = 784}),
      layers::Activation("relu"),
      layers::Dense(10),
      layers::Activation("softmax"),
  });
}

Sequential cnn() {
  return Sequential({
      layers::Conv2D(32, 3, {.activation = "relu", .input_shape = Shape{28, 28, 1}}),
      layers::Conv2D(64, 3, {.activation = "relu"}),
      layers::MaxPooling2D(2),
      layers::Dropout(0.25),
      layers::Flatten(),
      layers::Dense(128, {.activation = "relu"}),
      layers::Dropout(0.5),
      layers::Dense(10, {.activation = "softmax"}),
  });
}

// Three levels down and up, with the image of each level on the way down joined to the one on the way up.
Model unet() {
  const auto convolutions = [](Tensor x, int channels) {
    for (int i = 0; i < 2; ++i) x = layers::Conv2D(channels, 3, {.padding = "same", .activation = "relu"})(x);
    return x;
  };
  const Tensor image = Input({128, 128, 1});
  Tensor x = image;
  std::vector<Tensor> kept;
  for (const int channels : {32, 64, 128}) {
    kept.push_back(convolutions(x, channels));
    x = layers::MaxPooling2D(2)(kept.back());
  }
  x = convolutions(x, 256);
  for (const int channels : {128, 64, 32}) {
    x = layers::Conv2DTranspose(channels, 2, {.strides = 2, .padding = "same"})(x);
    x = convolutions(layers::concatenate({x, kept.back()}), channels);
    kept.pop_back();
  }
  return Model(image, layers::Conv2D(1, 1, {.activation = "sigmoid"})(x));
}

Sequential lstm() {
  return Sequential({
      layers::Embedding(20000, 128, {.input_length = 80}),
      layers::LSTM(128),
      layers::Dense(1, {.activation = "sigmoid"}),
  });
}
// A batch of 32 rows of 80 numbers of words.
Array words() { return ops::cast(random::uniform({32, 80}) * 19999 + 1, DType::int32); }

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

// MNIST for four epochs; the first one, which compiles, is not in the median.
Config fit_epochs(const Options& options, Sequential model, const Optimizer& optimizer, int batch, const Shape& image,
                  std::int64_t samples) {
  constexpr int kEpochs = 4;
  if (options.samples > 0) samples = options.samples;
  auto [train, test] =
      options.data.empty() ? datasets::mnist::load_data() : datasets::mnist::load_data(options.data + "/mnist.npz");
  const auto pictures = [&](const Array& x) {
    Shape shape{x.shape(0)};
    for (const Dim side : image) shape.push_back(side);
    return x.reshape(shape) / 255.0;
  };
  const Array x = pictures(train.x.slice(0, samples)), y = utils::to_categorical(train.y.slice(0, samples), 10);
  const Array test_x = pictures(test.x), test_y = utils::to_categorical(test.y, 10);
  model.compile({.optimizer = optimizer, .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  std::vector<double> times;
  double epoch_began = 0;
  const Callback clock =
      callbacks::LambdaCallback({.on_epoch_begin = [&](int, const Logs&) { epoch_began = now(); },
                                 .on_epoch_end = [&](int, const Logs&) { times.push_back(now() - epoch_began); }});
  const double began = now();
  model.fit(x, y, {.batch_size = batch, .epochs = kEpochs, .verbose = 0, .callbacks = {clock}});
  const double total = now() - began;
  const Logs result = model.evaluate(test_x, test_y);
  return Config::map({{"value", median({times.begin() + 1, times.end()})},
                      {"unit", "s/epoch"},
                      {"total_s", total},
                      {"first_s", times[0]},
                      {"test_loss", result.at("loss")},
                      {"test_accuracy", result.at("accuracy")},
                      {"epochs", kEpochs},
                      {"batch", batch},
                      {"samples", static_cast<long>(x.shape(0))}});
}

Config mnist_mlp(const Options& options) {
  const Optimizer rmsprop = optimizers::RMSprop({.learning_rate = 0.001, .rho = 0.9, .epsilon = 1e-8});
  return fit_epochs(options, mlp(), rmsprop, 32, {784}, 60000);
}

Optimizer adadelta() { return optimizers::Adadelta({.learning_rate = 1.0, .rho = 0.95, .epsilon = 1e-7}); }

Config mnist_cnn(const Options& options) { return fit_epochs(options, cnn(), adadelta(), 128, {28, 28, 1}, 12000); }

// The step of mnist_cnn by itself, on pictures made up: how even its time is.
Config cnn_step(const Options& options) {
  constexpr int kBatch = 128;
  const Array x = random::uniform({kBatch, 28, 28, 1});
  const Array y = utils::to_categorical(random::randint({kBatch}, 0, 10), 10);
  Sequential model = cnn();
  model.compile({.optimizer = adadelta(), .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  const Repeated repeated = repeat(options, [&] { model.train_on_batch(x, y); });
  return milliseconds(repeated, kBatch).set("p95", repeated.late * 1e3);
}

// Threads that call predict on one model, each with its own rows: calls a second of one such thread, and of two at
// once. What the model answers must be the same throughout.
Config predict_callers(const Options& options) {
  constexpr int kBatch = 32;
  const Sequential model = mlp();
  const Array x[] = {random::uniform({kBatch, 784}), random::uniform({kBatch, 784})};
  const Array expected[] = {model.predict(x[0]), model.predict(x[1])};
  const auto rate = [&](int callers) {
    std::atomic<long> calls{0}, wrong{0};
    const double begin = now(), end = begin + options.seconds;
    const auto call = [&](int i) {
      long count = 0;
      for (; now() < end; ++count) wrong += !identical(model.predict(x[i]), expected[i]);
      calls += count;
    };
    std::vector<std::thread> threads;
    for (int i = 1; i < callers; ++i) threads.emplace_back(call, i);
    call(0);
    for (std::thread& thread : threads) thread.join();
    if (wrong > 0) throw std::runtime_error("predict gave other results when two threads called it at once");
    return static_cast<double>(calls) / (now() - begin);
  };
  rate(1);
  const double two = rate(2), alone = rate(1);
  const int threads = config::num_threads();
  config::set_num_threads(1);
  const double one = rate(1);
  config::set_num_threads(threads);
  return Config::map({{"value", two},
                      {"unit", "calls/s"},
                      {"one_thread", one},
                      {"one_caller", alone},
                      {"ratio", two / (2 * one)},
                      {"batch", kBatch}});
}

Config unet_train_4(const Options& options) {
  constexpr int kBatch = 4;
  const Shape shape{kBatch, 128, 128, 1};
  const Array x = random::uniform(shape), y = ops::cast(random::uniform(shape) > 0.5, DType::float32);
  Model model = unet();
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 1e-5}), .loss = "binary_crossentropy"});
  double loss = 0;
  const Repeated repeated = repeat(
      options, [&] { loss = model.train_on_batch(x, y); }, 3);
  return milliseconds(repeated, kBatch).set("loss", loss);
}

Config lstm_train_32(const Options& options) {
  const Array x = words(), y = ops::cast(random::uniform({32, 1}) > 0.5, DType::float32);
  Sequential model = lstm();
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 1e-5}), .loss = "binary_crossentropy"});
  double loss = 0;
  const Repeated repeated = repeat(
      options, [&] { loss = model.train_on_batch(x, y); }, 3);
  return milliseconds(repeated, 32).set("loss", loss);
}

Config lstm_infer_32(const Options& options) {
  const Array x = words();
  const Sequential model = lstm();
  return milliseconds(repeat(options, [&] { model.predict_on_batch(x); }), 32);
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
                                         {"mnist_cnn", mnist_cnn},
                                         {"predict_small", predict_small},
                                         {"train_on_batch", train_on_batch},
                                         {"unet_train_4", unet_train_4},
                                         {"lstm_train_32", lstm_train_32},
                                         {"lstm_infer_32", lstm_infer_32},
                                         {"cnn_step", cnn_step},
                                         {"predict_callers", predict_callers},
                                         {"load_vgg16", load_vgg16},
                                         {"optimizers", optimizer_updates},
                                         {"embedding_step", embedding_step}};
  return all;
}

}  // namespace bench
