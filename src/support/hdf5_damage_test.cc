#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "support/files.h"
#include "support/hdf5.h"
#include "support/hdf5/checksum.h"
#include "support/hdf5_writer.h"
#include "tests/support/read_hdf5.h"

namespace keras::support::hdf5 {
namespace {

std::vector<std::string> golden_files() {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(root ? root : ".") + "/tests/golden/hdf5")) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Reads the file as far as it can be; anything but an Error ends the test. False: it could not be opened.
bool read(const std::string& bytes) {
  try {
    const auto result = keras::testing::read_everything(File("damaged", std::string_view(bytes)));
    EXPECT_LE(result.bytes, (std::uint64_t{64} << 20) + 100 * bytes.size());
    return true;
  } catch (const Error&) {
    return false;
  }
}

class Damage : public ::testing::Test {
 protected:
  void TearDown() override {
    checksums_matter = true;
    // Each file takes well under a second; sanitizers and a busy machine take longer.
    EXPECT_LT(std::chrono::steady_clock::now() - start_, std::chrono::seconds(250));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LT(peak() - peak_, 200 << 10);  // KiB
#endif
  }
  static long peak() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  }
  long peak_ = peak();
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

TEST_F(Damage, OfAFewBytesIsAnErrorOrOtherContents) {
  std::mt19937 random(1);
  for (const std::string& path : golden_files()) {
    SCOPED_TRACE(path);
    const std::string whole = read_file(path);
    ASSERT_TRUE(read(whole));
    int opened = 0;
    for (int round = 0; round < 2000; ++round) {
      checksums_matter = round % 2 == 0;
      std::string bytes = whole;
      const std::size_t count = 1 + random() % 8, at = random() % (bytes.size() - count);
      for (std::size_t i = 0; i < count; ++i) {
        constexpr char kTelling[] = {'\0', '\1', '\x7f', '\x80', '\xff'};
        bytes[at + i] = random() % 2 ? static_cast<char>(random()) : kTelling[random() % sizeof kTelling];
      }
      opened += read(bytes);
    }
    EXPECT_GT(opened, 1000);  // most of the bytes belong to one object
  }
}

TEST_F(Damage, CutShortIsAnError) {
  for (const std::string& path : golden_files()) {
    SCOPED_TRACE(path);
    const std::string whole = read_file(path);
    for (std::size_t percent = 0; percent < 100; ++percent) {
      EXPECT_FALSE(read(whole.substr(0, whole.size() * percent / 100))) << percent;
    }
  }
}

// Wherever one bit of the file is changed, what is read of a data set with Fletcher's checksum is what was written,
// unless the change is to its type or shape, which the checksum does not cover.
TEST_F(Damage, OfWhatHasAChecksumIsNeverRead) {
  const std::string whole = read_file(golden_files()[0].substr(0, golden_files()[0].rfind('/')) + "/chunked.h5");
  for (const char* name : {"one_axis_fletcher", "one_axis_all"}) {
    const std::string numbers = File("whole", whole).dataset(name).bytes();
    std::string swapped = numbers;
    for (std::size_t i = 0; i < swapped.size(); i += 4) std::reverse(swapped.data() + i, swapped.data() + i + 4);
    std::size_t refused = 0;
    std::string bytes = whole;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      bytes[i] = static_cast<char>(whole[i] ^ 1 << i % 8);
      try {
        const File file("damaged", bytes);
        const Dataset set = file.dataset(name);
        const std::string now = set.bytes();
        const bool as_before = set.type().dtype == DType::float32 && set.shape() == std::vector<std::int64_t>{50};
        EXPECT_TRUE(!as_before || now == swapped || now == numbers) << name << ": byte " << i;
      } catch (const Error&) {
        ++refused;
      }
      bytes[i] = whole[i];
    }
    EXPECT_GT(refused, numbers.size() / 2) << name;
  }
}

// The place of a data set's numbers stands in the file as an address and a size, which nothing else holds.
TEST(DamagedLayout, IsRefusedWhereItDoesNotFit) {
  const std::string numbers(64, 'n');
  const std::int64_t shape[] = {16};
  Writer writer;
  for (const char* name : {"a", "b"}) writer.dataset(name, DType::float32, shape, numbers);
  const std::string whole = writer.take();
  const auto bytes_of = [](std::uint64_t number) { return std::string(reinterpret_cast<const char*>(&number), 8); };
  const auto place = [&](const char* name) {
    const auto view = File("whole", whole).dataset(name).view();
    return bytes_of(static_cast<std::uint64_t>(view->data() - whole.data()));
  };
  const std::string a = place("a"), b = place("b");
  const std::size_t at = whole.find(b);
  ASSERT_NE(at, std::string::npos);
  const auto refuses = [&](std::size_t where, const std::string& number, const char* why) {
    std::string bytes = whole;
    bytes.replace(where, 8, number);
    const File file("m.h5", bytes);
    file.dataset("a");
    EXPECT_THAT([&] { file.dataset("b"); }, ::testing::ThrowsMessage<IOError>(::testing::HasSubstr(why)));
  };
  refuses(at, a, "lies over the data of a data set");
  refuses(at, bytes_of(0), "lies over another part of the file");
  refuses(at, bytes_of(whole.size() - 63), "and the file has");
  refuses(at + 8, bytes_of(60), "has 60 bytes for 64");
}

}  // namespace
}  // namespace keras::support::hdf5
