// VGG16's layers and checks, preprocess_input and decode_predictions against Keras.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/applications.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "applications/imagenet_utils.h"
#include "ops/names.h"
#include "tests/support/golden.h"
#include "tests/support/keras2.h"

namespace keras {
namespace {

using applications::VGG16;
using applications::VGG16Args;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
namespace imagenet_utils = applications::imagenet_utils;

const testing::Golden& golden() {
  static const testing::Golden all("applications");
  return all;
}

Shape shape_of(const Config& list) {
  Shape shape;
  read_config(list, shape);
  return shape;
}

VGG16Args args_in(const Config& given) {
  VGG16Args args;
  args.include_top = given.get("include_top", true).as_bool();
  if (!given.contains("weights") || given.at("weights").is_null()) {
    args.weights = {};
  } else {
    args.weights = given.at("weights").as_string();
  }
  if (given.contains("input_shape")) args.input_shape = shape_of(given.at("input_shape"));
  if (given.contains("pooling")) args.pooling = given.at("pooling").as_string();
  args.classes = given.get("classes", 1000).as_int();
  if (given.contains("classifier_activation")) args.classifier_activation = {};
  args.name = given.get("name", "vgg16").as_string();
  return args;
}

void compare(const Model& model, const Config& c) {
  EXPECT_EQ(model.name(), c.at("model").as_string());
  EXPECT_EQ(model.count_params(), c.at("params").as_int());
  EXPECT_EQ(model.inputs().at(0).shape(), shape_of(c.at("input_shape")));
  const std::vector<Layer> layers = model.layers();
  const std::vector<Config>& expected = c.at("layers").items();
  ASSERT_EQ(layers.size(), expected.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::vector<Config>& row = expected[i].items();
    EXPECT_EQ(layers[i].name(), row[0].as_string());
    EXPECT_EQ(layers[i].class_name(), row[1].as_string());
    EXPECT_EQ(layers[i].output().shape(), shape_of(row[2])) << row[0];
    EXPECT_EQ(layers[i].count_params(), row[3].as_int()) << row[0];
  }
}

TEST(VGG16, IsThatOfKeras) {
  int compared = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("function") || c.at("function").as_string() != "VGG16") continue;
    SCOPED_TRACE(c.at("name").as_string());
    ops::reset_names();
    if (c.contains("error")) {
      VGG16Args args = args_in(c.at("args"));
      EXPECT_THROW(VGG16(std::move(args)), ValueError);
    } else {
      compare(VGG16(args_in(c.at("args"))), c);
    }
    ++compared;
  }
  EXPECT_EQ(compared, 14);
}

TEST(VGG16, GoesOnFromATensor) {
  const Tensor x = Input({40, 40, 3}, {.name = "mine"});
  const Tensor before = layers::Activation("relu", {.name = "before"})(x);
  compare(VGG16({.include_top = false, .weights = {}, .input_tensor = before}), golden().at("on_a_tensor"));
  EXPECT_THAT(
      [] {
        VGG16({.include_top = false, .weights = {}, .input_tensor = Tensor(zeros({1, 40, 40, 3}))});
      },
      ThrowsMessage<ValueError>(HasSubstr("input_tensor")));
}

TEST(VGG16, Computes) {
  const Model model = VGG16({.include_top = false, .weights = {}, .pooling = "avg"});
  EXPECT_EQ(model.predict(ones({2, 33, 47, 3})).shape(), Shape({2, 512}));
}

TEST(VGG16, WrongArgumentsAreNamed) {
  EXPECT_THAT([] { VGG16({.weights = "imagenett"}); }, ThrowsMessage<ValueError>(HasSubstr("«imagenet»")));
  EXPECT_THAT([] { VGG16({.include_top = false, .weights = {}, .pooling = "mean"}); },
              ThrowsMessage<ValueError>(HasSubstr("\"mean\"")));
  const std::string path = ::testing::TempDir() + "keras_vgg16_" + std::to_string(::getpid());
  std::ofstream(path) << "weights";
  EXPECT_THAT([&] { VGG16({.weights = path, .classifier_activation = "relu"}); },
              ThrowsMessage<ValueError>(HasSubstr("\"relu\"")));
  std::filesystem::remove(path);
  const testing::Warnings warnings;
  VGG16({.include_top = false, .weights = {}, .input_shape = Shape{32, 32, 2}});
  EXPECT_EQ(warnings.texts.size(), 1u);
}

TEST(VGG16, TellsWhereTheWeightsAreLookedFor) {
  const std::string home = ::testing::TempDir() + "keras_vgg16_home_" + std::to_string(::getpid());
  ::setenv("KERAS_HOME", home.c_str(), 1);
  for (const char* proxy : {"https_proxy", "HTTPS_PROXY"}) ::setenv(proxy, "http://127.0.0.1:9", 1);
  EXPECT_THAT([] { VGG16(); }, ThrowsMessage<IOError>(HasSubstr("vgg16_weights_tf_dim_ordering_tf_kernels.h5")));
  EXPECT_THAT([] { VGG16({.include_top = false}); }, ThrowsMessage<IOError>(HasSubstr("kernels_notop.h5")));
  EXPECT_THAT(
      [] {
        imagenet_utils::decode_predictions(zeros({1, 1000}));
      },
      ThrowsMessage<IOError>(HasSubstr("imagenet_class_index.json")));
  for (const char* proxy : {"https_proxy", "HTTPS_PROXY"}) ::unsetenv(proxy);
  ::unsetenv("KERAS_HOME");
  std::filesystem::remove_all(home);
}

TEST(PreprocessInput, IsThatOfKeras) {
  int compared = 0;
  for (const Config& c : golden().cases()) {
    if (!c.contains("function") || c.at("function").as_string() != "preprocess_input") continue;
    const std::string name = c.at("name").as_string();
    SCOPED_TRACE(name);
    const Array x = golden().array(name + "/x"), expected = golden().array(name + "/y");
    const Array y = imagenet_utils::preprocess_input(
        x, {.data_format = c.at("args").at("data_format").as_string(), .mode = c.at("args").at("mode").as_string()});
    EXPECT_TRUE(identical(y, expected)) << y << expected;
    ++compared;
  }
  EXPECT_EQ(compared, 24);
  const Array x = ones({2, 2, 3});
  EXPECT_TRUE(identical(applications::vgg16::preprocess_input(x), imagenet_utils::preprocess_input(x)));
}

TEST(PreprocessInput, WorksInModels) {
  const Tensor input = Input({None, None, 3}, {.dtype = DType::uint8});
  const Model model(input, applications::vgg16::preprocess_input(input));
  const Array x = full({1, 2, 2, 3}, 100, DType::uint8);
  EXPECT_TRUE(identical(model.predict(x), applications::vgg16::preprocess_input(x)));
  EXPECT_THAT([&] { imagenet_utils::preprocess_input(x, {.mode = "cafe"}); },
              ThrowsMessage<ValueError>(HasSubstr("«caffe»")));
  EXPECT_THAT(
      [&] {
        imagenet_utils::preprocess_input(ones({2, 2, 4}));
      },
      ThrowsMessage<ValueError>(HasSubstr("(2, 2, 4)")));
  EXPECT_THAT([&] { applications::vgg16::preprocess_input(x, {.data_format = "channels_lst"}); },
              ThrowsMessage<ValueError>(HasSubstr("«channels_last»")));
}

std::string class_index(int classes) {
  Config all = Config::map();
  for (int i = 0; i < classes; ++i) {
    const std::string number = std::to_string(i);
    all.set(number, Config::list({"n" + std::string(8 - number.size(), '0') + number, "thing_" + number}));
  }
  return all.to_json();
}

TEST(DecodePredictions, IsThatOfKeras) {
  const auto names = imagenet_utils::read_class_names(class_index(1000), "index.json");
  for (const std::string name : {"decode_5", "decode_1", "decode_12"}) {
    const Config& c = golden().at(name);
    const auto rows = imagenet_utils::decode(golden().array(name + "/preds"), c.at("top").as_int(), names);
    const std::vector<Config>& expected = c.at("decoded").items();
    ASSERT_EQ(rows.size(), expected.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(rows[i].size(), expected[i].size());
      for (std::size_t k = 0; k < rows[i].size(); ++k) {
        const std::vector<Config>& entry = expected[i].items()[k].items();
        EXPECT_EQ(rows[i][k].class_name, entry[0].as_string());
        EXPECT_EQ(rows[i][k].class_description, entry[1].as_string());
        EXPECT_EQ(rows[i][k].score, entry[2].as_real());
      }
    }
  }
}

TEST(DecodePredictions, ErrorsSayWhatIsWrong) {
  EXPECT_THAT(
      [] {
        imagenet_utils::decode_predictions(zeros({2, 10}));
      },
      ThrowsMessage<ValueError>(HasSubstr("(2, 10)")));
  EXPECT_THAT(
      [] {
        imagenet_utils::decode_predictions(zeros({2, 1000}), {.top = 0});
      },
      ThrowsMessage<ValueError>(HasSubstr("top")));
  for (const std::string& json : {class_index(999), std::string("[]"), std::string("{\"0\": 3}"), std::string("{")}) {
    EXPECT_THAT([&] { imagenet_utils::read_class_names(json, "index.json"); },
                ThrowsMessage<IOError>(AllOf(HasSubstr("index.json"), HasSubstr("Delete it"))));
  }
}

}  // namespace
}  // namespace keras
