// The architectures in model files that people published (KERAS_TEST_DATA names the folder): each is read into a model
// of as many parameters as real Keras gives it, or fails for a reason that stands here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/saving.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/support/golden.h"

namespace keras::saving {
namespace {

// What the message says, for files that are no model this library could make.
const std::map<std::string, const char*>& reasons() {
  static const std::map<std::string, const char*> reasons = {
      // not models: a vocabulary, a tokenizer, a generator of batches
      {"models/minimaxir/textgenrnn/textgenrnn_vocab.json", "No model can be made of"},
      {"models/dl4j/preprocessing/tokenizer_num_words_null.json", "Tokenizer «»: it is no Sequential"},
      {"models/dl4j/preprocessing/timeseries_generator.json", "TimeseriesGenerator «»: it is no Sequential"},
      // own classes of their authors
      {"models/fastmachinelearning/keras/KERAS_3layer_binary_smaller.json",
       "BinaryDense (layer «fc1»), binary_tanh (layer «act1»)"},
      {"models/fastmachinelearning/keras/KERAS_3layer_ternary_small.json",
       "TernaryDense (layer «fc1»), ternary_tanh (layer «act1»)"},
      {"models/fastmachinelearning/keras/garnet_1layer.json", "GarNet (layer «gar_1»)"},
      {"models/fastmachinelearning/keras/qkeras_mnist_cnn.json",
       "QConv2D (layer «q_conv2d»), QActivation (layer «q_activation»)"},
      // weights start from a Python function
      {"models/yanpanlau/actormodel.json", "<lambda> (layer «dense_3»)"},
  };
  return reasons;
}

TEST(Files, PublishedArchitecturesAreRead) {
  const char* data = std::getenv("KERAS_TEST_DATA");
  if (!data) GTEST_SKIP() << "KERAS_TEST_DATA names no folder";
  const testing::Golden golden("config_files");
  int models = 0, refused = 0;
  for (const Config& each : golden.cases()) {
    const std::string path = each.at("path").as_string();
    SCOPED_TRACE(path);
    std::ifstream file(std::string(data) + "/" + path, std::ios::binary);
    ASSERT_TRUE(file);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const auto reason = reasons().find(path);
    if (reason != reasons().end()) {
      ++refused;
      EXPECT_THAT([&] { model_from_json(text); },
                  ::testing::ThrowsMessage<Error>(::testing::HasSubstr(reason->second)));
      continue;
    }
    try {
      const Model model = model_from_json(text);
      EXPECT_EQ(model.count_params(), each.at("params").as_int());
      const Model again = model_from_json(model.to_json());
      EXPECT_EQ(again.count_params(), model.count_params());
      ++models;
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
  EXPECT_EQ(models, 90);
  EXPECT_EQ(refused, 8);
}

}  // namespace
}  // namespace keras::saving
