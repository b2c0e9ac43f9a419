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

// 200 samples of 64 numbers, in batches of which the last is a part; large enough that the work is cut among threads.
Outcome train(std::uint64_t seed, const Examples& data) {
  random::seed(seed);
  Sequential model({
      layers::Dense(256, {.activation = "relu", .input_dim = 64}),
      layers::Dropout(0.4),
      layers::Dense(128, {.activation = "tanh", .kernel_initializer = "he_normal"}),
      layers::Dropout(0.2),
      layers::Dense(5, {.activation = "softmax"}),
  });
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}),
                 .loss = "categorical_crossentropy",
                 .metrics = {"accuracy"}});
  Outcome outcome;
  outcome.before = model.get_weights();
  const History history =
      model.fit(data.x, data.y, {.batch_size = 48, .epochs = 3, .verbose = 0, .validation_split = 0.1});
  outcome.losses = history.history.at("loss");
  outcome.after = model.get_weights();
  outcome.predictions = model.predict(data.x);
  return outcome;
}

Examples samples() {
  random::seed(99);
  return {random::normal({200, 64}), utils::to_categorical(random::randint({200}, 0, 5), 5)};
}

TEST(Determinism, SameSeedSameBits) {
  const Examples data = samples();
  const Outcome a = train(7, data), b = train(7, data);
  EXPECT_TRUE(same_weights(a.before, b.before));
  EXPECT_TRUE(same_weights(a.after, b.after));
  EXPECT_EQ(a.losses, b.losses);
  EXPECT_TRUE(identical(a.predictions, b.predictions));
  EXPECT_FALSE(same_weights(a.before, a.after));
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
  const int before = support::num_threads();
  Outcome one;
  Array large_of_one;
  for (const int threads : {1, 2, 3}) {
    support::set_num_threads(threads);
    Outcome outcome;
    Array large;
    support::in_pool([&] { outcome = train(7, data), large = predict(); });
    if (threads == 1) one = outcome, large_of_one = large;
    EXPECT_TRUE(same_weights(one.after, outcome.after)) << threads;
    EXPECT_TRUE(identical(one.predictions, outcome.predictions)) << threads;
    EXPECT_TRUE(identical(large_of_one, large)) << threads;
  }
  support::set_num_threads(before);
}

}  // namespace
}  // namespace keras::testing
