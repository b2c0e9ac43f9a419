// Data that are no Arrays: Sequences, generators, HDF5Matrices and mapped files, held to what the same Arrays give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <set>
#include <thread>

#include "support/hdf5_writer.h"
#include "tests/support/primer.h"

namespace keras::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kRows = 50, kBatch = 8;

struct Samples {
  Array x, y, weight;
};
Samples examples() {
  random::seed(11);
  const Array x = random::normal({kRows, 4});
  return {x, random::randint({kRows}, 0, 3), random::uniform({kRows}, {.minval = 0.5, .maxval = 2})};
}

Sequential classifier(double rate = 0) {
  random::seed(5);
  std::vector<Layer> layers{layers::Dense(6, {.activation = "tanh", .input_dim = 4})};
  if (rate > 0) layers.push_back(layers::Dropout(rate));
  layers.push_back(layers::Dense(3, {.activation = "softmax"}));
  Sequential model(layers);
  model.compile({.optimizer = "adam", .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

// Batches of Arrays.
class Slices : public utils::SequenceBody {
 public:
  Slices(Array x, Array y, Array weight = {}, utils::SequenceArgs args = {})
      : SequenceBody(args), x_(std::move(x)), y_(std::move(y)), weight_(std::move(weight)) {}
  std::int64_t length() const override { return (x_.length() + kBatch - 1) / kBatch; }
  Batch get(std::int64_t index) override {
    ++calls;
    const std::int64_t begin = index * kBatch, end = begin + kBatch;
    Batch batch{x_.slice(begin, end), y_.slice(begin, end)};
    if (weight_.size() > 0) batch.sample_weight = weight_.slice(begin, end);
    return batch;
  }
  std::atomic<int> calls = 0;

 private:
  const Array x_, y_, weight_;
};

auto generator_of(const Samples& data, std::int64_t passes = 1) {
  return [data, passes, next = std::int64_t{0}]() mutable -> std::optional<Batch> {
    const std::int64_t begin = next % 7 * kBatch;
    if (next == 7 * passes) return std::nullopt;
    ++next;
    return Batch{data.x.slice(begin, begin + kBatch), data.y.slice(begin, begin + kBatch)};
  };
}

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "keras_sources_" + std::to_string(::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string at(const char* name) const { return folder_ + "/" + name; }
  std::string hdf5(const Samples& data) const {
    support::hdf5::Writer writer(at("data.h5"));
    for (const auto& [name, array] : NamedArrays{{"x", data.x}, {"y", data.y}}) {
      const std::vector<std::int64_t> shape = array.shape().sizes();
      writer.dataset(name, array.dtype(), shape, {static_cast<const char*>(array.data()), array.nbytes()});
    }
    writer.close();
    return at("data.h5");
  }
  std::string folder_;
};

struct Trained {
  std::string history;
  std::vector<Array> weights;
};
Trained run(const Data& x, const Data& y, FitArgs args, double rate = 0) {
  Sequential model = classifier(rate);
  args.verbose = 0;
  random::seed(77);
  const History history = model.fit(x, y, args);
  return {history.str(), model.get_weights()};
}
void expect_same(const Trained& a, const Trained& b) {
  EXPECT_EQ(a.history, b.history);
  EXPECT_TRUE(same_weights(a.weights, b.weights));
}

TEST(Sequences, GiveWhatTheirArraysGive) {
  const Samples data = examples();
  const FitArgs args{.batch_size = kBatch, .epochs = 3, .shuffle = false};
  const Trained expected = run(data.x, data.y, args, 0.3);
  for (const int workers : {0, 1, 2, 5}) {
    for (const int queue : {1, 3, 10}) {
      SCOPED_TRACE(std::to_string(workers) + " workers, queue of " + std::to_string(queue));
      const utils::SequenceArgs how{.workers = workers, .max_queue_size = queue};
      expect_same(run(utils::make_sequence<Slices>(data.x, data.y, Array(), how), {}, args, 0.3), expected);
    }
  }
  FitArgs weighted = args;
  weighted.sample_weight = data.weight;
  expect_same(run(utils::make_sequence<Slices>(data.x, data.y, data.weight), {}, args), run(data.x, data.y, weighted));
  FitArgs by_class = args, both = weighted;
  by_class.class_weight = both.class_weight = {{0, 3.0}, {2, 0.5}};
  expect_same(run(utils::make_sequence<Slices>(data.x, data.y), {}, by_class), run(data.x, data.y, by_class));
  expect_same(run(utils::make_sequence<Slices>(data.x, data.y, data.weight), {}, by_class), run(data.x, data.y, both));
  expect_same(run(generator_of(data), {}, {.class_weight = by_class.class_weight}),
              run(data.x, data.y, {.batch_size = kBatch, .shuffle = false, .class_weight = by_class.class_weight}));
}

TEST(Sequences, ValidateEvaluateAndPredict) {
  const Samples data = examples();
  const auto sequence = utils::make_sequence<Slices>(data.x, data.y);
  const Trained expected =
      run(data.x, data.y, {.batch_size = kBatch, .epochs = 2, .validation_data = {data.x, data.y}, .shuffle = false});
  expect_same(run(sequence, {}, {.epochs = 2, .validation_data = {sequence}, .shuffle = false}), expected);
  const FitArgs three{
      .batch_size = kBatch, .epochs = 3, .validation_data = {data.x, data.y}, .shuffle = false, .validation_steps = 2};
  FitArgs three_of = three;
  three_of.validation_data = {sequence};
  expect_same(run(data.x, data.y, three_of), run(data.x, data.y, three));  // the first two batches each time

  const Sequential model = classifier();
  const EvaluateArgs by_eight{.batch_size = kBatch};
  EXPECT_EQ(model.evaluate(sequence).str(), model.evaluate(data.x, data.y, by_eight).str());
  EXPECT_EQ(model.evaluate_generator(sequence).str(), model.evaluate(data.x, data.y, by_eight).str());
  EXPECT_EQ(model.evaluate(generator_of(data)).str(), model.evaluate(data.x, data.y, by_eight).str());
  EXPECT_EQ(model.evaluate(sequence, {}, {.steps = 2}).str(),
            model.evaluate(data.x, data.y, {.batch_size = kBatch, .steps = 2}).str());
  const Array all = model.predict(data.x, {.batch_size = kBatch});
  EXPECT_TRUE(identical(model.predict(sequence), all));
  EXPECT_TRUE(identical(model.predict(generator_of(data)), all));
  EXPECT_TRUE(identical(model.predict_generator(sequence, {.workers = 3}), all));
  EXPECT_TRUE(identical(model.predict_generator(generator_of(data), {.steps = 2}), all.slice(0, 16)));
}

TEST(Sequences, ShuffleTheSameWhateverTheWorkers) {
  const Samples data = examples();
  const auto with = [&](int workers) {
    const utils::SequenceArgs how{.workers = workers, .max_queue_size = 4};
    return run(utils::make_sequence<Slices>(data.x, data.y, Array(), how), {}, {.epochs = 3}, 0.2);
  };
  const Trained expected = with(0);
  for (const int workers : {1, 2, 4}) expect_same(with(workers), expected);
  EXPECT_FALSE(same_weights(expected.weights,
                            run(data.x, data.y, {.batch_size = kBatch, .epochs = 3, .shuffle = false}, 0.2).weights));
}

// Noise that get() draws itself.
struct Noisy final : Slices {
  using Slices::Slices;
  Batch get(std::int64_t index) override {
    Batch batch = Slices::get(index);
    if (index % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    batch.x = Data(static_cast<Array>(batch.x[0] + random::normal(batch.x[0].shape())));
    return batch;
  }
};

TEST(Sequences, DrawTheSameWhateverTheWorkers) {
  const Samples data = examples();
  const auto with = [&](int workers) {
    return run(utils::make_sequence<Noisy>(data.x, data.y, Array(), utils::SequenceArgs{.workers = workers}), {},
               {.epochs = 2});
  };
  const Trained expected = with(0);
  for (const int workers : {1, 3}) expect_same(with(workers), expected);
}

// Says when it was called.
struct Events final : utils::SequenceBody {
  explicit Events(int workers) : SequenceBody({.workers = workers, .max_queue_size = 2}) {}
  std::int64_t length() const override { return 4; }
  Batch get(std::int64_t index) override {
    EXPECT_TRUE(in_epoch);
    return {full({2, 4}, static_cast<double>(index) / 4), zeros({2})};
  }
  void on_epoch_begin() override { in_epoch = true, events += "b"; }
  void on_epoch_end() override { in_epoch = false, events += "e"; }
  std::atomic<bool> in_epoch = false;
  std::string events;
};

struct Watched {
  std::vector<std::vector<int>> steps;  // of each epoch
  Callback callback = callbacks::LambdaCallback(
      {.on_epoch_begin = [this](int, const Logs&) { steps.emplace_back(); },
       .on_train_batch_end = [this](int batch, const Logs&) { steps.back().push_back(batch); }});
};

struct Warnings {
  std::vector<std::string> texts;
  Warnings() {
    config::set_warning_handler([this](const std::string& text) { texts.push_back(text); });
  }
  ~Warnings() { config::set_warning_handler({}); }
};

// Recorded from Keras 3.15.1: how many steps each epoch has, and how many warnings there are.
TEST(Sequences, EpochsAndPassesAreKerass) {
  struct Case {
    int epochs;
    std::optional<std::int64_t> steps;
    std::vector<std::size_t> expected;
    std::size_t warnings;
  };
  for (const Case& c :
       {Case{2, {}, {4, 4}, 0}, Case{2, 2, {2, 2}, 0}, Case{3, 3, {3, 1, 3}, 1}, Case{2, 6, {4, 4}, 2}}) {
    for (const int workers : {0, 1, 3}) {
      auto body = std::make_shared<Events>(workers);
      Watched watched;
      Warnings warnings;
      Sequential model = classifier();
      model.fit(utils::Sequence(body), {},
                {.epochs = c.epochs,
                 .verbose = 0,
                 .callbacks = {watched.callback},
                 .shuffle = false,
                 .steps_per_epoch = c.steps});
      std::vector<std::size_t> steps;
      for (const auto& epoch : watched.steps) steps.push_back(epoch.size());
      EXPECT_EQ(steps, c.expected);
      EXPECT_EQ(warnings.texts.size(), c.warnings);
      for (const std::string& text : warnings.texts) EXPECT_THAT(text, HasSubstr("ran out of data"));
      std::string events;
      for (int i = 0; i < c.epochs; ++i) events += "be";
      EXPECT_EQ(body->events, events);
    }
  }
}

TEST(Generators, EndOrGoOn) {
  const Samples data = examples();
  Watched watched;
  {
    Warnings warnings;
    Sequential model = classifier();
    model.fit(generator_of(data, 2), {},
              {.epochs = 3, .verbose = 0, .callbacks = {watched.callback}, .steps_per_epoch = 5});
    std::vector<std::size_t> steps;
    for (const auto& epoch : watched.steps) steps.push_back(epoch.size());
    EXPECT_EQ(steps, std::vector<std::size_t>({5, 5, 4}));
    ASSERT_EQ(warnings.texts.size(), 1u);
    EXPECT_THAT(warnings.texts[0], HasSubstr("after 4 of 5 steps"));
  }
  {  // it has nothing for the second epoch
    Warnings warnings;
    Sequential model = classifier();
    const History history = model.fit(generator_of(data), {}, {.epochs = 3, .verbose = 0});
    EXPECT_EQ(history.epoch, std::vector<int>({0}));
    EXPECT_EQ(warnings.texts.size(), 1u);
  }
  // One that begins anew when it is called after its end, and one without end.
  int calls = 0;
  const auto again = [&]() -> std::optional<Batch> {
    if (calls++ % 4 == 3) return std::nullopt;
    return Batch{data.x.slice(0, 8), data.y.slice(0, 8)};
  };
  const auto endless = [&]() { return Batch{data.x.slice(0, 8), data.y.slice(0, 8)}; };
  const Trained expected = run(endless, {}, {.epochs = 3, .steps_per_epoch = 3});
  Warnings warnings;
  expect_same(run(again, {}, {.epochs = 3}), expected);
  EXPECT_EQ(calls, 12);
  expect_same(run(again, {}, {.epochs = 3, .steps_per_epoch = 3}), expected);
  EXPECT_TRUE(warnings.texts.empty());
}

TEST(Generators, AreNotAskedForMoreThanIsNeeded) {
  const Samples data = examples();
  int calls = 0;
  const auto endless = [&]() {
    ++calls;
    return Batch{data.x.slice(0, 8), data.y.slice(0, 8)};
  };
  (void)run(endless, {}, {.epochs = 3, .steps_per_epoch = 2});
  EXPECT_EQ(calls, 6);
  Sequential model = classifier();
  model.fit_generator(std::ref(endless), {.steps_per_epoch = 4, .epochs = 2, .verbose = 0});
  EXPECT_EQ(calls, 14);
  (void)model.predict(endless, {.steps = 3});
  (void)model.evaluate_generator(endless, {.steps = 1});
  EXPECT_EQ(calls, 18);
}

TEST(Generators, GiveBatchesOfAnyShape) {
  random::seed(3);
  const auto input = Input({None, 3});
  Model model(input, layers::Dense(1)(layers::GlobalAveragePooling1D()(input)));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  int n = 0;
  const auto batches = [&]() {
    ++n;
    return Batch{random::normal({1 + n % 3, 2 + n % 4, 3}), random::normal({1 + n % 3, 1})};
  };
  EXPECT_NO_THROW(model.fit(batches, {}, {.epochs = 2, .verbose = 0, .steps_per_epoch = 12}));
  EXPECT_EQ(model.predict(batches, {.steps = 3}).length(), 6);
  EXPECT_EQ(n, 27);
}

TEST(Sequences, InputsByName) {
  const auto a = Input({2}, {.name = "a"}), b = Input({3}, {.name = "b"});
  Model model({a, b}, layers::Dense(1, {.name = "out"})(layers::concatenate({a, b})));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Array xa = random::normal({16, 2}), xb = random::normal({16, 3}), y = random::normal({16, 1});
  const auto batches = [&, i = 0]() mutable {
    const std::int64_t begin = 8 * (i++ % 2);
    return Batch{Data({{"b", xb.slice(begin, begin + 8)}, {"a", xa.slice(begin, begin + 8)}}),
                 Data({{"out", y.slice(begin, begin + 8)}})};
  };
  const std::vector<Array> before = model.get_weights();
  model.fit(batches, {}, {.epochs = 2, .verbose = 0, .steps_per_epoch = 2});
  const std::vector<Array> after = model.get_weights();
  model.set_weights(before);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.fit({xa, xb}, y, {.batch_size = 8, .epochs = 2, .verbose = 0, .shuffle = false});
  EXPECT_TRUE(same_weights(model.get_weights(), after));
}

TEST(Sequences, WriteIntoTheBatchesTheyGaveBefore) {
  struct Filler final : utils::SequenceBody {
    Filler() : SequenceBody({.max_queue_size = 2}) {}
    std::int64_t length() const override { return 40; }
    void fill(std::int64_t index, Batch& batch) override {
      if (batch.x.empty()) batch = {zeros({2, 4}, DType::float32), zeros({2}, DType::int32)}, ++made;
      for (float& value : batch.x[0].mutable_values<float>()) value = static_cast<float>(index);
      places.insert(batch.x[0].data());
    }
    int made = 0;
    std::set<const void*> places;
  };
  auto body = std::make_shared<Filler>();
  Sequential model = classifier();
  model.fit(utils::Sequence(body), {}, {.epochs = 2, .verbose = 0});
  EXPECT_EQ(body->made, 3);
  EXPECT_EQ(body->places.size(), 3u);
}

struct Failing final : Slices {
  using Slices::Slices;
  Batch get(std::int64_t index) override {
    if (index == 4) throw IOError("the disk of batch 4 is gone");
    if (index == 6) throw std::out_of_range("never seen");
    return Slices::get(index);
  }
};

TEST(Sequences, ErrorsReachFit) {
  const Samples data = examples();
  for (const int workers : {0, 1, 3}) {
    const auto sequence =
        utils::make_sequence<Failing>(data.x, data.y, Array(), utils::SequenceArgs{.workers = workers});
    Watched watched;
    Sequential model = classifier();
    EXPECT_THAT([&] { model.fit(sequence, {}, {.verbose = 0, .callbacks = {watched.callback}, .shuffle = false}); },
                ::testing::ThrowsMessage<IOError>(HasSubstr("the disk of batch 4")));
    EXPECT_EQ(watched.steps[0].size(), 4u);  // those before it were trained on
    EXPECT_THROW((void)model.predict(sequence), IOError);
    EXPECT_THROW((void)model.evaluate(sequence), IOError);
    EXPECT_THROW(model.fit(data.x, data.y, {.verbose = 0, .validation_data = {sequence}}), IOError);
    EXPECT_NO_THROW(model.fit(data.x, data.y, {.verbose = 0}));
  }
}

TEST(Sequences, BadDataAreNamed) {
  const Samples data = examples();
  Array x = data.x.copy(), y = data.y.copy();
  x.set({19, 1}, NAN);
  y.set({42}, 7);
  Sequential model = classifier();
  const auto message = [&](const Data& bad, FitArgs args = {}) -> std::string {
    args.verbose = 0, args.shuffle = false;
    try {
      model.fit(bad, {}, args);
    } catch (const ValueError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message(utils::make_sequence<Slices>(x, data.y)), HasSubstr("x holds nan in sample 3 of batch 2"));
  EXPECT_THAT(message(utils::make_sequence<Slices>(data.x, y)), HasSubstr("the label 7 of sample 2"));
  EXPECT_THAT(message(utils::make_sequence<Slices>(data.x.slice(0, 3, 1), data.y)), HasSubstr("(8, 3)"));
  EXPECT_THAT(message([] { return std::optional<Batch>(); }), HasSubstr("no batch"));
  EXPECT_THAT(message([] { return Batch(); }, {.steps_per_epoch = 1}), HasSubstr("without x"));
  EXPECT_THAT(message([&] { return Batch{data.x, data.y}; }), HasSubstr("steps_per_epoch must be given"));
  const auto good = utils::make_sequence<Slices>(data.x, data.y);
  EXPECT_THAT(message(good, {.validation_split = 0.2}), HasSubstr("validation_split is for Arrays"));
  EXPECT_THAT(message(good, {.sample_weight = data.weight}), HasSubstr("sample_weight must not be given"));
  EXPECT_THAT(message(Data(data.x), {.validation_data = {good, data.y}}), HasSubstr("y must not be given"));
  EXPECT_THROW(model.fit(data.x, good, {.verbose = 0}), ValueError);
  EXPECT_THROW((void)model.train_on_batch(good), TypeError);
  EXPECT_THROW(model.fit_generator(data.x), ValueError);
  EXPECT_THROW(model.fit_generator(generator_of(data)), ValueError);
  EXPECT_THROW(utils::Sequence(std::make_shared<utils::SequenceBody>()).length(), NotImplementedError);
}

TEST_F(Folder, MappedArraysTrainAsTheOnesInMemory) {
  const Samples data = examples();
  save_npy(at("x.npy"), data.x), save_npy(at("y.npy"), data.y);
  const Array x = load_npy(at("x.npy"), {.mmap_mode = "r"}), y = load_npy(at("y.npy"), {.mmap_mode = "c"});
  EXPECT_TRUE(identical(x, data.x));
  for (const Shuffle& shuffle : std::vector<Shuffle>{Shuffle(false), Shuffle(true), Shuffle("batch")}) {
    for (const double split : {0.0, 0.2}) {
      const FitArgs args{.batch_size = kBatch, .epochs = 2, .validation_split = split, .shuffle = shuffle};
      expect_same(run(x, y, args), run(data.x, data.y, args));
    }
  }
  const Sequential model = classifier();
  EXPECT_TRUE(identical(model.predict(x), model.predict(data.x)));
  EXPECT_EQ(model.evaluate(x, y).str(), model.evaluate(data.x, data.y).str());
  Array written = x;
  written.set({0, 0}, 9);  // a copy
  EXPECT_TRUE(identical(load_npy(at("x.npy")), data.x));
}

TEST_F(Folder, HDF5MatricesTrainAsArrays) {
  const Samples data = examples();
  const std::string path = hdf5(data);
  const utils::HDF5Matrix x(path, "x"), y(path, "y");
  EXPECT_EQ(x.shape(), data.x.shape());
  EXPECT_EQ(y.dtype(), data.y.dtype());
  EXPECT_TRUE(identical(x.slice(-7), data.x.slice(-7)));
  EXPECT_TRUE(identical(x[-1], data.x[-1]));
  const std::vector<std::int64_t> some{30, 2, 2, 49};
  EXPECT_TRUE(identical(x.take(some), data.x.take(some)));
  for (const Shuffle& shuffle : std::vector<Shuffle>{Shuffle(false), Shuffle(true), Shuffle("batch")}) {
    const FitArgs args{
        .batch_size = kBatch, .epochs = 2, .validation_split = 0.3, .shuffle = shuffle, .class_weight = {{1, 2.0}}};
    expect_same(run(x, y, args), run(data.x, data.y, args));
  }
  const utils::HDF5Matrix part(
      path, "x", {.start = 10, .end = 40, .normalizer = [](const Array& rows) -> Array { return rows * 2; }});
  const utils::HDF5Matrix labels(path, "y", {.start = 10, .end = 40});
  const FitArgs args{.batch_size = kBatch, .epochs = 2};
  expect_same(run(part, labels, args), run(data.x.slice(10, 40) * 2, data.y.slice(10, 40), args));
  const Sequential model = classifier();
  EXPECT_TRUE(identical(model.predict(x), model.predict(data.x)));
  EXPECT_EQ(model.evaluate(x, y).str(), model.evaluate(data.x, data.y).str());
  EXPECT_THROW(utils::HDF5Matrix(path, "z"), ValueError);
  EXPECT_THROW(utils::HDF5Matrix(path, "x", {.start = 10, .end = 51}), ValueError);
  EXPECT_THROW((void)x.take(std::vector<std::int64_t>{50}), ValueError);
}

// A run that ends in the middle of an epoch and begins again comes to the bits of one that did not.
TEST_F(Folder, RunsGoOnInTheMiddleOfTheData) {
  const Samples data = examples();
  save_npy(at("x.npy"), data.x);
  const Array mapped = load_npy(at("x.npy"), {.mmap_mode = "r"});
  for (const char* kind : {"Sequence", "mapped"}) {
    SCOPED_TRACE(kind);
    const auto fit = [&](std::vector<Callback> callbacks) {
      Sequential model = classifier(0.2);
      random::seed(77);
      const FitArgs args{
          .batch_size = kBatch, .epochs = 3, .verbose = 0, .callbacks = std::move(callbacks), .steps_per_epoch = 5};
      std::string history;
      try {
        history = kind == std::string("Sequence")
                      ? model.fit(utils::make_sequence<Noisy>(data.x, data.y), {}, args).str()
                      : model.fit(mapped, data.y, args).str();
      } catch (const RuntimeError&) {
      }
      return Trained{history, model.get_weights()};
    };
    const Trained expected = fit({});
    const Callback backup = callbacks::BackupAndRestore(at(kind), {.save_freq = 4});
    int left = 8;
    const Callback end = callbacks::LambdaCallback({.on_train_batch_end = [&](int, const Logs&) {
      if (--left == 0) throw RuntimeError("the end");
    }});
    EXPECT_EQ(fit({backup, end}).history, "");
    expect_same(fit({callbacks::BackupAndRestore(at(kind), {.save_freq = 4})}), expected);
  }
}

TEST(Shuffles, OfBatchesKeepThemTogether) {
  const Array x = arange(50).reshape({50, 1}).astype(DType::float32);
  Sequential model({layers::Dense(1, {.input_dim = 1})});
  // Batch sums tell the batches apart: 8 b … 8 b + 7, and the last two rows.
  std::vector<double> losses;
  model.set_weights({zeros({1, 1}), zeros({1})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0}), .loss = "mae"});
  double before = 0;
  std::int64_t rows = 0;
  const Callback note = callbacks::LambdaCallback({.on_train_batch_end = [&](int batch, const Logs& logs) {
    if (batch == 0) before = 0, rows = 0;
    const std::int64_t now = batch == 6 ? 2 : 8;
    const double total = logs.at("loss") * static_cast<double>(rows + now);
    losses.push_back((total - before) / static_cast<double>(now));
    before = total, rows += now;
  }});
  random::seed(8);
  model.fit(x, x, {.batch_size = kBatch, .epochs = 1, .verbose = 0, .callbacks = {note}, .shuffle = "batch"});
  ASSERT_EQ(losses.size(), 7u);
  EXPECT_NEAR(losses[6], 48.5, 0.01);
  std::vector<int> batches;
  for (int i = 0; i < 6; ++i)
    batches.push_back(static_cast<int>(std::lround((losses[static_cast<std::size_t>(i)] - 3.5) / 8)));
  EXPECT_NE(batches, std::vector<int>({0, 1, 2, 3, 4, 5}));
  EXPECT_THAT(batches, ::testing::UnorderedElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THROW(Shuffle("batches"), ValueError);
  EXPECT_TRUE(args_of<FitArgs>(Config::from_json(R"({"shuffle": "batch"})"), "fit").shuffle.batches());
}

}  // namespace
}  // namespace keras::testing
