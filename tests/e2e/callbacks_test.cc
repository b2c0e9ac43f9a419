// Callbacks in a running fit: the order of the hooks, stopping, the learning rate; and what fit prints and returns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "tests/support/primer.h"

namespace keras::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

Sequential small_model(double learning_rate = 0.01) {
  Sequential model({layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones", .input_dim = 1})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = learning_rate}), .loss = "mse"});
  return model;
}
const Examples& data() {
  static const Examples all{Array({1.f, 2.f, 3.f, 4.f}), Array({2.f, 4.f, 6.f, 8.f})};
  return all;
}

class Recorder final : public CallbackBody {
 public:
  static constexpr auto class_name = "Recorder";
  using Args = NoArgs;
  explicit Recorder(Args) {}
  std::vector<std::string> seen;

  void on_train_begin(const Logs& logs) override { add("train_begin", logs); }
  void on_train_end(const Logs& logs) override { add("train_end", logs); }
  void on_epoch_begin(int epoch, const Logs& logs) override { add("epoch_begin " + std::to_string(epoch), logs); }
  void on_epoch_end(int epoch, const Logs& logs) override { add("epoch_end " + std::to_string(epoch), logs); }
  void on_train_batch_begin(int batch, const Logs& logs) override { add("batch_begin " + std::to_string(batch), logs); }
  void on_train_batch_end(int batch, const Logs& logs) override { add("batch_end " + std::to_string(batch), logs); }
  void on_test_begin(const Logs& logs) override { add("test_begin", logs); }
  void on_test_end(const Logs& logs) override { add("test_end", logs); }
  void on_test_batch_begin(int batch, const Logs& logs) override {
    add("test_batch_begin " + std::to_string(batch), logs);
  }
  void on_test_batch_end(int batch, const Logs& logs) override { add("test_batch_end " + std::to_string(batch), logs); }
  void on_predict_begin(const Logs& logs) override { add("predict_begin", logs); }
  void on_predict_end(const Logs& logs) override { add("predict_end", logs); }
  void on_predict_batch_begin(int batch, const Logs& logs) override {
    add("predict_batch_begin " + std::to_string(batch), logs);
  }
  void on_predict_batch_end(int batch, const Logs& logs) override {
    add("predict_batch_end " + std::to_string(batch), logs);
  }

 private:
  void add(std::string what, const Logs& logs) {
    for (const auto& [name, value] : logs) what += " " + name;
    seen.push_back(std::move(what));
  }
};

TEST(Callbacks, HooksComeInKerassOrderWithTheirLogs) {
  auto body = make_body<Recorder>({});
  Sequential model = small_model();
  model.fit(data().x, data().y,
            {.batch_size = 2,
             .verbose = 0,
             .callbacks = {Callback(body)},
             .validation_data = {.x = data().x.slice(0, 1), .y = data().y.slice(0, 1)}});
  EXPECT_THAT(body->seen,
              ElementsAre("train_begin", "epoch_begin 0", "batch_begin 0", "batch_end 0 loss", "batch_begin 1",
                          "batch_end 1 loss", "test_begin", "test_batch_begin 0", "test_batch_end 0 loss",
                          "test_end loss", "epoch_end 0 loss val_loss", "train_end loss val_loss"));
  body->seen.clear();
  model.evaluate(data().x, data().y, {.callbacks = {Callback(body)}});
  EXPECT_THAT(body->seen, ElementsAre("test_begin", "test_batch_begin 0", "test_batch_end 0 loss", "test_end loss"));
  body->seen.clear();
  model.predict(data().x, {.batch_size = 3, .callbacks = {Callback(body)}});
  EXPECT_THAT(body->seen, ElementsAre("predict_begin", "predict_batch_begin 0", "predict_batch_end 0",
                                      "predict_batch_begin 1", "predict_batch_end 1", "predict_end"));
}

TEST(Callbacks, LambdaCallbackCallsItsFunctions) {
  std::vector<std::string> seen;
  const auto note = [&](const char* what) {
    return [&seen, what](int i, const Logs&) { seen.push_back(what + std::to_string(i)); };
  };
  const Callback watch = callbacks::LambdaCallback({.on_epoch_begin = note("epoch_begin "),
                                                    .on_epoch_end = note("epoch_end "),
                                                    .on_train_begin = [&](const Logs&) { seen.push_back("begin"); },
                                                    .on_train_end = [&](const Logs&) { seen.push_back("end"); },
                                                    .on_train_batch_begin = note("batch_begin "),
                                                    .on_train_batch_end = note("batch_end ")});
  small_model().fit(data().x, data().y, {.batch_size = 4, .epochs = 2, .verbose = 0, .callbacks = {watch}});
  EXPECT_THAT(seen, ElementsAre("begin", "epoch_begin 0", "batch_begin 0", "batch_end 0", "epoch_end 0",
                                "epoch_begin 1", "batch_begin 0", "batch_end 0", "epoch_end 1", "end"));
}

TEST(Callbacks, EarlyStoppingEndsTraining) {
  Sequential still = small_model(0);  // its loss never changes
  History history = still.fit(
      data().x, data().y,
      {.epochs = 50, .verbose = 0, .callbacks = {callbacks::EarlyStopping({.monitor = "loss", .patience = 2})}});
  EXPECT_THAT(history.epoch, ElementsAre(0, 1, 2));
  EXPECT_TRUE(still.stop_training());
  history = still.fit(data().x, data().y, {.epochs = 2, .verbose = 0});  // and the next run is a new one
  EXPECT_EQ(history.epoch.size(), 2u);

  Sequential learns = small_model(0.01);
  history = learns.fit(
      data().x, data().y,
      {.epochs = 5, .verbose = 0, .callbacks = {callbacks::EarlyStopping({.monitor = "loss", .patience = 1})}});
  EXPECT_EQ(history.epoch.size(), 5u);
}

TEST(Callbacks, EarlyStoppingBringsTheBestWeightsBack) {
  Sequential model = small_model(1);  // every step makes it worse
  std::vector<Array> after_first;
  const Callback keep = callbacks::LambdaCallback({.on_epoch_end = [&](int epoch, const Logs&) {
    if (epoch == 0) after_first = model.get_weights();
  }});
  const Callback stop = callbacks::EarlyStopping({.monitor = "loss", .patience = 2, .restore_best_weights = true});
  const History history = model.fit(data().x, data().y, {.epochs = 10, .verbose = 0, .callbacks = {keep, stop}});
  EXPECT_EQ(history.epoch.size(), 3u);
  EXPECT_TRUE(same_weights(model.get_weights(), after_first));
}

TEST(Callbacks, StoppingTakesEffectAfterTheBatch) {
  Sequential model = small_model();
  int batches = 0;
  const Callback stop = callbacks::LambdaCallback({.on_train_batch_end = [&](int, const Logs&) {
    if (++batches == 3) model.set_stop_training(true);
  }});
  const History history =
      model.fit(data().x, data().y, {.batch_size = 1, .epochs = 4, .verbose = 0, .callbacks = {stop}});
  EXPECT_EQ(batches, 3);
  EXPECT_THAT(history.epoch, ElementsAre(0));
}

TEST(Callbacks, ANewLearningRateHoldsFromTheNextStep) {
  Sequential model = small_model(0.01);
  std::vector<double> weights;
  const Callback change = callbacks::LambdaCallback({.on_train_batch_end = [&](int batch, const Logs&) {
    weights.push_back(model.get_weights()[0].item());
    Optimizer optimizer = model.optimizer();
    if (batch == 0) optimizer.set_learning_rate(0);
    if (batch == 2) optimizer.set_learning_rate(0.02);
  }});
  model.fit(data().x, data().y, {.batch_size = 1, .verbose = 0, .callbacks = {change}, .shuffle = false});
  ASSERT_EQ(weights.size(), 4u);
  EXPECT_NEAR(weights[0], 1 + 0.01 * 2, 1e-6);  // gradient 2 x (w x - y) = -2 at x = 1, w = 1
  EXPECT_EQ(weights[1], weights[0]);
  EXPECT_EQ(weights[2], weights[0]);
  EXPECT_NEAR(weights[3], weights[0] + 0.02 * 2 * 16 * (2 - weights[0]), 1e-5);
  EXPECT_NEAR(model.optimizer().learning_rate(), 0.02, 1e-8);
}

TEST(Callbacks, AnExceptionEndsFitAndLeavesTheModelUsable) {
  Sequential model = small_model();
  const Callback fails = callbacks::LambdaCallback({.on_train_batch_end = [](int batch, const Logs&) {
    if (batch == 1) throw std::runtime_error("of the user's own");
  }});
  EXPECT_THROW(model.fit(data().x, data().y, {.batch_size = 1, .verbose = 0, .callbacks = {fails}}),
               std::runtime_error);
  EXPECT_THROW(fails->model(), RuntimeError);  // outside training again
  EXPECT_EQ(model.fit(data().x, data().y, {.verbose = 0}).epoch.size(), 1u);
}

TEST(Interrupt, CtrlCEndsTrainingAfterTheStep) {
  Sequential model = small_model();
  int batches = 0;
  const Callback interrupt = callbacks::LambdaCallback({.on_train_batch_end = [&](int, const Logs&) {
    if (++batches == 6) std::raise(SIGINT);
  }});
  const History history =
      model.fit(data().x, data().y, {.batch_size = 1, .epochs = 10, .verbose = 0, .callbacks = {interrupt}});
  EXPECT_EQ(batches, 6);
  EXPECT_THAT(history.epoch, ElementsAre(0, 1));
  EXPECT_EQ(history.history.at("loss").size(), 2u);
  EXPECT_EQ(model.fit(data().x, data().y, {.verbose = 0}).epoch.size(), 1u);  // and the next run is a new one
}

TEST(History, HoldsPrintsAndSavesItsFigures) {
  Sequential model = small_model(0);
  const History history = model.fit(data().x, data().y, {.epochs = 2, .verbose = 0, .validation_split = 0.25});
  EXPECT_THAT(history.epoch, ElementsAre(0, 1));
  EXPECT_EQ(history.history.size(), 2u);
  EXPECT_EQ(history.params.at("epochs"), 2);
  EXPECT_EQ(history.params.at("steps"), 1);
  EXPECT_EQ(history.params.at("verbose"), 0);
  std::ostringstream out;
  out << history;
  EXPECT_EQ(out.str(), history.str());
  EXPECT_THAT(history.str(),
              MatchesRegex(R"(\{'loss': \[4\.6666[0-9]*, 4\.6666[0-9]*\], 'val_loss': \[16\.0, 16\.0\]\})"));

  const std::string path = ::testing::TempDir() + "/keras_history.txt";
  history.save(path);
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(text, history.str() + "\n");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  std::remove(path.c_str());
}

std::string printed_by_fit(int verbose, int epochs) {
  config::set_diagnostics(false, "learning_rate");  // 0, so that the figures stay
  Sequential model = small_model(0);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  model.fit(data().x, data().y, {.batch_size = 2, .epochs = epochs, .verbose = verbose, .validation_split = 0.25});
  config::set_diagnostics(true);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  return ::testing::internal::GetCapturedStdout();
}

TEST(Verbose, ZeroPrintsNothing) { EXPECT_EQ(printed_by_fit(0, 2), ""); }

// The output is no terminal here: one line an epoch, without colours or a bar.
TEST(Verbose, OneIsALineAnEpochWithoutATerminal) {
  const std::string line = R"( - 2/2 - [0-9]+s - [0-9]+[mu]?s/step - loss: 4\.6667 - val_loss: 16\.0000)";
  EXPECT_THAT(printed_by_fit(1, 2), MatchesRegex("Epoch 1/2" + line + "\nEpoch 2/2" + line + "\n"));
}

TEST(Verbose, TwoIsKerassLineAnEpoch) {
  const std::string line = R"(2/2 - [0-9]+s - [0-9]+[mu]?s/step - loss: 4\.6667 - val_loss: 16\.0000)";
  EXPECT_THAT(printed_by_fit(2, 2), MatchesRegex("Epoch 1/2\n" + line + "\nEpoch 2/2\n" + line + "\n"));
}

TEST(Verbose, EvaluateAndPredictAreQuietUnlessAsked) {
  const Sequential model = small_model();
  ::testing::internal::CaptureStdout();
  model.evaluate(data().x, data().y);
  model.predict(data().x);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  ::testing::internal::CaptureStdout();
  model.evaluate(data().x, data().y, {.verbose = 1});
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("loss: 7.5000"));
}

}  // namespace
}  // namespace keras::testing
