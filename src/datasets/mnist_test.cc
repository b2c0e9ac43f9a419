#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/datasets.h>
#include <keras/error.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace keras {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class Mnist : public ::testing::Test {
 protected:
  void SetUp() override {
    home_ = ::testing::TempDir() + "keras_mnist_" + std::to_string(::getpid());
    fs::create_directories(home_ + "/datasets");
    ::setenv("KERAS_HOME", home_.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("KERAS_HOME");
    fs::remove_all(home_);
  }
  // A small file of the right kind, with some arrays replaced (or left out: of no axes).
  std::string file(const NamedArrays& instead = {}, const std::string& name = "small.npz") const {
    NamedArrays arrays = {{"x_train", Array({3, 28, 28}, DType::uint8)},
                          {"y_train", Array({3}, DType::uint8)},
                          {"x_test", Array({2, 28, 28}, DType::uint8)},
                          {"y_test", Array({2}, DType::uint8)}};
    for (const auto& [key, array] : instead) {
      for (auto& item : arrays) {
        if (item.first == key) item.second = array;
      }
    }
    std::erase_if(arrays, [](const auto& item) { return item.second.ndim() == 0; });
    save_npz(home_ + "/" + name, arrays);
    return home_ + "/" + name;
  }
  std::string home_;
};

TEST_F(Mnist, TheShippedCopyIsFound) {
  auto [train, test] = datasets::mnist::load_data();
  EXPECT_EQ(train.x.shape(), Shape({60000, 28, 28}));
  EXPECT_EQ(train.y.shape(), Shape({60000}));
  EXPECT_EQ(test.x.shape(), Shape({10000, 28, 28}));
  EXPECT_EQ(test.y.at({0}), 7);
  EXPECT_EQ(train.y.at({0}), 5);
  EXPECT_EQ(train.x.dtype(), DType::uint8);
}

TEST_F(Mnist, TheUsersFolderComesFirst) {
  file({}, "datasets/mnist.npz");
  EXPECT_EQ(datasets::mnist::load_data().first.x.length(), 3);
  file({}, "datasets/mine.npz");
  EXPECT_EQ(datasets::mnist::load_data("mine.npz").first.x.length(), 3);
}

TEST_F(Mnist, APathNamesAFileOfAnyLength) {
  const auto [train, test] = datasets::mnist::load_data(file());
  EXPECT_EQ(train.x.length(), 3);
  EXPECT_EQ(test.y.length(), 2);
  EXPECT_THAT([&] { datasets::mnist::load_data(home_ + "/none.npz"); }, ThrowsMessage<IOError>(HasSubstr("none.npz")));
  EXPECT_THAT([&] { datasets::mnist::load_data("none/mnist.npz"); },
              ThrowsMessage<IOError>(AllOf(HasSubstr("none/mnist.npz"), HasSubstr("nor"))));
}

TEST_F(Mnist, EveryArrayIsChecked) {
  const auto refuses = [&](const std::string& key, const Array& array, const std::string& why) {
    EXPECT_THAT(
        [&] {
          datasets::mnist::load_data(file({{key, array}}));
        },
        ThrowsMessage<IOError>(AllOf(HasSubstr("small.npz"), HasSubstr(key), HasSubstr(why))));
  };
  refuses("y_test", Array::scalar(0), "found x_test, x_train, y_train");
  refuses("x_train", Array({3, 28, 28}, DType::float32), "dtype float32");
  refuses("x_train", Array({3, 784}, DType::uint8), "shape (3, 784)");
  refuses("x_test", Array({2, 28, 29}, DType::uint8), "shape (2, 28, 29)");
  refuses("y_train", Array({3}, DType::int64), "dtype int64");
  refuses("y_train", Array({3, 10}, DType::uint8), "shape (3, 10)");
  refuses("y_train", Array({4}, DType::uint8), "4 labels");
  refuses("y_test", full({2}, 10, DType::uint8), "y_test[0] is 10");
}

TEST_F(Mnist, OtherFilesAreNamed) {
  const std::string path = home_ + "/small.npz";
  std::ofstream(path) << "<html>not found</html>";
  EXPECT_THAT([&] { datasets::mnist::load_data(path); }, ThrowsMessage<IOError>(HasSubstr("an HTML page")));
  const std::string whole = file();
  fs::resize_file(path, fs::file_size(path) / 2);
  EXPECT_THAT([&] { datasets::mnist::load_data(path); }, ThrowsMessage<IOError>(HasSubstr("damaged")));
}

}  // namespace
}  // namespace keras
