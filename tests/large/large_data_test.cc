// Data larger than the memory that may be used: a file of KERAS_LARGE_MB megabytes (300 by default; 6144 in
// large_full, which CMake registers where KERAS_LARGE_TESTS is set) trains from a mapped .npy, an HDF5Matrix and a
// Sequence, and the process grows by no more than a twelfth of it, or by 30 MB.
#include <gtest/gtest.h>
#include <keras/keras.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/files.h"
#include "support/hdf5_writer.h"
#include "tests/support/primer.h"

namespace keras::testing {
namespace {

constexpr std::int64_t kWidth = 1024, kBatch = 256;

std::int64_t megabytes() {
  const char* text = std::getenv("KERAS_LARGE_MB");
  return text ? std::atoll(text) : 300;
}
std::int64_t rows() { return megabytes() * (1 << 20) / (4 * kWidth); }

long kilobytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return std::stol(line.substr(key.size() + 1));
  }
  return 0;
}

class LargeData : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new std::string(::testing::TempDir() + "keras_large_" + std::to_string(::getpid()));
    std::filesystem::create_directories(*folder_);
    random::seed(1);
    const Array part = random::uniform({kBatch, kWidth});
    std::ofstream file(at("x.npy"), std::ios::binary);
    std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows()) + ", " +
                       std::to_string(kWidth) + "), }";
    text.append(117 - text.size(), ' ');
    text += '\n';
    file.write("\x93NUMPY\1\0\x76\0", 10) << text;
    for (std::int64_t row = 0; row < rows(); row += kBatch) {
      const Array piece = part.slice(0, std::min(kBatch, rows() - row));
      file.write(static_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.nbytes()));
    }
    file.close();
    ASSERT_TRUE(file.good());
    save_npy(at("y.npy"), random::uniform({rows(), 1}));
    const pid_t child = ::fork();  // the writer takes the data as one piece, which it maps
    if (child == 0) {
      const support::MappedFile mapped(at("x.npy"));
      support::hdf5::Writer writer(at("x.h5"));
      const std::int64_t shape[] = {rows(), kWidth};
      writer.dataset("x", DType::float32, shape, mapped.bytes().substr(128));
      writer.close();
      ::_exit(0);
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
  }
  static void TearDownTestSuite() {
    std::filesystem::remove_all(*folder_);
    delete folder_;
  }
  static std::string at(const char* name) { return *folder_ + "/" + name; }

  // How much the peak of the resident memory is above what there was before, in MB.
  template <class F>
  static double peak(F&& work) {
    std::ofstream("/proc/self/clear_refs") << 5;  // the peak begins anew
    const long before = kilobytes("VmRSS");
    work();
    return static_cast<double>(kilobytes("VmHWM") - before) / 1024;
  }
  static Sequential model() {
    Sequential model({layers::Dense(8, {.activation = "relu", .input_dim = kWidth}), layers::Dense(1)});
    model.compile({.optimizer = "sgd", .loss = "mse"});
    return model;
  }
  static void expect_small(const char* what, double peak) {
    const double limit = std::max(30.0, static_cast<double>(megabytes()) / 12);
    std::printf("%s of %lld MB: %.0f MB more at the peak, of %.0f allowed\n", what, static_cast<long long>(megabytes()),
                peak, limit);
    if (!kSanitized) {
      EXPECT_LE(peak, limit);
      EXPECT_LE(static_cast<double>(kilobytes("VmHWM")) / 1024, 600);
    }
  }
  static std::string* folder_;
};
std::string* LargeData::folder_ = nullptr;

TEST_F(LargeData, MappedArrays) {
  const Array x = load_npy(at("x.npy"), {.mmap_mode = "r"}), y = load_npy(at("y.npy"));
  for (const bool shuffle : {false, true}) {
    Sequential mine = model();
    expect_small(shuffle ? "a mapped array, shuffled" : "a mapped array", peak([&] {
                   const History history = mine.fit(x, y, {.batch_size = kBatch, .verbose = 0, .shuffle = shuffle});
                   EXPECT_LT(history.history.at("loss")[0], 1);
                 }));
  }
  const Sequential mine = model();
  expect_small("predict", peak([&] { EXPECT_EQ(mine.predict(x, {.batch_size = kBatch}).length(), rows()); }));
  expect_small("evaluate", peak([&] { EXPECT_GT(mine.evaluate(x, y, {.batch_size = kBatch}), 0); }));
}

TEST_F(LargeData, AnHDF5Matrix) {
  const utils::HDF5Matrix x(at("x.h5"), "x");
  const Array y = load_npy(at("y.npy"));
  for (const Shuffle& shuffle : {Shuffle(true), Shuffle("batch")}) {
    Sequential mine = model();
    expect_small(shuffle.batches() ? "an HDF5Matrix, batches shuffled" : "an HDF5Matrix, shuffled",
                 peak([&] { mine.fit(x, y, {.batch_size = kBatch, .verbose = 0, .shuffle = shuffle}); }));
  }
}

struct FromFile final : utils::SequenceBody {
  explicit FromFile(std::string path) : SequenceBody({.workers = 2}), path_(std::move(path)) {}
  std::int64_t length() const override { return (rows() + kBatch - 1) / kBatch; }
  void fill(std::int64_t index, Batch& batch) override {
    const std::int64_t count = std::min(kBatch, rows() - index * kBatch);
    if (batch.x.empty() || batch.x[0].length() != count)
      batch = {Array(Shape({count, kWidth})), Array(Shape({count, 1}))};
    std::ifstream file(path_, std::ios::binary);
    file.seekg(128 + index * kBatch * kWidth * 4);
    file.read(static_cast<char*>(batch.x[0].mutable_data()), static_cast<std::streamsize>(batch.x[0].nbytes()));
    if (!file) throw IOError("the file is too short");
  }
  const std::string path_;
};

TEST_F(LargeData, ASequence) {
  Sequential mine = model();
  expect_small("a Sequence",
               peak([&] { mine.fit(utils::make_sequence<FromFile>(at("x.npy")), {}, {.epochs = 1, .verbose = 0}); }));
}

}  // namespace
}  // namespace keras::testing
