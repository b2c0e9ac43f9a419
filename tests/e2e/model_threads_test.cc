// One model used by several threads at once, and several threads that each do their own: the same bits as one thread
// gives.
#include <gtest/gtest.h>

#include <barrier>
#include <functional>
#include <thread>

#include "support/threads.h"
#include "tests/support/primer.h"

namespace keras::testing {
namespace {

constexpr int kThreads = 8;

// Runs work(0) … work(kThreads - 1), each on its thread and all from one moment on.
void at_once(const std::function<void(int)>& work) {
  std::barrier begin(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      begin.arrive_and_wait();
      work(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

struct Trained {
  Sequential model{std::vector<Layer>{layers::Dense(64, {.activation = "relu", .input_dim = 20}), layers::Dropout(0.3),
                                      layers::Dense(5, {.activation = "softmax"})}};
  Array x, y;
  Trained() {
    random::seed(1);
    x = random::normal({150, 20});
    y = utils::to_categorical(random::randint({150}, 0, 5), 5);
    model.compile({.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
    model.fit(x, y, {.verbose = 0});
  }
};

TEST(Threads, PredictOnOneModel) {
  const Trained t;
  const Array expected = t.model.predict(t.x);
  std::vector<int> wrong(kThreads);
  at_once([&](int i) {
    for (int run = 0; run < 20; ++run) {
      if (!identical(t.model.predict(t.x), expected)) ++wrong[static_cast<std::size_t>(i)];
    }
  });
  EXPECT_EQ(wrong, std::vector<int>(kThreads));
}

// A program that a loop of the pool runs has one thread, but that thread's index is any.
TEST(Threads, PredictWithinALoopOfThePool) {
  const Trained t;
  Sequential wide({layers::Dense(600, {.activation = "softmax", .input_dim = 20})});
  const Array expected = t.model.predict(t.x), expected_wide = wide.predict(t.x);
  const int before = config::num_threads();
  config::set_num_threads(kThreads);
  std::vector<int> wrong(64);
  support::parallel_for_in_pool(64, 1, [&](std::int64_t i, std::int64_t) {
    const bool same = identical(t.model.predict(t.x), expected) && identical(wide.predict(t.x), expected_wide);
    wrong[static_cast<std::size_t>(i)] = !same;
  });
  config::set_num_threads(before);
  EXPECT_EQ(wrong, std::vector<int>(64));
}

TEST(Threads, PredictCompilesOnceForAll) {
  const Trained t;
  Array results[kThreads];
  at_once([&](int i) { results[i] = t.model.predict(t.x, {.batch_size = 41}); });  // of which there is no program yet
  for (const Array& result : results) EXPECT_TRUE(identical(result, results[0]));
  at_once([&](int i) { results[i] = t.model.predict(t.x.slice(0, 40 + i), {.batch_size = 1000}); });
  for (int i = 0; i < kThreads; ++i) EXPECT_EQ(results[i].shape(), Shape({40 + i, 5}));
}

TEST(Threads, EvaluateOnOneModel) {
  const Trained t;
  const std::string expected = t.model.evaluate(t.x, t.y).str();
  std::string results[kThreads];
  at_once([&](int i) {
    for (int run = 0; run < 10; ++run) results[i] = t.model.evaluate(t.x, t.y).str();
  });
  for (const std::string& result : results) EXPECT_EQ(result, expected);
}

TEST(Threads, PredictAndEvaluateSideBySide) {
  const Trained t;
  const Array prediction = t.model.predict_on_batch(t.x);
  const std::string figures = t.model.test_on_batch(t.x, t.y).str();
  std::vector<int> wrong(kThreads);
  at_once([&](int i) {
    for (int run = 0; run < 10; ++run) {
      const bool right = i % 2 ? identical(t.model.predict_on_batch(t.x), prediction)
                               : t.model.test_on_batch(t.x, t.y).str() == figures;
      if (!right) ++wrong[static_cast<std::size_t>(i)];
    }
  });
  EXPECT_EQ(wrong, std::vector<int>(kThreads));
}

TEST(Threads, EagerExpressions) {
  random::seed(2);
  const Array a = random::normal({40, 30}), b = random::normal({30, 50});
  const auto compute = [&](int i) { return static_cast<Array>(ops::softmax(ops::matmul(a, b) * (i + 1) + 0.5)); };
  std::vector<Array> expected;
  for (int i = 0; i < kThreads; ++i) expected.push_back(compute(i));
  std::vector<int> wrong(kThreads);
  at_once([&](int i) {
    for (int run = 0; run < 20; ++run) {
      if (!identical(compute(i), expected[static_cast<std::size_t>(i)])) ++wrong[static_cast<std::size_t>(i)];
      const Array fresh = ops::tanh(ones({run % 5 + 1, i + 2}));  // shapes of its own: compiled now
      if (fresh.shape() != Shape({run % 5 + 1, i + 2})) ++wrong[static_cast<std::size_t>(i)];
    }
  });
  EXPECT_EQ(wrong, std::vector<int>(kThreads));
}

TEST(Threads, ModelsBuiltAndTrainedAtOnce) {
  random::seed(3);
  const Array x = random::normal({64, 8}), y = random::normal({64, 1});
  const auto train = [&](int) {
    Sequential model({layers::Dense(16, {.activation = "tanh",
                                         .kernel_initializer = initializers::GlorotUniform({.seed = 4}),
                                         .input_dim = 8}),
                      layers::Dense(1, {.kernel_initializer = initializers::GlorotUniform({.seed = 5})})});
    model.compile({.optimizer = "sgd", .loss = "mse"});
    model.fit(x, y, {.epochs = 3, .verbose = 0, .shuffle = false});
    return model.get_weights();
  };
  const std::vector<Array> expected = train(0);
  std::vector<std::vector<Array>> results(kThreads);
  at_once([&](int i) { results[static_cast<std::size_t>(i)] = train(i); });
  for (const auto& weights : results) EXPECT_TRUE(same_weights(weights, expected));
}

}  // namespace
}  // namespace keras::testing
