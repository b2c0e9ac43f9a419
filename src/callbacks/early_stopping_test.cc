// EarlyStopping against real Keras's: the same figures, epoch by epoch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/callbacks.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>

#include "support/text.h"
#include "tests/support/golden.h"

namespace keras {
namespace {

double real(const Config& value) {
  return value.is_string() ? *support::parse_real(value.as_string()) : value.as_real();
}

Model compiled(const Config& c) {
  Sequential model({layers::Dense(1, {.use_bias = false, .input_dim = 1})});
  CompileArgs args{.optimizer = "sgd", .loss = "mse"};
  std::vector<Metric> metrics;
  for (const Config& metric : c.at("metrics").items()) metrics.emplace_back(metric.as_string());
  args.metrics = std::move(metrics);
  model.compile(std::move(args));
  model.train_on_batch(ones({2, 1}), ones({2, 1}));
  return model;
}

struct Result {
  int ran = 0;
  bool stopped = false;
  double weight = 0;
  std::string text, warning;
};

Result fit(Model& model, const Callback& callback, const std::string& figure, const Config& values) {
  Result result;
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  model.set_stop_training(false);
  callback->on_train_begin({});
  for (const Config& value : values.items()) {
    model.set_weights({full({1, 1}, result.ran)});
    Logs logs{{"loss", 0.5}};
    if (!value.is_null()) logs.set(figure, real(value));
    callback->on_epoch_end(result.ran++, logs);
    if (model.stop_training()) break;
  }
  callback->on_train_end({});
  result.stopped = model.stop_training();
  result.weight = model.get_weights()[0].item();
  result.text = ::testing::internal::GetCapturedStdout();
  result.warning = ::testing::internal::GetCapturedStderr();
  return result;
}

TEST(EarlyStopping, StopsWhereKerasStops) {
  const testing::Golden golden("early_stopping");
  for (const Config& c : golden.cases()) {
    const std::string name = c.at("name").as_string();
    SCOPED_TRACE(name);
    Model model = compiled(c);
    ::testing::internal::CaptureStderr();
    Callback callback = callbacks::EarlyStopping(args_of<EarlyStoppingArgs>(c.at("arguments"), "EarlyStopping"));
    const std::string warned = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(warned.empty(), name != "other_mode") << warned;
    callback->set_model(&model);
    if (c.contains("error")) {
      EXPECT_THROW(callback->on_epoch_end(0, {{"loss", 0.5}}), ValueError);
      continue;
    }
    for (std::size_t i = 0; i < c.at("fits").size(); ++i) {
      const Result ours = fit(model, callback, c.at("figure").as_string(), c.at("fits").items()[i]);
      const Config& keras = c.at("results").items()[i];
      EXPECT_EQ(ours.ran, keras.at("ran").as_int());
      EXPECT_EQ(ours.stopped, keras.at("stopped").as_bool());
      EXPECT_EQ(ours.weight, keras.at("weight").as_real());
      EXPECT_EQ(ours.text, keras.at("text").as_string());
      EXPECT_EQ(!ours.warning.empty(), keras.at("warned").as_bool()) << ours.warning;
    }
  }
}

TEST(EarlyStopping, WarnsOnceOfAMissingFigure) {
  Model model = compiled(Config::map({{"metrics", Config::list({"mae"})}}));
  const Callback callback = callbacks::EarlyStopping({.monitor = "val_mae"});
  callback->set_model(&model);
  ::testing::internal::CaptureStderr();
  for (int epoch = 0; epoch < 3; ++epoch) callback->on_epoch_end(epoch, {{"loss", 1}, {"mae", 2}});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "keras: EarlyStopping: epoch 1 has no figure «val_mae», by which training was to be stopped. Figures: "
            "loss, mae.\n");
}

TEST(EarlyStopping, AsksForAModeWhereTheMetricDoesNotSay) {
  Model model = compiled(Config::map({{"metrics", Config::list({"accuracy"})}}));
  const Callback callback = callbacks::EarlyStopping({.monitor = "val_acuracy"});
  callback->set_model(&model);
  using ::testing::HasSubstr;
  EXPECT_THAT(
      [&] {
        callback->on_epoch_end(0, {{"loss", 1}});
      },
      ::testing::ThrowsMessage<ValueError>(
          ::testing::AllOf(HasSubstr("Did you mean «accuracy»?"), HasSubstr(".mode"))));
}

}  // namespace
}  // namespace keras
