#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/callbacks.h>
#include <keras/error.h>
#include <keras/models.h>

#include "tests/support/golden.h"

namespace keras {
namespace {

struct CountArgs {
  int start = 0;
  static void fields(auto&& f) { f("start", &CountArgs::start, "First number."); }
};
struct Count final : CallbackBody {
  static constexpr auto class_name = "Count";
  using Args = CountArgs;
  explicit Count(const Args& args) : epochs(args.start) {}
  void on_epoch_end(int, const Logs&) override { ++epochs; }
  int epochs;
};

TEST(Callback, IsAUsersBody) {
  const Callback callback = make_callback<Count>({.start = 2});
  const Callback copy = callback;
  copy->on_epoch_end(0, {});
  copy->on_train_batch_end(0, {});
  EXPECT_EQ(static_cast<Count&>(*callback.body()).epochs, 3);
  EXPECT_EQ(callback->class_name(), "Count");
  EXPECT_EQ(callback->get_config().to_json(), R"({"start": 2})");
  EXPECT_TRUE(callback->wants_batches());
}

TEST(Callback, HasAModelOnlyInTraining) {
  const Callback callback = make_callback<Count>();
  EXPECT_THAT([&] { callback->model(); },
              ::testing::ThrowsMessage<RuntimeError>(::testing::HasSubstr("Count: model()")));
  Model model = Sequential();
  callback->set_model(&model);
  EXPECT_EQ(&callback->model(), &model);
}

TEST(LambdaCallback, CallsWhatIsGiven) {
  std::string seen;
  const Callback epochs = callbacks::LambdaCallback(
      {.on_epoch_end = [&](int epoch,
                           const Logs& logs) { seen += "epoch " + std::to_string(epoch) + logs.str() + ";"; },
       .on_train_end = [&](const Logs&) { seen += "end;"; }});
  EXPECT_FALSE(epochs->wants_batches());
  epochs->on_train_begin({});
  epochs->on_train_batch_end(0, {});
  epochs->on_epoch_end(3, {{"loss", 0.5}});
  epochs->on_train_end({});
  EXPECT_EQ(seen, "epoch 3{'loss': 0.5};end;");
  EXPECT_EQ(epochs->get_config().to_json(), "{}");
  EXPECT_EQ(epochs->class_name(), "LambdaCallback");

  const Callback batches = callbacks::LambdaCallback(
      {.on_predict_batch_end = [&](int batch, const Logs&) { seen = std::to_string(batch); }});
  EXPECT_TRUE(batches->wants_batches());
  batches->on_predict_batch_end(7, {});
  EXPECT_EQ(seen, "7");
}

TEST(EarlyStopping, HasKerassArguments) {
  const testing::Golden golden("arguments");
  const auto& arguments = golden.at("callbacks.EarlyStopping").at("arguments").items();
  const Config config = callbacks::EarlyStopping()->get_config();
  ASSERT_EQ(config.size(), arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    EXPECT_EQ(config.entries()[i].first, arguments[i].at("name").as_string());
    const Config& ours = config.entries()[i].second;
    const Config& keras = arguments[i].at("default");
    if (keras.is_number()) {
      EXPECT_EQ(ours.as_real(), keras.as_real());
    } else {
      EXPECT_EQ(ours, keras);
    }
  }
}

}  // namespace
}  // namespace keras
