// What the arguments of fit, evaluate and predict mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/primer.h"

namespace keras::testing {
namespace {

using ::testing::ElementsAre;

// y = w x with w = 1, which training does not move.
Sequential identity_model() {
  Sequential model({layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones", .input_dim = 1})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0}), .loss = "mse", .metrics = {"mae"}});
  return model;
}

// Errors 0, 1, 2, …: the loss of rows [a, b) is the mean of their squares.
Examples steps_of_error(std::int64_t count) {
  std::vector<float> x(static_cast<std::size_t>(count)), y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 2 * static_cast<float>(i), y[i] = static_cast<float>(i);
  return {Array(x), Array(y)};
}
double loss_of(int begin, int end) {
  double sum = 0;
  for (int i = begin; i < end; ++i) sum += i * i;
  return sum / (end - begin);
}
double mae_of(int begin, int end) { return (begin + end - 1) / 2.0; }

TEST(Fit, ValidationSplitTakesTheEndBeforeShuffling) {
  const Examples data = steps_of_error(10);
  for (const bool shuffle : {true, false}) {
    const History history = identity_model().fit(
        data.x, data.y, {.batch_size = 3, .epochs = 2, .verbose = 0, .validation_split = 0.3, .shuffle = shuffle});
    for (int epoch = 0; epoch < 2; ++epoch) {
      const auto at = [&](const char* name) { return history.history.at(name)[static_cast<std::size_t>(epoch)]; };
      EXPECT_NEAR(at("loss"), loss_of(0, 7), 1e-5);
      EXPECT_NEAR(at("mae"), mae_of(0, 7), 1e-6);
      EXPECT_NEAR(at("val_loss"), loss_of(7, 10), 1e-5);
      EXPECT_NEAR(at("val_mae"), mae_of(7, 10), 1e-6);
    }
  }
}

TEST(Fit, ValidationDataComesBeforeTheSplit) {
  const Examples data = steps_of_error(10);
  const History history = identity_model().fit(
      data.x, data.y,
      {.verbose = 0, .validation_split = 0.3, .validation_data = {.x = data.x.slice(0, 4), .y = data.y.slice(0, 4)}});
  EXPECT_NEAR(history.history.at("loss")[0], loss_of(0, 10), 1e-5);
  EXPECT_NEAR(history.history.at("val_loss")[0], loss_of(0, 4), 1e-6);
}

struct CountTestBatches final : CallbackBody {
  static constexpr auto class_name = "CountTestBatches";
  using Args = NoArgs;
  explicit CountTestBatches(Args) {}
  void on_test_batch_end(int, const Logs&) override { ++count; }
  int count = 0;
};

TEST(Fit, ValidationFrequencyStepsAndBatchSize) {
  const Examples data = steps_of_error(8);
  auto body = make_body<CountTestBatches>({});
  const History history = identity_model().fit(data.x, data.y,
                                               {.epochs = 5,
                                                .verbose = 0,
                                                .callbacks = {Callback(body)},
                                                .validation_data = {.x = data.x, .y = data.y},
                                                .validation_steps = 3,
                                                .validation_batch_size = 2,
                                                .validation_freq = 2});
  EXPECT_EQ(history.history.at("loss").size(), 5u);
  ASSERT_EQ(history.history.at("val_loss").size(), 2u);  // after the second and the fourth epoch
  EXPECT_NEAR(history.history.at("val_loss")[1], loss_of(0, 6), 1e-5);
  EXPECT_EQ(body->count, 2 * 3);
}

TEST(Fit, EpochsCountFromInitialEpoch) {
  const Examples data = steps_of_error(4);
  std::vector<int> seen;
  const Callback watch =
      callbacks::LambdaCallback({.on_epoch_begin = [&](int epoch, const Logs&) { seen.push_back(epoch); }});
  Sequential model = identity_model();
  History history = model.fit(data.x, data.y, {.epochs = 5, .verbose = 0, .callbacks = {watch}, .initial_epoch = 3});
  EXPECT_THAT(history.epoch, ElementsAre(3, 4));
  EXPECT_THAT(seen, ElementsAre(3, 4));
  EXPECT_EQ(history.history.at("loss").size(), 2u);
  history = model.fit(data.x, data.y, {.epochs = 5, .verbose = 0, .initial_epoch = 5});
  EXPECT_TRUE(history.epoch.empty());
}

// The losses that Keras 3.15 gives for the same: an epoch goes on where the last one ended, and ends with the data.
TEST(Fit, StepsPerEpochAsKerasCountsThem) {
  const Array x = arange(10), y = zeros({10});
  std::vector<int> batches;
  const Callback watch =
      callbacks::LambdaCallback({.on_train_batch_end = [&](int batch, const Logs&) { batches.push_back(batch); }});
  const FitArgs args{
      .batch_size = 2, .epochs = 4, .verbose = 0, .callbacks = {watch}, .shuffle = false, .steps_per_epoch = 2};
  History history = identity_model().fit(x, y, args);
  EXPECT_THAT(history.history.at("loss"), ElementsAre(3.5, 31.5, 72.5, 3.5));
  EXPECT_THAT(batches, ElementsAre(0, 1, 0, 1, 0, 0, 1));
  EXPECT_EQ(history.params.at("steps"), 2);
  history = identity_model().fit(x, y, {.batch_size = 2, .epochs = 2, .verbose = 0, .steps_per_epoch = 8});
  EXPECT_THAT(history.history.at("loss"), ElementsAre(28.5, 28.5));
  EXPECT_EQ(history.params.at("steps"), 8);
}

TEST(Fit, ABatchLargerThanTheDataIsAllOfIt) {
  const Examples data = steps_of_error(5);
  const History history = identity_model().fit(data.x, data.y, {.batch_size = 1000, .verbose = 0});
  EXPECT_NEAR(history.history.at("loss")[0], loss_of(0, 5), 1e-6);
  EXPECT_EQ(history.params.at("steps"), 1);
}

TEST(Fit, ShuffleVisitsEachSampleOnceAnEpochInAnotherOrder) {
  const Examples data = steps_of_error(64);
  Sequential model = identity_model();
  std::vector<double> means;  // running, of one sample a batch: the nth error follows from two of them
  const Callback watch = callbacks::LambdaCallback(
      {.on_train_batch_end = [&](int, const Logs& logs) { means.push_back(logs.at("mae")); }});
  random::seed(3);
  model.fit(data.x, data.y, {.batch_size = 1, .epochs = 2, .verbose = 0, .callbacks = {watch}});
  ASSERT_EQ(means.size(), 128u);
  std::vector<int> order[2];
  for (std::size_t i = 0; i < 128; ++i) {
    const double before = i % 64 ? means[i - 1] * static_cast<double>(i % 64) : 0;
    order[i / 64].push_back(static_cast<int>(std::lround(means[i] * static_cast<double>(i % 64 + 1) - before)));
  }
  std::vector<int> all(64);
  for (int i = 0; i < 64; ++i) all[static_cast<std::size_t>(i)] = i;
  EXPECT_THAT(order[0], ::testing::UnorderedElementsAreArray(all));
  EXPECT_THAT(order[1], ::testing::UnorderedElementsAreArray(all));
  EXPECT_NE(order[0], all);
  EXPECT_NE(order[0], order[1]);
}

TEST(Fit, SampleWeightsWeighTheLoss) {
  const Examples data = steps_of_error(4);  // squares 0, 1, 4, 9
  const Array weights({1.f, 0.f, 2.f, 0.5f});
  const double expected = (0 + 0 + 8 + 4.5) / 4;
  const History history = identity_model().fit(data.x, data.y, {.verbose = 0, .sample_weight = weights});
  EXPECT_NEAR(history.history.at("loss")[0], expected, 1e-6);
  EXPECT_NEAR(identity_model().evaluate(data.x, data.y, {.sample_weight = weights}), expected, 1e-6);
  EXPECT_NEAR(identity_model().train_on_batch(data.x, data.y, weights), expected, 1e-6);
  EXPECT_NEAR(identity_model().test_on_batch(data.x, data.y, weights), expected, 1e-6);
}

TEST(Fit, TakesAnyNumberTypeAndTheirExpressions) {
  std::vector<double> losses;
  for (const DType dtype : {DType::float64, DType::float32, DType::int32, DType::int64, DType::uint8}) {
    const Array x = arange(6).astype(dtype), y = arange(6).astype(dtype);
    Sequential model(
        {layers::Dense(1, {.use_bias = false, .kernel_initializer = initializers::Constant(2), .input_dim = 1})});
    model.compile({.optimizer = "sgd", .loss = "mse"});
    EXPECT_NEAR(model.evaluate(x, y), loss_of(0, 6), 1e-5) << dtype.name();
    EXPECT_NEAR(model.evaluate(x * 1, y + 0), loss_of(0, 6), 1e-5) << dtype.name();
    losses.push_back(model.fit(x, y, {.epochs = 3, .verbose = 0, .shuffle = false}).history.at("loss").back());
  }
  for (const double loss : losses) EXPECT_EQ(loss, losses[0]);
}

TEST(Evaluate, WeighsThePartialBatchByItsSamples) {
  const Examples data = steps_of_error(10);
  for (const std::int64_t batch : {1, 3, 4, 7, 10, 32}) {
    const Logs logs = identity_model().evaluate(data.x, data.y, {.batch_size = batch});
    EXPECT_NEAR(logs, loss_of(0, 10), 1e-5) << batch;
    EXPECT_NEAR(logs.at("mae"), mae_of(0, 10), 1e-6) << batch;
  }
  EXPECT_NEAR(identity_model().evaluate(data.x, data.y, {.batch_size = 3, .steps = 2}), loss_of(0, 6), 1e-5);
}

TEST(Evaluate, LeavesTheTrainingFiguresAlone) {
  const Examples data = steps_of_error(8);
  Sequential model = identity_model();
  std::vector<double> running;
  const Callback watch = callbacks::LambdaCallback({.on_train_batch_end = [&](int, const Logs& logs) {
    running.push_back(logs);
    EXPECT_NEAR(model.evaluate(data.x.slice(0, 3), data.y.slice(0, 3)), loss_of(0, 3), 1e-6);
  }});
  model.fit(data.x, data.y, {.batch_size = 2, .verbose = 0, .callbacks = {watch}, .shuffle = false});
  ASSERT_EQ(running.size(), 4u);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(running[static_cast<std::size_t>(i)], loss_of(0, 2 * (i + 1)), 1e-5);
}

TEST(Predict, DoesNotDependOnHowTheRowsAreCut) {
  random::seed(5);
  Sequential model(
      {layers::Dense(16, {.activation = "tanh", .input_dim = 20}), layers::Dense(3, {.activation = "softmax"})});
  const Array x = random::normal({70, 20});
  const Array whole = model.predict_on_batch(x);  // no compile needed
  ASSERT_EQ(whole.shape(), Shape({70, 3}));
  for (const std::int64_t batch : {1, 6, 32, 70, 1000}) {
    const Array parts = model.predict(x, {.batch_size = batch});
    ASSERT_EQ(parts.shape(), whole.shape());
    for (std::int64_t i = 0; i < 70; ++i) {
      for (std::int64_t j = 0; j < 3; ++j) EXPECT_NEAR(parts.at({i, j}), whole.at({i, j}), 1e-6) << batch;
    }
  }
  EXPECT_EQ(model.predict(x, {.batch_size = 32, .steps = 2}).shape(), Shape({64, 3}));
  EXPECT_EQ(model.predict_all(x).size(), 1u);
}

TEST(Predict, DropoutRestsOutsideTraining) {
  Sequential model({layers::Dropout(0.5, {.input_shape = Shape{8}})});
  const Array x = ones({4, 8});
  EXPECT_TRUE(identical(model.predict(x), x));
  EXPECT_TRUE(identical(static_cast<Array>(model(x)), x));
}

TEST(OnBatch, GivesTheFiguresBeforeTheUpdate) {
  const Examples data = steps_of_error(4);
  Sequential model({layers::Dense(1, {.use_bias = false, .kernel_initializer = "ones", .input_dim = 1})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.01}), .loss = "mse", .metrics = {"mae"}});
  const Logs test = model.test_on_batch(data.x, data.y), train = model.train_on_batch(data.x, data.y);
  EXPECT_NEAR(train, loss_of(0, 4), 1e-6);
  EXPECT_NEAR(train.at("mae"), mae_of(0, 4), 1e-6);
  EXPECT_EQ(static_cast<double>(test), static_cast<double>(train));
  // d loss / d w = mean(2 x (w x - y)) = mean(4 i²)
  EXPECT_NEAR(model.get_weights()[0].item(), 1 - 0.01 * 4 * loss_of(0, 4), 1e-6);
  EXPECT_LT(model.train_on_batch(data.x, data.y),
            static_cast<double>(train));  // of this batch alone, not a running mean
}

TEST(Fit, TheLossFalls) {
  random::seed(11);
  const Array x = random::normal({256, 8}), y = utils::to_categorical(random::randint({256}, 0, 2), 2);
  for (const char* optimizer : {"sgd", "rmsprop", "adam"}) {
    Sequential model(
        {layers::Dense(32, {.activation = "relu", .input_dim = 8}), layers::Dense(2, {.activation = "softmax"})});
    model.compile({.optimizer = optimizer, .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
    const History history = model.fit(x, y, {.epochs = 20, .verbose = 0});
    EXPECT_LT(history.history.at("loss").back(), history.history.at("loss").front()) << optimizer;
    EXPECT_GT(history.history.at("accuracy").back(), 0.5) << optimizer;
  }
}

}  // namespace
}  // namespace keras::testing
