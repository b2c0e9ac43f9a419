// Memory stays flat: over many predictions and steps, over batch sizes that change all the time, and over models that
// come and go.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/support/primer.h"

namespace keras::testing {
namespace {

// Of the process, in MB.
double resident() {
  std::ifstream file("/proc/self/statm");
  long pages = 0;
  file >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// Growth from after the first `warm` rounds to the end.
template <class F>
double growth(int warm, int rounds, F&& round) {
  for (int i = 0; i < warm; ++i) round(i);
  const double before = resident();
  for (int i = warm; i < warm + rounds; ++i) round(i);
  return resident() - before;
}

constexpr int kScale = kSanitized ? 1 : 20;
constexpr double kSlack = kSanitized ? 64 : 2;  // sanitizers keep some of what was freed

TEST(Memory, FlatOverPredictionsAndSteps) {
  Sequential model = mnist_model();
  const Array x = random::uniform({3, 784}), y = utils::to_categorical(arange(3), 10);
  const auto round = [&](int) {
    for (int i = 0; i < 100; ++i) model.predict(x), model.evaluate(x, y), model.train_on_batch(x, y);
  };
  EXPECT_LE(growth(5, 5 * kScale, round), kSlack);
}

TEST(Memory, FlatOverBatchSizes) {  // there are at most 16 programs
  Sequential model = regressor_model();
  const Array x = random::uniform({100, 1});
  const auto round = [&](int) {
    for (int rows = 1; rows <= 100; ++rows) model.predict(x.slice(0, rows), {.batch_size = rows});
  };
  EXPECT_LE(growth(3, kScale / 2 + 1, round), kSlack);
}

TEST(Memory, FlatOverFiveHundredBatchSizes) {  // all of them in one block
  Sequential model({layers::Dense(64, {.activation = "relu", .input_dim = 20}), layers::Dense(5)});
  const Array x = random::uniform({500, 20});
  const auto round = [&](int n) {
    const int rows = 1 + n % 500;
    for (int i = 0; i < kScale; ++i) model.predict(x.slice(0, rows), {.batch_size = rows});
  };
  model.predict(x, {.batch_size = 500});
  EXPECT_LE(growth(100, 500, round), kSlack);
}

// After 10,000 predictions and after a million, as the run labelled slow has it; else after fewer.
TEST(Memory, FlatOverAMillionPredictions) {
  const char* text = std::getenv("KERAS_PREDICTIONS");
  const int all = text ? std::atoi(text) : kSanitized ? 2000 : 60000, warm = all >= 100000 ? 10000 : all / 6;
  const Sequential model({layers::Dense(16, {.activation = "relu", .input_dim = 8}), layers::Dense(3)});
  const Array x = random::uniform({1, 8});
  const auto round = [&](int) { (void)model.predict(x); };
  const double more = growth(warm, all - warm, round);
  std::printf("%d predictions: %.2f MB more than after %d\n", all, more, warm);
  EXPECT_LE(more, kSanitized ? kSlack : 1);
}

TEST(Memory, FlatOverModels) {
  const Array x = random::uniform({32, 20}), y = random::uniform({32, 5});
  const char* text = std::getenv("KERAS_MODELS");  // a thousand where the run is labelled slow
  const int rounds = text ? std::atoi(text) / 10 : kScale;
  const auto round = [&](int) {
    for (int i = 0; i < 10; ++i) {
      Sequential model(
          {layers::Dense(200, {.activation = "relu", .input_dim = 20}), layers::Dropout(0.1), layers::Dense(5)});
      model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
      model.fit(x, y, {.verbose = 0});
      model.predict(x);
    }
  };
  EXPECT_LE(growth(3, rounds, round), kSlack);
}

TEST(Memory, FlatOverExpressions) {  // the cache of programs forgets the oldest
  const auto round = [](int n) {
    for (int i = 0; i < 50; ++i) static_cast<void>(eval(ops::tanh(ones({50 * n + i + 1})) * 2));
  };
  EXPECT_LE(growth(20, kScale, round), kSlack);
}

}  // namespace
}  // namespace keras::testing
