// BackupAndRestore: what is kept and found again, and what happens where that fails. That killed runs end in the same
// bits is tests/files/kill_runs.py's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/folder.h"
#include "tests/support/keras2.h"

namespace keras {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

struct Stopped : std::runtime_error {
  Stopped() : std::runtime_error("stopped by the test") {}
};

Sequential model_of(std::int64_t units = 4) {
  random::seed(7);
  Sequential model(
      {layers::Dense(units, {.activation = "tanh", .input_dim = 3}), layers::Dropout(0.5), layers::Dense(1)});
  model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
  return model;
}

struct Outcome {
  History history;
  std::vector<Array> weights;
  std::vector<Variable> optimizer;
};

// Trains for 5 epochs of 4 batches; an exception at the batch number `until`, counted over all epochs that this call
// ran.
Outcome train(const std::vector<Callback>& callbacks, int until = -1, FitArgs args = {}, std::int64_t units = 4) {
  Sequential model = model_of(units);
  const Array x = random::normal({16, 3}), y = random::normal({16, 1});
  int batches = 0;
  args.batch_size = args.batch_size == 32 ? 4 : args.batch_size;
  args.epochs = 5, args.verbose = 0, args.callbacks = callbacks;
  if (args.validation_split == 0) args.validation_data = {.x = x.slice(0, 4), .y = y.slice(0, 4)};
  args.callbacks.push_back(callbacks::LambdaCallback({.on_train_batch_end = [&](int, const Logs&) {
    if (batches++ == until) throw Stopped();
  }}));
  Outcome run;
  run.history = model.fit(x, y, args);
  run.weights = model.get_weights();
  run.optimizer = model.optimizer().variables();
  return run;
}

void expect_same(const Outcome& a, const Outcome& b) {
  ASSERT_EQ(a.weights.size(), b.weights.size());
  for (std::size_t i = 0; i < a.weights.size(); ++i) EXPECT_TRUE(identical(a.weights[i], b.weights[i])) << i;
  for (std::size_t i = 0; i < a.optimizer.size(); ++i)
    EXPECT_TRUE(identical(a.optimizer[i].value(), b.optimizer[i].value())) << i;
  EXPECT_EQ(a.history.epoch, b.history.epoch);
  EXPECT_EQ(a.history.history, b.history.history);
}

TEST(BackupAndRestore, GoesOnWithWhatWasKept) {
  const Outcome whole = train({});
  for (const SaveFrequency& often : {SaveFrequency("epoch"), SaveFrequency(1), SaveFrequency(3)}) {
    for (const int until : {2, 4, 7, 11, 18}) {
      SCOPED_TRACE(as_config(often).to_json() + " until " + std::to_string(until));
      const testing::Folder folder;
      const auto backup = [&] { return callbacks::BackupAndRestore("kept", {.save_freq = often}); };
      EXPECT_THROW(train({backup()}, until), Stopped);
      expect_same(train({backup()}), whole);
      EXPECT_FALSE(fs::exists("kept"));  // when training has ended
    }
  }
}

TEST(BackupAndRestore, KeepsTheStatesOfCallbacks) {
  const auto others = [] {
    return std::vector<Callback>{
        callbacks::EarlyStopping({.monitor = "loss", .min_delta = 10, .patience = 3, .restore_best_weights = true}),
        callbacks::ReduceLROnPlateau({.monitor = "loss", .factor = 0.5, .patience = 1, .min_delta = 10, .cooldown = 1}),
        callbacks::CSVLogger("log.csv")};
  };
  const auto text = [] {
    std::ifstream file("log.csv");
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  std::string log;
  Outcome whole;
  {
    const testing::Folder folder;
    whole = train(others());
    log = text();
  }
  EXPECT_EQ(whole.history.epoch.size(), 4u);  // stopped, having reduced the learning rate
  EXPECT_LT(whole.history.history.at("learning_rate").back(), whole.history.history.at("learning_rate").front());
  for (const int until : {5, 9, 13}) {
    const testing::Folder folder;
    const auto all = [&] {
      auto list = others();
      list.push_back(callbacks::BackupAndRestore("kept", {.save_freq = 2}));
      return list;
    };
    EXPECT_THROW(train(all(), until), Stopped);
    expect_same(train(all()), whole);
    EXPECT_EQ(text(), log);
  }
}

struct CountState final : CallbackBody {
  static constexpr auto class_name = "Count";
  using Args = NoArgs;
  explicit CountState(Args) {}
  void on_train_batch_end(int, const Logs&) override { ++batches; }
  CallbackState get_state() const override {
    return {Config::map({{"batches", batches}}), {{"twice", full({2}, 2. * batches)}}};
  }
  void set_state(const CallbackState& state) override {
    batches = static_cast<int>(state.values.at("batches").as_int());
    EXPECT_EQ(state.arrays.at(0).second.at({1}), 2. * batches);
  }
  int batches = 0;
};

TEST(BackupAndRestore, KeepsTheStateOfAnOwnCallback) {
  const testing::Folder folder;
  const auto backup = [] { return callbacks::BackupAndRestore("kept"); };
  EXPECT_THROW(train({make_callback<CountState>(), backup()}, 10), Stopped);
  const Callback count = make_callback<CountState>();
  train({count, backup()});
  EXPECT_EQ(static_cast<CountState&>(*count.body()).batches, 20);
}

TEST(BackupAndRestore, KeepsWhatItIsToKeep) {
  const testing::Folder folder;
  train({callbacks::BackupAndRestore("kept", {.delete_checkpoint = false})});
  EXPECT_TRUE(fs::exists("kept/latest.weights.h5"));
  std::ifstream file("kept/training_metadata.json");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), R"({"epoch": 5, "batch": 0})");
  const Outcome again =
      train({callbacks::BackupAndRestore("kept", {.delete_checkpoint = false})}, 0);  // no batch is left
  EXPECT_EQ(again.history.epoch.size(), 5u);
  std::ofstream("kept/something else") << "of the user's";
  train({callbacks::BackupAndRestore("kept")});
  EXPECT_FALSE(fs::exists("kept/latest.weights.h5"));
  EXPECT_TRUE(fs::exists("kept/something else"));
}

TEST(BackupAndRestore, TakesTheSaveBeforeWhereTheLastIsDamaged) {
  const Outcome whole = train({});
  const testing::Folder folder;
  const auto backup = [] { return callbacks::BackupAndRestore("kept", {.save_freq = 3, .double_checkpoint = true}); };
  EXPECT_THROW(train({backup()}, 13), Stopped);
  fs::resize_file("kept/latest.weights.h5", fs::file_size("kept/latest.weights.h5") / 2);
  {
    const testing::Warnings warnings;
    expect_same(train({backup()}), whole);
    ASSERT_FALSE(warnings.texts.empty());
    EXPECT_THAT(warnings.texts[0], HasSubstr("goes on from the one before it"));
  }
  const auto single = [] { return callbacks::BackupAndRestore("kept", {.save_freq = 3}); };
  EXPECT_THROW(train({single()}, 13), Stopped);
  fs::resize_file("kept/latest.weights.h5", fs::file_size("kept/latest.weights.h5") / 2);
  EXPECT_THAT([&] { train({single()}); }, ThrowsMessage<IOError>(HasSubstr("kept/latest.weights.h5")));
}

TEST(BackupAndRestore, LeavesTheLastSaveWholeWhereTheDiskIsFull) {
  const Outcome whole = train({});
  const testing::Folder folder;
  const auto backup = [] { return callbacks::BackupAndRestore("kept", {.save_freq = 3}); };
  EXPECT_THROW(train({backup()}, 7), Stopped);
  std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit before {};
  ::getrlimit(RLIMIT_FSIZE, &before);
  struct rlimit little = before;
  little.rlim_cur = fs::file_size("kept/latest.weights.h5") / 2;
  ::setrlimit(RLIMIT_FSIZE, &little);
  EXPECT_THROW(train({backup()}), IOError);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_DFL);
  for (const auto& entry : fs::directory_iterator("kept")) {
    const std::string name = entry.path().filename().string();
    EXPECT_TRUE(name == "latest.weights.h5" || name == "training_metadata.json") << name;
  }
  expect_same(train({backup()}), whole);
}

TEST(BackupAndRestore, MakesItsFolderAgainAndSaysWhereItCannot) {
  const Outcome whole = train({});
  const testing::Folder folder;
  int epochs = 0;
  const Callback removes = callbacks::LambdaCallback({.on_epoch_begin = [&](int, const Logs&) {
    if (++epochs == 3) fs::remove_all("kept");
  }});
  expect_same(train({removes, callbacks::BackupAndRestore("kept", {.delete_checkpoint = false})}), whole);
  EXPECT_TRUE(fs::exists("kept/latest.weights.h5"));
  std::ofstream("file") << "no folder";
  EXPECT_THAT([] { train({callbacks::BackupAndRestore("file/kept")}); }, ThrowsMessage<IOError>(HasSubstr("file")));
}

TEST(BackupAndRestore, RefusesAnotherModelAndOtherData) {
  const testing::Folder folder;
  const auto backup = [] { return callbacks::BackupAndRestore("kept", {.save_freq = 3}); };
  EXPECT_THROW(train({backup()}, 7), Stopped);
  EXPECT_THAT([&] { train({backup()}, -1, {.batch_size = 8}); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("\"batch_size\": 4"), HasSubstr("\"batch_size\": 8"))));
  EXPECT_THAT([&] { train({backup()}, -1, {}, 5); }, ThrowsMessage<ValueError>(HasSubstr("kept/latest.weights.h5")));
  EXPECT_THROW(callbacks::BackupAndRestore(""), ValueError);
  EXPECT_THROW(callbacks::BackupAndRestore("kept", {.save_freq = "hour"}), ValueError);
  EXPECT_THROW(callbacks::BackupAndRestore("kept", {.backup_dir = "kept"}), ValueError);
}

TEST(BackupAndRestore, KeepsARunThatCtrlCEnds) {
  const Outcome whole = train({});
  for (const int until : {0, 5, 7, 15}) {
    const testing::Folder folder;
    int batches = 0;
    const Callback interrupts = callbacks::LambdaCallback({.on_train_batch_end = [&](int, const Logs&) {
      if (batches++ == until) std::raise(SIGINT);
    }});
    const auto backup = [] { return callbacks::BackupAndRestore("kept", {.save_freq = false}); };
    const Outcome part = train({interrupts, backup()});
    EXPECT_LT(part.history.epoch.size(), 5u);
    ASSERT_TRUE(fs::exists("kept/latest.weights.h5"));
    expect_same(train({backup()}), whole);
  }
}

// What real Keras 3 kept after two of three epochs (tools/recorder/callbacks.py).
TEST(BackupAndRestore, GoesOnWithWhatKerasKept) {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  const fs::path golden = fs::absolute(root ? root : ".") / "tests" / "golden";
  const testing::Folder folder;
  fs::copy(golden / "backup", "kept");
  Sequential model({layers::Dense(4, {.activation = "tanh", .input_dim = 3}), layers::Dense(1)});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.125}), .loss = "mse"});
  std::vector<int> epochs;
  std::int64_t iterations = 0;
  Array kernel;
  model.fit(ones({8, 3}), ones({8, 1}),
            {.batch_size = 4,
             .epochs = 3,
             .verbose = 0,
             .callbacks = {callbacks::BackupAndRestore("kept"),
                           callbacks::LambdaCallback({.on_epoch_begin = [&](int epoch, const Logs&) {
                             epochs.push_back(epoch);
                             iterations = model.optimizer().iterations();
                             kernel = model.get_weights()[0];
                           }})}});
  EXPECT_EQ(epochs, std::vector<int>{2});
  EXPECT_EQ(iterations, 4);
  EXPECT_TRUE(identical(kernel, load_npy((golden / "backup_kernel.npy").string())));
}

}  // namespace
}  // namespace keras
