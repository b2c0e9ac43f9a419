// Files that are no good as a whole: errors that name them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/keras.h>
#include <unistd.h>

#include <filesystem>

#include "saving/weights_file.h"
#include "support/files.h"
#include "support/hdf5_writer.h"
#include "support/zip.h"

namespace keras::saving {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class BadModelFile : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string at(const char* name) const { return folder_ + "/" + name; }
  static Sequential model() { return Sequential({layers::Dense(3, {.input_dim = 2}), layers::Dense(1)}); }

  std::string folder_ = ::testing::TempDir() + "keras_bad_files_" + std::to_string(::getpid());
};

TEST_F(BadModelFile, ErrorsOfTheConfigurationNameTheFile) {
  const std::string path = at("model.json");
  support::write_file(path, R"({"class_name": "Sequential", "config": [{"class_name": "Dens", "config": {}}]})");
  EXPECT_THAT([&] { load_model(path); }, ThrowsMessage<ValueError>(AllOf(HasSubstr(path), HasSubstr("Dens"))));
  support::write_file(path, R"({"class_name": "Sequential", )");
  EXPECT_THAT([&] { load_model(path); }, ThrowsMessage<ValueError>(HasSubstr(path)));
}

TEST_F(BadModelFile, AnArchiveWithoutItsWeights) {
  const std::string path = at("model.keras");
  model().save(path);
  support::ZipReader whole(path);
  const std::string config = whole.read(*whole.find("config.json"));
  support::ZipWriter zip(path);
  zip.add("config.json", config);
  zip.commit();
  EXPECT_THAT([&] { load_model(path); },
              ThrowsMessage<IOError>(AllOf(HasSubstr(path), HasSubstr("no model.weights.h5"))));
}

TEST_F(BadModelFile, AnHdf5FileWithoutItsWeights) {
  const std::string path = at("model.h5");
  model().save(path);
  std::string bytes = support::read_file(path);
  const std::string group = "model_weights";
  bytes.replace(bytes.find(group), group.size(), "other_weights");
  support::write_file(path, bytes);
  EXPECT_THAT([&] { load_model(path); },
              ThrowsMessage<IOError>(AllOf(HasSubstr(path), HasSubstr("no group model_weights"))));
}

TEST_F(BadModelFile, AConfigurationThatIsLargerThanItsWeights) {
  const std::string path = at("model.keras");
  model().save(path);
  support::ZipReader whole(path);
  std::string config = whole.read(*whole.find("config.json")), units = "\"units\": 3";
  config.replace(config.find(units), units.size(), "\"units\": 300000000");
  const std::string weights = whole.read(*whole.find("model.weights.h5"));
  support::ZipWriter zip(path);
  zip.add("config.json", config);
  zip.add("model.weights.h5", weights);
  zip.commit();
  EXPECT_THAT([&] { load_model(path); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr(path), HasSubstr("there are no more in the file"))));
}

TEST_F(BadModelFile, WeightsThatAreNotNumberedFromZero) {
  const std::string path = at("model.weights.h5");
  const Array kernel(Shape{2, 3}), bias(Shape{3});
  const auto write = [&](const char* second) {
    support::hdf5::Writer file(path);
    const std::string vars = "layers/dense/vars/";
    for (const auto& [name, array] : {std::pair(vars + "0", kernel), std::pair(vars + second, bias)})
      write_array(file, name, array);
    file.close();
  };
  Sequential one({layers::Dense(3, {.input_dim = 2})});
  write("1");
  EXPECT_EQ(one.load_weights(path).loaded.size(), 2u);
  write("2");
  EXPECT_THAT([&] { one.load_weights(path); },
              ThrowsMessage<IOError>(AllOf(HasSubstr(path), HasSubstr("1 is missing, and there is 2"))));
}

}  // namespace
}  // namespace keras::saving
