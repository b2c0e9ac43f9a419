// Files that are missing, damaged or of another kind, and places where nothing can be written: errors that name the
// path, and the files that were there stay as they were.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/errors/expect.h"

namespace keras::testing {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

class BadFile : public Classifier {
 protected:
  void SetUp() override {
    Classifier::SetUp();
    std::string name = ::testing::TempDir() + "/keras_errors_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }
  std::string at(const char* name) const { return (folder / name).string(); }
  fs::path folder;
};

TEST_F(BadFile, Missing) {
  const std::string npz = at("absent.npz"), npy = at("absent.npy");
  expect_error<IOError>([&] { load_npz(npz); }, {npz.c_str()});
  expect_error<IOError>([&] { load_npy(npy); }, {npy.c_str()});
  expect_error<IOError>([&] { datasets::mnist::load_data(npz); }, {npz.c_str()});
  expect_error<IOError>([&] { load_npz(folder.string()); }, {folder.c_str()});
  expect_error<IOError>([&] { load_npz(""); }, {});
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST_F(BadFile, Truncated) {
  const std::string whole = at("weights.npz"), cut = at("cut.npz");
  model.save_weights_npz(whole);
  const std::string bytes = read(whole);
  ASSERT_GT(bytes.size(), 200u);
  for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 97) {
    SCOPED_TRACE(length);
    write(cut, bytes.substr(0, length));
    expect_error<IOError>([&] { load_npz(cut); }, {cut.c_str()});
  }
  EXPECT_EQ(load_npz(whole).size(), 4u);

  const std::string npy = at("array.npy");
  save_npy(npy, x);
  const std::string array = read(npy);
  for (std::size_t length = 0; length < array.size(); length += 7) {
    SCOPED_TRACE(length);
    write(npy, array.substr(0, length));
    expect_error<IOError>([&] { load_npy(npy); }, {npy.c_str()});
  }
}

// One byte changed at a time: an error or arrays, but never a crash.
TEST_F(BadFile, Damaged) {
  const std::string path = at("weights.npz");
  model.save_weights_npz(path);
  const std::string bytes = read(path);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    write(path, damaged);
    try {
      load_npz(path);
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(path));
    }
  }
}

TEST_F(BadFile, OfAnotherKind) {
  const std::string path = at("page.npz");
  for (const char* content : {"", "<!DOCTYPE html><html>404</html>", "x,y\n1,2\n", "\x89HDF\r\n\x1a\n", "\x93NUMPY"}) {
    write(path, content);
    expect_error<IOError>([&] { load_npz(path); }, {path.c_str()});
    expect_error<IOError>([&] { datasets::mnist::load_data(path); }, {path.c_str()});
    expect_error<IOError>([&] { load_npy(path); }, {path.c_str()});
  }
}

TEST_F(BadFile, MnistOfOtherArrays) {
  const std::string path = at("mnist.npz");
  const Array images(Shape{3, 28, 28}, DType::uint8), digits(Shape{3}, DType::uint8);
  const auto refused = [&](const NamedArrays& arrays, std::initializer_list<const char*> parts) {
    save_npz(path, arrays);
    expect_error<IOError>([&] { datasets::mnist::load_data(path); }, parts);
  };
  refused({{"x_train", images}, {"y_train", digits}, {"x_test", images}}, {"mnist.npz", "y_test"});
  refused({{"x_train", images}, {"y_train", digits}, {"x_test", images.reshape({3, 784})}, {"y_test", digits}},
          {"x_test", "(3, 784)"});
  refused({{"x_train", images.astype(DType::float32)}, {"y_train", digits}, {"x_test", images}, {"y_test", digits}},
          {"x_train", "float32"});
  refused({{"x_train", images}, {"y_train", digits.slice(0, 2)}, {"x_test", images}, {"y_test", digits}},
          {"x_train has 3 images", "y_train has 2 labels"});
  Array bad = digits.copy();
  bad.set({1}, 10);
  refused({{"x_train", images}, {"y_train", digits}, {"x_test", images}, {"y_test", bad}}, {"y_test", "10"});
  save_npz(path, {{"x_train", images}, {"y_train", digits}, {"x_test", images}, {"y_test", digits}});
  EXPECT_EQ(datasets::mnist::load_data(path).first.x.shape(), Shape({3, 28, 28}));  // any length is welcome
}

// A folder that cannot be there: below a regular file, so that it fails for root too.
TEST_F(BadFile, UnwritablePlaces) {
  write(at("file"), "precious");
  const History history = model.fit(x, y, {.verbose = 0});
  before = model.get_weights();
  iterations = model.optimizer().iterations();
  for (const std::string& path : {at("file") + "/weights.npz", at("absent") + "/weights.npz",
                                  std::string("/proc/keras/weights.npz"), folder.string()}) {
    expect_error<IOError>([&] { model.save_weights_npz(path); }, {path.c_str()});
    expect_error<IOError>([&] { save_npz(path, {{"x", x}}); }, {path.c_str()});
    expect_error<IOError>([&] { save_npy(path, x); }, {path.c_str()});
    expect_error<IOError>([&] { history.save(path); }, {path.c_str()});
  }
  EXPECT_EQ(read(at("file")), "precious");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);  // and nothing was left behind
  still_whole();
}

}  // namespace
}  // namespace keras::testing
