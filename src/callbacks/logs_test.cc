#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/callbacks.h>
#include <keras/error.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "callbacks/logs_access.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(Logs, IsOrderedAndConvertsToTheLoss) {
  Logs logs{{"loss", 0.25}, {"accuracy", 0.9}};
  logs.set("val_loss", 0.5);
  logs.set("accuracy", 0.1);
  EXPECT_EQ(logs.str(), "{'loss': 0.25, 'accuracy': 0.1, 'val_loss': 0.5}");
  const double loss = logs;
  EXPECT_EQ(loss, 0.25);
  EXPECT_EQ(logs.at("val_loss"), 0.5);
  EXPECT_EQ(logs.find("mae"), nullptr);
  EXPECT_EQ(logs.size(), 3u);
  LogsAccess::items(logs)[1].second = 0.75;
  EXPECT_EQ(logs.at("accuracy"), 0.75);
  std::ostringstream out;
  out << logs;
  EXPECT_EQ(out.str(), logs.str());
}

TEST(Logs, SaysWhatIsMissing) {
  const Logs logs{{"loss", 1}, {"accuracy", 0.5}};
  EXPECT_THAT(
      [&] { logs.at("acuracy"); },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("«acuracy»"), HasSubstr("«accuracy»?"), HasSubstr("loss, accuracy"))));
  EXPECT_THAT([] { static_cast<void>(static_cast<double>(Logs())); }, ThrowsMessage<ValueError>(HasSubstr("empty")));
  EXPECT_EQ(Logs().str(), "{}");
}

TEST(History, PrintsAsPythonDoes) {
  History history;
  history.epoch = {0, 1};
  history.history["loss"] = {0.5, 0.12345679104328156};
  history.history["accuracy"] = {1.0, 1e-07};
  history.history["it's"] = {std::nan(""), INFINITY};
  EXPECT_EQ(history.str(), "{'accuracy': [1.0, 1e-07], \"it's\": [nan, inf], 'loss': [0.5, 0.12345679104328156]}");
  EXPECT_EQ(History().str(), "{}");
}

TEST(History, IsWrittenInOneLine) {
  History history;
  history.history["loss"] = {0.5, 0.25};
  const auto folder = std::filesystem::path(::testing::TempDir()) / "keras_history_test";
  std::filesystem::create_directories(folder);
  const std::string path = folder / "history.txt";
  history.save(path);
  std::ifstream in(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "{'loss': [0.5, 0.25]}\n");
  EXPECT_THAT([&] { history.save(folder / "missing" / "history.txt"); }, ThrowsMessage<IOError>(HasSubstr("missing")));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace keras
