// The threads that make batches ahead: with many of them, with errors, stops and interruptions, and in fits side by
// side.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "tests/support/primer.h"

namespace keras::testing {
namespace {

struct Numbers final : utils::SequenceBody {
  Numbers(std::int64_t length, int workers, std::int64_t bad = -1)
      : SequenceBody({.workers = workers, .max_queue_size = 3}), length_(length), bad_(bad) {}
  std::int64_t length() const override { return length_; }
  void fill(std::int64_t index, Batch& batch) override {
    if (index == bad_) throw IOError("no such batch");
    if (batch.x.empty()) batch = {Array(Shape({4, 3})), Array(Shape({4, 1}))};
    for (float& value : batch.x[0].mutable_values<float>()) value = static_cast<float>(index) / 50;
    const Array noise = random::normal({4, 1});
    std::copy_n(noise.values<float>().begin(), 4, batch.y[0].mutable_values<float>().begin());
    ++made;
  }
  std::atomic<int> made = 0;

 private:
  const std::int64_t length_, bad_;
};

Sequential regressor() {
  Sequential model(
      {layers::Dense(1, {.kernel_initializer = initializers::GlorotUniform({.seed = 4}), .input_dim = 3})});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  return model;
}

TEST(DataThreads, ManyWorkersGiveTheSameBits) {
  const auto train = [](int workers) {
    random::seed(9);
    Sequential model = regressor();
    model.fit(utils::make_sequence<Numbers>(40, workers), {}, {.epochs = 3, .verbose = 0, .steps_per_epoch = 25});
    return model.get_weights();
  };
  const std::vector<Array> expected = train(0);
  for (const int workers : {1, 2, 8}) EXPECT_TRUE(same_weights(train(workers), expected)) << workers;
}

TEST(DataThreads, AreGoneAfterErrorsAndStops) {
  for (int i = 0; i < 10; ++i) {
    Sequential model = regressor();
    EXPECT_THROW(model.fit(utils::make_sequence<Numbers>(40, 6, 20), {}, {.verbose = 0}), IOError);
    const auto many = std::make_shared<Numbers>(100000, 6);
    const Callback stop = callbacks::LambdaCallback(
        {.on_train_batch_end = [&](int batch, const Logs&) { model.set_stop_training(batch == 5); }});
    model.fit(utils::Sequence(many), {}, {.verbose = 0, .callbacks = {stop}});
    EXPECT_LE(many->made, 6 + 4 + 6);
    EXPECT_EQ(many.use_count(), 1);
  }
}

TEST(DataThreads, CtrlCEndsFitCleanly) {
  Sequential model = regressor();
  const auto many = std::make_shared<Numbers>(100000, 4);
  const Callback interrupt = callbacks::LambdaCallback({.on_train_batch_end = [](int batch, const Logs&) {
    if (batch == 3) ::raise(SIGINT);
  }});
  const History history = model.fit(utils::Sequence(many), {}, {.epochs = 2, .verbose = 0, .callbacks = {interrupt}});
  EXPECT_LE(history.epoch.size(), 1u);
  EXPECT_LE(many->made, 4 + 4 + 4);
  EXPECT_EQ(many.use_count(), 1);
}

TEST(DataThreads, PredictOnOneModelFromSequences) {
  const Sequential model = regressor();
  const Array expected = model.predict(utils::make_sequence<Numbers>(30, 0));
  std::vector<std::thread> threads;
  std::vector<int> wrong(8);
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int run = 0; run < 5; ++run)
        wrong[i] += !identical(model.predict(utils::make_sequence<Numbers>(30, 1 + static_cast<int>(i) % 3)), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(8));
}

}  // namespace
}  // namespace keras::testing
