// The callbacks against those of Keras 3 (tests/golden/callbacks) and 2.2.4 (callbacks_2_2): driven by hand with the
// same figures, and in whole runs.
#include "tests/support/golden.h"

#include <gtest/gtest.h>
#include <keras/keras.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "callbacks/python_format.h"
#include "support/text.h"
#include "tests/support/arguments.h"
#include "tests/support/folder.h"
#include "tests/support/keras2.h"

namespace keras {
namespace {

namespace fs = std::filesystem;

double real(const Config& value) {
  return value.is_string() ? *support::parse_real(value.as_string()) : value.as_real();
}

Callback make(const Config& c) {
  const std::string& name = c.items()[0].as_string();
  const Config& given = c.items()[1];
  if (name == "LearningRateScheduler") {
    LearningRateFunction schedule = [](int epoch, double rate) { return epoch > 0 ? rate * 0.875 : rate; };
    if (given.at("schedule").as_string() == "step")
      schedule = [](int epoch) { return 0.5 * std::pow(0.5, epoch / 3); };  // NOLINT: a whole number of thirds
    const Config* verbose = given.find("verbose");
    return callbacks::LearningRateScheduler(schedule, {.verbose = verbose ? static_cast<int>(verbose->as_int()) : 0});
  }
  if (name == "EarlyStopping") return callbacks::EarlyStopping(args_of<EarlyStoppingArgs>(given, "EarlyStopping"));
  if (name == "ReduceLROnPlateau")
    return callbacks::ReduceLROnPlateau(args_of<ReduceLROnPlateauArgs>(given, "ReduceLROnPlateau"));
  if (name == "TerminateOnNaN") return callbacks::TerminateOnNaN(args_of<TerminateOnNaNArgs>(given, "TerminateOnNaN"));
  if (name == "SwapEMAWeights") return callbacks::SwapEMAWeights(args_of<SwapEMAWeightsArgs>(given, "SwapEMAWeights"));
  if (name == "CSVLogger") {
    auto args = args_of<CSVLoggerArgs>(given, "CSVLogger");
    const std::string path = std::exchange(args.filename, "");
    return callbacks::CSVLogger(path, args);
  }
  auto args = args_of<ModelCheckpointArgs>(given, "ModelCheckpoint");
  const std::string path = std::exchange(args.filepath, "");
  return callbacks::ModelCheckpoint(path, args);
}

Sequential model_of_one_weight(const Config& metrics) {
  Sequential model({layers::Dense(1, {.use_bias = false, .input_dim = 1})});
  std::vector<Metric> list;
  for (const Config& metric : metrics.items()) list.emplace_back(metric.as_string());
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.5}), .loss = "mse", .metrics = std::move(list)});
  model.train_on_batch(ones({2, 1}), ones({2, 1}));
  return model;
}

Logs logs_of(const Config& figures) {
  Logs logs;
  for (const auto& [name, value] : figures.entries()) {
    if (name != "_batches") logs.set(name, real(value));
  }
  return logs;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> files_here() {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(".")) {
    if (entry.is_regular_file()) names.push_back(fs::relative(entry.path(), ".").string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void check_tables(const Config& c) {
  for (const auto& [path, text] : c.at("tables").entries()) EXPECT_EQ(read(path), text.as_string()) << path;
}

void drive(const Config& c) {
  Sequential model = model_of_one_weight(c.at("metrics"));
  std::vector<Callback> made;
  for (const Config& callback : c.at("callbacks").items()) made.push_back(make(callback));
  callbacks::CallbackList list(made, &model);
  const auto set_weight = [&](double value) { model.set_weights({full({1, 1}, value)}); };
  for (std::size_t i = 0; i < c.at("fits").size(); ++i) {
    const auto& epochs = c.at("fits").items()[i].items();
    const Config* expected = c.contains("results") ? &c.at("results").items()[i] : nullptr;
    list.set_params({{"epochs", static_cast<double>(epochs.size())}});
    model.set_stop_training(false);
    std::vector<std::string> warnings;
    config::set_warning_handler([&](const std::string& text) { warnings.push_back(text); });
    if (expected) ::testing::internal::CaptureStdout();
    std::size_t ran = 0;
    std::vector<double> rates;
    std::vector<Logs> rows;
    list.on_train_begin();
    for (int epoch = 0; epoch < static_cast<int>(epochs.size()) && !model.stop_training(); ++epoch) {
      const Config& figures = epochs[static_cast<std::size_t>(epoch)];
      set_weight(epoch + 1);
      list.on_epoch_begin(epoch);
      const Config batches = figures.get("_batches", Config::list());
      for (int batch = 0; batch < static_cast<int>(batches.size()) && !model.stop_training(); ++batch) {
        set_weight(epoch + 1 + (batch + 1) / 16.0);
        list.on_train_batch_end(batch, logs_of(batches.items()[static_cast<std::size_t>(batch)]));
      }
      list.on_epoch_end(epoch, logs_of(figures));
      rates.push_back(model.optimizer().learning_rate());
      ++ran;
    }
    list.on_train_end();
    const std::string text = expected ? ::testing::internal::GetCapturedStdout() : "";
    config::set_warning_handler([](const std::string&) {});
    if (!expected) continue;
    EXPECT_EQ(text, expected->at("text").as_string());
    EXPECT_EQ(static_cast<std::int64_t>(ran), expected->at("ran").as_int());
    EXPECT_EQ(model.stop_training(), expected->at("stopped").as_bool());
    EXPECT_EQ(model.get_weights()[0].item(), expected->at("weight").as_real());
    EXPECT_EQ(!warnings.empty(), expected->at("warned").as_bool());
    ASSERT_EQ(rates.size(), expected->at("rates").size());
    for (std::size_t e = 0; e < rates.size(); ++e) EXPECT_EQ(rates[e], expected->at("rates").items()[e].as_real());
    // History has what callbacks added.
    const auto& keras = expected->at("logs").items();
    for (const auto& [name, value] : keras.back().entries()) {
      const auto found = list.history().history.find(name);
      ASSERT_NE(found, list.history().history.end()) << name;
      const double ours = found->second.back(), theirs = real(value);
      EXPECT_TRUE(ours == theirs || (std::isnan(ours) && std::isnan(theirs))) << name;
    }
  }
  if (!c.contains("files")) return;
  std::vector<std::string> names;
  for (const Config& file : c.at("files").items()) names.push_back(file.items()[0].as_string());
  EXPECT_EQ(files_here(), names);
  for (const Config& file : c.at("files").items()) {
    const std::string& path = file.items()[0].as_string();
    if (file.items()[1].is_null() || !fs::exists(path)) continue;
    if (path.ends_with(".weights.h5") || path.ends_with(".dat")) {
      model.load_weights(path);
      EXPECT_EQ(model.get_weights()[0].item(), file.items()[1].as_real()) << path;
    } else {
      EXPECT_EQ(load_model(path).get_weights()[0].item(), file.items()[1].as_real()) << path;
    }
  }
  check_tables(c);
}

void drive_all(const testing::Golden& golden) {
  int driven = 0;
  for (const Config& c : golden.cases()) {
    if (!c.contains("fits")) continue;
    SCOPED_TRACE(c.at("name").as_string());
    const testing::Folder folder;
    ++driven;
    if (c.contains("error")) {
      EXPECT_THROW(drive(c), Error);
      continue;
    }
    drive(c);
  }
  EXPECT_GT(driven, 40);
  config::set_warning_handler({});
}

TEST(Callbacks, DoWhatThoseOfKeras3Do) { drive_all(testing::Golden("callbacks")); }

TEST(Callbacks, DoWhatThoseOfKeras2Do) {
  const testing::Keras2 meanings;
  drive_all(testing::Golden("callbacks_2_2"));
}

TEST(PythonFormat, WritesNumbersAsPythonDoes) {
  const testing::Golden golden("callbacks");
  const Config& c = golden.at("format");
  const auto& numbers = c.at("numbers").items();
  int written = 0;
  for (const Config& row : c.at("rows").items()) {
    const std::string text = "{v:" + row.at("spec").as_string() + "}";
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      SCOPED_TRACE(text + " of " + numbers[i].to_json());
      callbacks::FormatValue value = real(numbers[i].is_null() ? Config(0.0) : numbers[i]);
      if (numbers[i].kind() == Config::Kind::integer) value = numbers[i].as_int();
      const Config& expected = row.at("texts").items()[i];
      const auto format = [&] { return callbacks::python_format(text, {{"v", value}}, "a test"); };
      if (expected.is_null()) {
        EXPECT_THROW(format(), ValueError);
      } else {
        EXPECT_EQ(format(), expected.as_string());
        ++written;
      }
    }
  }
  EXPECT_GT(written, 300);
  for (const Config& row : golden.at("format_whole").at("texts").items()) {
    const std::string& text = row.items()[0].as_string();
    SCOPED_TRACE(text);
    const auto format = [&] {
      return callbacks::python_format(text, {{"epoch", std::int64_t{3}}, {"loss", 0.5}}, "a test");
    };
    if (row.items()[1].is_null()) {
      EXPECT_THROW(format(), ValueError);
    } else {
      EXPECT_EQ(format(), row.items()[1].as_string());
    }
  }
}

// A table with the same header and rows, each number written as Python writes it and near to Keras's.
void check_table(const std::string& path, const std::string& keras, char separator) {
  const std::vector<std::string> ours = support::split(read(path), '\n'), theirs = support::split(keras, '\n');
  ASSERT_EQ(ours.size(), theirs.size()) << path;
  ASSERT_GT(ours.size(), 2u);
  EXPECT_EQ(ours[0], theirs[0]);
  for (std::size_t i = 1; i < ours.size(); ++i) {
    const auto a = support::split(ours[i], separator), b = support::split(theirs[i], separator);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); ++k) {
      if (k == 0) {
        EXPECT_EQ(a[k], b[k]);
        continue;
      }
      const std::string number(support::trim(a[k]));
      const auto value = support::parse_real(number), expected = support::parse_real(support::trim(b[k]));
      ASSERT_TRUE(value && expected) << a[k] << " " << b[k];
      EXPECT_EQ(number, support::number(*value));
      EXPECT_NEAR(*value, *expected, 1e-5 * std::max(1.0, std::fabs(*expected)));
    }
    EXPECT_EQ(ours[i].ends_with('\r'), theirs[i].ends_with('\r'));
  }
}

TEST(Callbacks, EndWholeRunsAsKerasDoes) {
  const testing::Golden golden("callbacks");
  int runs = 0;
  for (const Config& c : golden.cases()) {
    const std::string& name = c.at("name").as_string();
    if (!name.starts_with("run_")) continue;
    SCOPED_TRACE(name);
    const testing::Folder folder;
    ++runs;
    Sequential model({layers::Dense(5, {.activation = "tanh", .input_dim = 3}), layers::Dense(1)});
    std::vector<Array> start;
    for (int i = 0; i < 4; ++i) start.push_back(golden.input(c, "start_" + std::to_string(i), DType::float32));
    model.set_weights(start);
    auto args = args_of<SGDArgs>(c.at("optimizer"), "SGD");
    args.learning_rate = c.at("learning_rate").as_real();
    model.compile({.optimizer = optimizers::SGD(args), .loss = "mse", .metrics = {"mae"}});
    std::vector<Callback> made;
    for (const Config& callback : c.at("callbacks").items()) made.push_back(make(callback));
    const auto input = [&](const char* what) { return golden.input(c, what, DType::float32); };
    const History history = model.fit(input("x"), input("y"),
                                      {.batch_size = 5,
                                       .epochs = static_cast<int>(c.at("epochs").as_int()),
                                       .verbose = 0,
                                       .callbacks = made,
                                       .validation_data = {.x = input("x_val"), .y = input("y_val")},
                                       .shuffle = false});
    EXPECT_EQ(static_cast<std::int64_t>(history.epoch.size()), c.at("ran").as_int());
    EXPECT_EQ(history.history.size(), c.at("figures").size());
    for (const Config& figure : c.at("figures").items()) {
      const auto found = history.history.find(figure.as_string());
      ASSERT_NE(found, history.history.end()) << figure;
      // Keras means metrics over batches in another order of additions.
      EXPECT_TRUE(golden.agrees(Array(std::vector<float>(found->second.begin(), found->second.end())), c,
                                "history_" + figure.as_string()));
    }
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(golden.agrees(model.get_weights()[static_cast<std::size_t>(i)], c, "after_" + std::to_string(i)));
    }
    std::vector<std::string> names;
    for (const Config& file : c.at("files").items()) names.push_back(file.as_string());
    EXPECT_EQ(files_here(), names);
    for (const std::string& path : names) {
      if (path.ends_with(".csv")) {
        check_table(path, c.at("tables").at(path).as_string(), name == "run_momentum" ? ';' : ',');
        continue;
      }
      if (path.ends_with(".keras")) {
        EXPECT_TRUE(golden.agrees(load_model(path).get_weights()[2], c, "file_" + path));
      } else {
        model.load_weights(path);
        EXPECT_TRUE(golden.agrees(model.get_weights()[2], c, "file_" + path));
      }
    }
  }
  EXPECT_EQ(runs, 11);
}

TEST(Callbacks, HaveKerassArguments) {
  const testing::Golden arguments("arguments");
  const auto title = [](const char* name) { return std::string("callbacks.") + name; };
  testing::check_defaults<EarlyStoppingArgs>(arguments, title("EarlyStopping"));
  testing::check_defaults<ReduceLROnPlateauArgs>(arguments, title("ReduceLROnPlateau"));
  testing::check_defaults<LearningRateSchedulerArgs>(arguments, title("LearningRateScheduler"), {"schedule"});
  testing::check_defaults<ModelCheckpointArgs>(arguments, title("ModelCheckpoint"), {"filepath"}, {"period"});
  testing::check_defaults<CSVLoggerArgs>(arguments, title("CSVLogger"), {"filename"});
  testing::check_defaults<TerminateOnNaNArgs>(arguments, title("TerminateOnNaN"));
  testing::check_defaults<BackupAndRestoreArgs>(arguments, title("BackupAndRestore"), {"backup_dir"});
  testing::check_defaults<SwapEMAWeightsArgs>(arguments, title("SwapEMAWeights"));
  testing::check_defaults<RemoteMonitorArgs>(arguments, title("RemoteMonitor"));
}

}  // namespace
}  // namespace keras
