// The progress bar against what real Keras prints, with the clock that Keras was given.
#include "callbacks/progress_bar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "support/text.h"
#include "tests/support/golden.h"
#include "tests/support/keras2.h"

namespace keras {
namespace {

using EpochHook = void (CallbackBody::*)(int, const Logs&);
using Hook = void (CallbackBody::*)(const Logs&);
const std::map<std::string, EpochHook> kEpochHooks = {{"on_epoch_begin", &CallbackBody::on_epoch_begin},
                                                      {"on_epoch_end", &CallbackBody::on_epoch_end},
                                                      {"on_train_batch_end", &CallbackBody::on_train_batch_end},
                                                      {"on_test_batch_end", &CallbackBody::on_test_batch_end},
                                                      {"on_predict_batch_end", &CallbackBody::on_predict_batch_end}};
const std::map<std::string, Hook> kHooks = {{"on_train_begin", &CallbackBody::on_train_begin},
                                            {"on_test_begin", &CallbackBody::on_test_begin},
                                            {"on_test_end", &CallbackBody::on_test_end},
                                            {"on_predict_begin", &CallbackBody::on_predict_begin},
                                            {"on_predict_end", &CallbackBody::on_predict_end}};

// What a progress bar prints for the events of a case.
std::string printed(const Config& c, bool terminal) {
  std::string text;
  double now = 0;
  ProgressOutput output{terminal, !c.at("ascii").as_bool(), [&](std::string_view part) { text += part; },
                        [&] { return now; }, [&] { return now; }};
  ProgressBar bar(static_cast<int>(c.at("verbose").as_int()), output);
  std::map<std::string, double> params{{"epochs", c.at("epochs").as_real()}};
  if (!c.at("steps").is_null()) params["steps"] = c.at("steps").as_real();
  for (const char* more : {"samples", "batch_size"}) {
    if (c.contains(more)) params[more] = c.at(more).as_real();
  }
  bar.set_params(params);
  for (const Config& event : c.at("events").items()) {
    const auto& parts = event.items();
    now = c.at("start").as_real() + parts[0].as_real();
    Logs logs;
    for (const Config& figure : parts[3].items()) {
      const Config& value = figure.items()[1];
      logs.set(figure.items()[0].as_string(),
               value.is_string() ? *support::parse_real(value.as_string()) : value.as_real());
    }
    const std::string hook = parts[1].as_string();
    if (parts[2].is_null()) {
      (bar.*kHooks.at(hook))(logs);
    } else {
      (bar.*kEpochHooks.at(hook))(static_cast<int>(parts[2].as_int()), logs);
    }
  }
  return text;
}

TEST(ProgressBar, PrintsWhatKerasPrints) {
  const testing::Golden golden("progbar");
  EXPECT_GT(golden.cases().size(), 15u);
  for (const Config& c : golden.cases()) {
    EXPECT_EQ(printed(c, true), c.at("text").as_string()) << c.at("name");
    if (c.at("verbose").as_int() == 2) {
      EXPECT_EQ(printed(c, false), c.at("text").as_string()) << c.at("name");
    }
  }
}

TEST(ProgressBar, InKeras2PrintsWhatKeras2Printed) {
  const testing::Keras2 keras2;
  const testing::Golden golden("progbar_2_2");
  EXPECT_EQ(golden.cases().size(), 7u);
  for (const Config& c : golden.cases()) EXPECT_EQ(printed(c, true), c.at("text").as_string()) << c.at("name");
  EXPECT_EQ(printed(golden.at("evaluate"), false), "100/100 [==============================] - 1s 10ms/step\n");
}

TEST(ProgressBar, IsALineAnEpochWithoutATerminal) {
  const testing::Golden golden("progbar");
  EXPECT_EQ(printed(golden.at("fit_validation"), false),
            "Epoch 1/2 - 12/12 - 2s - 125ms/step - accuracy: 0.9583 - loss: 0.2083 - val_accuracy: 0.5000 - val_loss: "
            "0.7500\n"
            "Epoch 2/2 - 12/12 - 2s - 125ms/step - accuracy: 0.9583 - loss: 0.2083 - val_accuracy: 0.5000 - val_loss: "
            "1.7500\n");
  EXPECT_EQ(printed(golden.at("predict"), false), "5/5 - 0s - 100ms/step\n");
  for (const Config& c : golden.cases()) {
    EXPECT_EQ(printed(c, false).find_first_of("\x1b\b\r"), std::string::npos) << c.at("name");
  }
}

// Steps until a fit was interrupted, or a callback stopped it.
struct Stopped {
  std::string text;
  double now = 0;
  ProgressBar bar{
      1, {true, true, [this](std::string_view part) { text += part; }, [this] { return now; }, [this] { return now; }}};
  Stopped() {
    bar.set_params({{"epochs", 2}, {"steps", 40}});
    bar.on_train_begin({});
    bar.on_epoch_begin(0, {});
    for (int i = 0; i < 10; ++i, now += 1) bar.on_train_batch_end(i, {});
  }
};

TEST(ProgressBar, SaysHowFarAStoppedEpochCame) {
  Stopped stopped;
  stopped.text.clear();
  stopped.bar.on_epoch_end(0, {{"loss", 1}});
  stopped.bar.on_train_end({});
  EXPECT_THAT(stopped.text, ::testing::HasSubstr("10/40"));
  EXPECT_EQ(std::count(stopped.text.begin(), stopped.text.end(), '\n'), 1);
}

TEST(ProgressBar, EndsItsLineWhenTheEpochDoesNot) {
  Stopped stopped;
  stopped.text.clear();
  stopped.bar.on_train_end({});
  EXPECT_EQ(stopped.text, "\n");
}

TEST(ProgressBar, DrawsAtMostEvery50Milliseconds) {
  int writes = 0;
  double now = 100;
  ProgressBar bar(1, {true, true, [&](std::string_view) { ++writes; }, [&] { return now; }, [&] { return now; }});
  bar.set_params({{"epochs", 1}, {"steps", 100000}});
  bar.on_epoch_begin(0, {});
  const Logs logs{{"loss", 1}};
  for (int i = 0; i < 100000; ++i, now += 1e-5) bar.on_train_batch_end(i, logs);  // one second
  EXPECT_GE(writes, 19);
  EXPECT_LE(writes, 21);
}

TEST(ProgressBar, StandardOutputIsNoTerminalInTests) {
  ::testing::internal::CaptureStdout();
  const Callback bar = progress_bar(1);
  bar->set_params({{"steps", 3}});
  bar->on_test_begin({});
  for (int i = 0; i < 3; ++i) bar->on_test_batch_end(i, {{"loss", 2}});
  bar->on_test_end({{"loss", 2}});
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), ::testing::ContainsRegex("^3/3 - 0s - .* - loss: 2.0000\n$"));
}

}  // namespace
}  // namespace keras
