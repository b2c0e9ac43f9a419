// The same seed gives the same bits: initial weights, shuffling, dropout masks and all that follows.
#include <gtest/gtest.h>

#include "support/threads.h"
#include "tests/support/primer.h"

namespace keras::testing {
namespace {

struct Outcome {
  std::vector<Array> before, after;
  std::vector<double> losses;
  Array predictions;
};

bool same(const Outcome& a, const Outcome& b) {
  return same_weights(a.before, b.before) && same_weights(a.after, b.after) && a.losses == b.losses &&
         identical(a.predictions, b.predictions);
}

Outcome train(Sequential model, const Optimizer& optimizer, const Examples& data) {
  model.compile({.optimizer = optimizer, .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  Outcome outcome;
  outcome.before = model.get_weights();
  const History history =
      model.fit(data.x, data.y, {.batch_size = 48, .epochs = 3, .verbose = 0, .validation_split = 0.1});
  outcome.losses = history.history.at("loss");
  outcome.after = model.get_weights();
  outcome.predictions = model.predict(data.x);
  return outcome;
}

// 200 samples of 64 numbers, in batches of which the last is a part; large enough that the work is cut among threads.
Outcome train(std::uint64_t seed, const Examples& data) {
  random::seed(seed);
  const Sequential model({
      layers::Dense(256, {.activation = "relu", .input_dim = 64}),
      layers::Dropout(0.4),
      layers::Dense(128, {.activation = "tanh", .kernel_initializer = "he_normal"}),
      layers::Dropout(0.2),
      layers::Dense(5, {.activation = "softmax"}),
  });
  return train(model, optimizers::Adam({.learning_rate = 0.01}), data);
}

// The same samples as pictures of 8 by 8.
Outcome train_convolutional(std::uint64_t seed, const Examples& data) {
  random::seed(seed);
  const Sequential model({
      layers::Conv2D(16, 3, {.padding = "same", .input_shape = Shape{8, 8, 1}}),
      layers::BatchNormalization(),
      layers::Activation("relu"),
      layers::Conv2D(24, {3, 2}, {.strides = 2, .activation = "relu"}),
      layers::MaxPooling2D(2, {.padding = "same"}),
      layers::Dropout(0.25),
      layers::Flatten(),
      layers::Dense(5, {.activation = "softmax"}),
  });
  return train(model, optimizers::Adadelta({.learning_rate = 1.0}), {data.x.reshape({-1, 8, 8, 1}), data.y});
}

Examples samples() {
  random::seed(99);
  return {random::normal({200, 64}), utils::to_categorical(random::randint({200}, 0, 5), 5)};
}

constexpr int kRuns = kSanitized ? 2 : 20;

TEST(Determinism, SameSeedSameBits) {
  const Examples data = samples();
  const Outcome first = train(7, data);
  for (int run = 1; run < kRuns; ++run) EXPECT_TRUE(same(first, train(7, data))) << run;
  EXPECT_FALSE(same_weights(first.before, first.after));
}

TEST(Determinism, SameSeedSameBitsWithConvolutions) {
  const Examples data = samples();
  const Outcome first = train_convolutional(7, data);
  for (int run = 1; run < kRuns; ++run) EXPECT_TRUE(same(first, train_convolutional(7, data))) << run;
  EXPECT_FALSE(same_weights(first.before, first.after));
}

TEST(Determinism, AnotherSeedOtherNumbers) {
  const Examples data = samples();
  const Outcome a = train(7, data), b = train(8, data);
  EXPECT_FALSE(same_weights(a.before, b.before));
  EXPECT_NE(a.losses, b.losses);
}

// From equal weights, so that only the order of the samples and the masks can differ.
TEST(Determinism, TheSeedGovernsShufflingAndDropout) {
  const Examples data = samples();
  const auto last = [&](std::uint64_t seed, bool shuffle, double rate) {
    random::seed(seed);
    Sequential model(
        {layers::Dense(8, {.kernel_initializer = "ones", .input_dim = 64}), layers::Dropout(rate), layers::Dense(5)});
    model.layers()[2].set_weights({full({8, 5}, 0.1), zeros({5})});
    model.compile({.optimizer = "sgd", .loss = "mse"});
    model.fit(data.x, data.y, {.batch_size = 50, .epochs = 2, .verbose = 0, .shuffle = shuffle});
    return model.get_weights();
  };
  EXPECT_TRUE(same_weights(last(1, false, 0), last(2, false, 0)));
  EXPECT_FALSE(same_weights(last(1, true, 0), last(2, true, 0)));
  EXPECT_FALSE(same_weights(last(1, false, 0.5), last(2, false, 0.5)));
  EXPECT_TRUE(same_weights(last(1, true, 0.5), last(1, true, 0.5)));
}

// config::enable_op_determinism() promises it.
TEST(Determinism, TheNumberOfThreadsChangesNoBit) {
  config::enable_op_determinism();
  const Examples data = samples();
  const Array x = random::normal({320, 700});
  const auto predict = [&] {  // a product worth more than one thread
    random::seed(3);
    return Sequential({layers::Dense(400, {.activation = "tanh", .input_dim = 700})}).predict(x, {.batch_size = 320});
  };
  const int before = config::num_threads();
  Outcome one, convolutional_of_one;
  Array large_of_one;
  for (const int threads : {1, 2, 3}) {
    config::set_num_threads(threads);
    Outcome outcome, convolutional;
    Array large;
    support::in_pool([&] {  // even the steps that are too small for it by themselves
      outcome = train(7, data), convolutional = train_convolutional(7, data), large = predict();
    });
    if (threads == 1) one = outcome, convolutional_of_one = convolutional, large_of_one = large;
    EXPECT_TRUE(same(one, outcome)) << threads;
    EXPECT_TRUE(same(convolutional_of_one, convolutional)) << threads;
    EXPECT_TRUE(identical(large_of_one, large)) << threads;
  }
  config::set_num_threads(before);
}

}  // namespace
}  // namespace keras::testing
