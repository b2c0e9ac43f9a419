#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "support/hdf5.h"
#include "support/hdf5_writer.h"
#include "tests/support/read_hdf5.h"

namespace keras::support::hdf5 {
namespace {

std::string write(int groups) {
  Writer writer;
  for (int i = 0; i < groups; ++i) {
    const std::string name = "layer_" + std::to_string(i);
    writer.dataset(name + "/kernel", DType::float32, std::vector<std::int64_t>{4, 4}, std::string(64, 'k'));
    writer.attribute(name, "weight_names", std::vector<std::string>{"kernel", "bias"});
    writer.attribute(name, "config", "{}");
  }
  return writer.take();
}

template <typename F>
void in_threads(F f) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&f, i] { f(i); });
  for (std::thread& thread : threads) thread.join();
}

TEST(Hdf5Threads, WriteAtOnce) {
  std::vector<std::string> files(4);
  in_threads([&](int i) { files[static_cast<std::size_t>(i)] = write(20); });
  for (const std::string& file : files) EXPECT_EQ(file, files.front());
}

TEST(Hdf5Threads, ReadOneFileAtOnce) {
  const File file = File::of("memory", write(50));
  std::vector<keras::testing::ReadHdf5> read(4);
  in_threads([&](int i) { read[static_cast<std::size_t>(i)] = keras::testing::read_everything(file); });
  for (const auto& r : read) {
    EXPECT_EQ(r.objects, 101u);
    EXPECT_EQ(r.attributes, 100u);
    EXPECT_EQ(r.bytes, read.front().bytes);
    EXPECT_TRUE(r.errors.empty());
  }
}

}  // namespace
}  // namespace keras::support::hdf5
