// What convolution layers refuse, and what older versions of Keras wrote of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>

#include "layers/table.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Layer read(const char* json) { return layers::from_config(Config::from_json(json)); }

TEST(Convolutional, RefusesArguments) {
  const auto refuses = [](auto make, const char* why) {
    EXPECT_THAT(make, ThrowsMessage<ValueError>(HasSubstr(why))) << why;
  };
  refuses([] { layers::Conv2D(0, 3); }, "Conv2D: filters must be a positive number");
  refuses([] { layers::Conv2D(4, {3, 0}); }, "Conv2D: kernel_size must be a positive number");
  refuses([] { layers::Conv2D(4, 3, {.strides = 0}); }, "strides");
  refuses([] { layers::Conv2D(4, 3, {.padding = "sane"}); }, "Did you mean «same»?");
  refuses([] { layers::Conv2D(4, 3, {.data_format = "channels_fist"}); }, "Did you mean «channels_first»?");
  refuses([] { layers::Conv2D(4, 3, {.strides = 2, .dilation_rate = {1, 2}}); }, "dilation_rate=(1, 2)");
  refuses([] { layers::Conv2D(4, 3, {.groups = 3}); }, "filters=4, groups=3");
  refuses([] { layers::Conv2D(4, 3, {.kernel_size = 3}); }, "kernel_size is given twice");
  refuses([] { layers::Conv2D(4, 3, {.filters = 4}); }, "filters is given twice");
  refuses([] { layers::Conv2DTranspose(4, 3, {.strides = 2, .output_padding = {1, 2}}); }, "output_padding=(1, 2)");
  refuses([] { layers::DepthwiseConv2D(3, {.depth_multiplier = 0}); }, "depth_multiplier");
  refuses([] { layers::DepthwiseConv2D(3, {.kernel_size = 3}); }, "given twice");
  refuses([] { layers::SeparableConv2D(4, 3, {.filters = 4}); }, "given twice");
  EXPECT_EQ(layers::Conv2D(4, 3, {.padding = "SAME"}).get_config().at("padding").as_string(), "same");
}

TEST(Convolutional, RefusesInputs) {
  const auto build = [](const Shape& input, Conv2DArgs args = {}) {
    layers::Conv2D(2, 3, std::move(args)).build(input);
  };
  EXPECT_THAT(
      [&] {
        build({None, 5, 5, None});
      },
      ThrowsMessage<ValueError>(
          AllOf(HasSubstr("Conv2D \"conv2d"), HasSubstr("axis -1"), HasSubstr("shape=(None, 5, 5, None)"))));
  EXPECT_THAT(
      [&] {
        build({None, 5, 5});
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("rank 4"), HasSubstr("reshape"))));
  EXPECT_THAT([&] { build({None, 5, 5, 5, 2}); }, ThrowsMessage<ValueError>(HasSubstr("rank 4, the batch included")));
  EXPECT_THAT(
      [&] {
        build({None, 5, 5, 3}, {.groups = 2});
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("3 channels"), HasSubstr("groups=2"))));
  const Layer conv = layers::Conv2D(2, 3, {.data_format = "channels_first"});
  conv.build({None, 3, 5, 5});
  EXPECT_THAT(
      [&] {
        conv(zeros({1, 2, 5, 5}));
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("axis 1"), HasSubstr("to be 3"))));
  EXPECT_THAT(
      [] {
        layers::Conv2D(2, 3)(zeros({1, 2, 5, 1}));
      },
      ThrowsMessage<ValueError>(HasSubstr("Conv2D \"conv2d")));  // the window does not fit
}

TEST(LocallyConnected, Refuses) {
  const auto refuses = [](auto make, const char* why) {
    EXPECT_THAT(make, ThrowsMessage<ValueError>(HasSubstr(why))) << why;
  };
  EXPECT_THAT([] { layers::LocallyConnected1D(2, 3, {.padding = "same"}); },
              ThrowsMessage<NotImplementedError>(AllOf(HasSubstr("padding=\"same\""), HasSubstr("ZeroPadding1D"))));
  EXPECT_THAT([] { layers::LocallyConnected2D(2, 3, {.implementation = 2}); },
              ThrowsMessage<NotImplementedError>(HasSubstr("implementation=2")));
  refuses([] { layers::LocallyConnected1D(2, 3, {.padding = "vald"}); }, "Did you mean «valid»?");
  refuses([] { layers::LocallyConnected1D(0, 3); }, "LocallyConnected1D: filters must be a positive number");
  refuses([] { layers::LocallyConnected2D(2, 3, {.kernel_size = 3}); }, "kernel_size is given twice");
  refuses([] { layers::LocallyConnected2D(2, 3).build({None, None, 5, 1}); }, "shape=(None, None, 5, 1)");
  refuses([] { layers::LocallyConnected2D(2, {3, 6}).build({None, 5, 5, 1}); }, "kernel_size=(3, 6)");
  refuses([] { layers::LocallyConnected1D(2, 3).build({None, 5, None}); }, "axis -1");
  const Layer local = layers::LocallyConnected1D(2, 3);
  local.build({None, 5, 1});
  refuses([&] { local(zeros({1, 6, 1})); }, "inputs of (5,) elements");
  refuses([&] { local(zeros({1, 5, 2})); }, "the last axis of the input to be 1");
  EXPECT_EQ(local.compute_output_shape({None, 5, 1}).str(), "(None, 3, 2)");
  EXPECT_EQ(read(R"({"class_name": "LocallyConnected1D", "config": {"nb_filter": 2, "filter_length": 3,
      "subsample_length": 2, "border_mode": "valid", "bias": false}})")
                .get_config()
                .at("strides")
                .to_json(),
            "[2]");
}

TEST(Convolutional, UnknownSizes) {
  const Layer conv = layers::Conv2D(4, {3, 2}, {.strides = 2, .padding = "same"});
  EXPECT_EQ(conv.compute_output_shape({None, None, None, 3}).str(), "(None, None, None, 4)");
  EXPECT_EQ(conv.compute_output_shape({None, 9, None, 3}).str(), "(None, 5, None, 4)");
  EXPECT_EQ(Array(conv(zeros({2, 9, 8, 3}))).shape().str(), "(2, 5, 4, 4)");
}

TEST(Convolutional, ReadsWhatOldKerasWrote) {
  const Layer conv = read(R"({"class_name": "Convolution2D", "config": {"name": "c", "nb_filter": 5, "nb_row": 3,
      "nb_col": 2, "init": "he_normal", "border_mode": "same", "subsample": [2, 1], "dim_ordering": "th",
      "W_regularizer": null, "b_constraint": null, "bias": false}})");
  const Config config = conv.get_config();
  EXPECT_EQ(conv.class_name(), "Conv2D");
  EXPECT_EQ(config.at("filters").as_int(), 5);
  EXPECT_EQ(config.at("kernel_size").to_json(), "[3, 2]");
  EXPECT_EQ(config.at("strides").to_json(), "[2, 1]");
  EXPECT_EQ(config.at("padding").as_string(), "same");
  EXPECT_EQ(config.at("data_format").as_string(), "channels_first");
  EXPECT_FALSE(config.at("use_bias").as_bool());
  EXPECT_EQ(read(R"({"class_name": "Deconvolution2D", "config": {"nb_filter": 5, "nb_row": 3, "nb_col": 3,
      "output_shape": [null, 3, 14, 14], "dim_ordering": "tf"}})")
                .get_config()
                .at("data_format")
                .as_string(),
            "channels_last");
}

// tf.keras writes what a class has from the class it is derived from.
TEST(Convolutional, ReadsWhatTfKerasWrote) {
  EXPECT_EQ(read(R"({"class_name": "DepthwiseConv2D", "config": {"kernel_size": [3, 3], "strides": [2, 2],
      "padding": "valid", "groups": 1, "depth_multiplier": 1, "depthwise_initializer": "glorot_uniform"}})")
                .class_name(),
            "DepthwiseConv2D");
  EXPECT_EQ(read(R"({"class_name": "SeparableConv2D", "config": {"filters": 4, "kernel_size": [3, 3], "groups": 1,
      "depth_multiplier": 1, "kernel_initializer": "glorot_uniform", "kernel_regularizer": null,
      "kernel_constraint": null, "pointwise_initializer": "glorot_uniform"}})")
                .class_name(),
            "SeparableConv2D");
  EXPECT_EQ(read(R"({"class_name": "Conv2DTranspose", "config": {"filters": 4, "kernel_size": [3, 3], "groups": 1,
      "output_padding": null}})")
                .class_name(),
            "Conv2DTranspose");
}

TEST(Convolutional, InitialWeights) {
  const Layer conv = layers::Conv2D(1, 2, {.weights = {ones({2, 2, 1, 1}), Array({0.5})}});
  EXPECT_TRUE(identical(Array(conv(ones({1, 2, 2, 1}))), Array(Tensor(ones({1, 1, 1, 1})) * 4.5)));
}

TEST(Convolutional, ALayerAsActivation) {
  const Layer conv = layers::Conv2D(2, 1, {.activation = layers::Activation("relu"), .use_bias = false});
  conv.build({None, 3, 3, 1});
  EXPECT_EQ(conv.body()->layers().size(), 1u);
}

}  // namespace
}  // namespace keras
