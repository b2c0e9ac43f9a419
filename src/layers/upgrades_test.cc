// Configurations of Keras 1 and 2 against what they mean now: the conversions that Keras 2.2.4 made, one by one.
#include "layers/upgrades.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/models.h>

#include "layers/layer_state.h"
#include "layers/table.h"
#include "tests/support/keras2.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

Layer read(const std::string& class_name, const char* json) {
  return layers::deserialize(Config::map({{"class_name", class_name}, {"config", Config::from_json(json)}}));
}

struct Case {
  const char *class_name, *older, *now;
  std::size_t warnings;  // one for each argument in an older spelling
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.class_name; }

const Case kCases[] = {
    {"Dense",
     R"({"output_dim": 4, "init": "uniform", "W_regularizer": {"name": "WeightRegularizer", "l1": 0.0, "l2": 0.5},
         "b_regularizer": null, "W_constraint": {"name": "MaxNorm", "m": 2, "axis": 0}, "b_constraint": "nonneg",
         "bias": false, "weights": null, "input_dim": 3})",
     R"({"units": 4, "kernel_initializer": "uniform",
         "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}},
         "kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 2, "axis": 0}},
         "bias_constraint": "non_neg", "use_bias": false, "input_dim": 3})",
     8},
    {"Dropout", R"({"p": 0.25})", R"({"rate": 0.25})", 1},
    {"GaussianDropout", R"({"p": 0.25})", R"({"rate": 0.25})", 1},
    {"GaussianNoise", R"({"sigma": 0.25})", R"({"stddev": 0.25})", 1},
    {"SpatialDropout1D", R"({"p": 0.25})", R"({"rate": 0.25})", 1},
    {"SpatialDropout2D", R"({"p": 0.25, "dim_ordering": "th"})", R"({"rate": 0.25, "data_format": "channels_first"})",
     2},
    {"SpatialDropout3D", R"({"p": 0.25, "dim_ordering": "tf"})", R"({"rate": 0.25, "data_format": "channels_last"})",
     2},
    {"PReLU", R"({"init": "one", "weights": null})", R"({"alpha_initializer": "ones"})", 1},
    {"LeakyReLU", R"({"alpha": 0.5})", R"({"negative_slope": 0.5})", 1},
    {"Embedding",
     R"({"input_dim": 5, "output_dim": 2, "init": "normal", "input_length": 7, "W_regularizer": "l2",
         "W_constraint": "unitnorm", "dropout": 0.5})",
     R"({"input_dim": 5, "output_dim": 2, "embeddings_initializer": "normal", "embeddings_regularizer": "l2",
         "embeddings_constraint": "unit_norm"})",
     4},
    {"Convolution1D",
     R"({"nb_filter": 3, "filter_length": 2, "subsample_length": 2, "border_mode": "same", "init": "zero",
         "W_regularizer": "l1", "b_regularizer": "l2", "W_constraint": "maxnorm", "b_constraint": "nonneg",
         "bias": false, "input_dim": 4, "input_length": 9})",
     R"({"filters": 3, "kernel_size": 2, "strides": 2, "padding": "same", "kernel_initializer": "zeros",
         "kernel_regularizer": "l1", "bias_regularizer": "l2", "kernel_constraint": "max_norm",
         "bias_constraint": "non_neg", "use_bias": false, "input_shape": [9, 4]})",
     12},
    {"AtrousConvolution1D", R"({"nb_filter": 3, "filter_length": 2, "atrous_rate": 2})",
     R"({"filters": 3, "kernel_size": 2, "dilation_rate": 2})", 3},
    {"Convolution2D",
     R"({"nb_filter": 3, "nb_row": 2, "nb_col": 5, "subsample": [1, 2], "border_mode": "valid", "dim_ordering": "th"})",
     R"({"filters": 3, "kernel_size": [2, 5], "strides": [1, 2], "padding": "valid", "data_format": "channels_first"})",
     6},
    {"Convolution3D",
     R"({"nb_filter": 3, "kernel_dim1": 2, "kernel_dim2": 3, "kernel_dim3": 4, "dim_ordering": "default"})",
     R"({"filters": 3, "kernel_size": [2, 3, 4]})", 5},
    {"SeparableConvolution2D", R"({"nb_filter": 3, "nb_row": 2, "nb_col": 2, "init": "he_normal", "bias": false})",
     R"({"filters": 3, "kernel_size": 2, "depthwise_initializer": "he_normal", "pointwise_initializer": "he_normal",
         "use_bias": false})",
     5},
    {"Deconvolution2D", R"({"nb_filter": 3, "nb_row": 2, "nb_col": 2, "output_shape": [null, 4, 4, 3]})",
     R"({"filters": 3, "kernel_size": 2})", 4},
    {"MaxPooling1D", R"({"pool_length": 3, "stride": 2, "border_mode": "same"})",
     R"({"pool_size": 3, "strides": 2, "padding": "same"})", 3},
    {"AveragePooling2D", R"({"pool_size": [3, 2], "border_mode": "same", "dim_ordering": "th"})",
     R"({"pool_size": [3, 2], "padding": "same", "data_format": "channels_first"})", 2},
    {"MaxPooling3D", R"({"dim_ordering": "tf"})", R"({"data_format": "channels_last"})", 1},
    {"GlobalMaxPooling2D", R"({"dim_ordering": "th"})", R"({"data_format": "channels_first"})", 1},
    {"UpSampling2D", R"({"size": 3, "dim_ordering": "th"})", R"({"size": 3, "data_format": "channels_first"})", 1},
    {"ZeroPadding2D", R"({"padding": {"top_pad": 1, "right_pad": 3}, "dim_ordering": "tf"})",
     R"({"padding": [[1, 0], [0, 3]], "data_format": "channels_last"})", 2},
    {"BatchNormalization",
     R"({"epsilon": 1e-06, "mode": 0, "axis": -1, "momentum": 0.9, "weights": null, "beta_init": "zero",
         "gamma_init": "one"})",
     R"({"epsilon": 1e-06, "axis": -1, "momentum": 0.9})", 3},
    {"Concatenate", R"({"concat_axis": 1})", R"({"axis": 1})", 1},
    {"SimpleRNN", R"({"output_dim": 3, "init": "one", "inner_init": "identity", "dropout_U": 0.5, "input_dim": 4})",
     R"({"units": 3, "kernel_initializer": "ones", "recurrent_initializer": "identity", "recurrent_dropout": 0.5,
         "input_shape": [null, 4]})",
     5},
    {"GRU", R"({"output_dim": 3, "inner_activation": "tanh", "consume_less": "gpu", "W_regularizer": "l2"})",
     R"({"units": 3, "recurrent_activation": "tanh", "kernel_regularizer": "l2", "reset_after": false})", 4},
    {"LSTM",
     R"({"output_dim": 3, "forget_bias_init": "one", "U_regularizer": "l1", "b_regularizer": "l2", "dropout_W": 0.5})",
     R"({"units": 3, "recurrent_regularizer": "l1", "bias_regularizer": "l2", "dropout": 0.5})", 5},
    {"LSTM", R"({"units": 3, "implementation": 2, "time_major": false})", R"({"units": 3})", 0},
    {"ConvLSTM2D", R"({"nb_filter": 3, "nb_row": 2, "nb_col": 2, "border_mode": "same", "dim_ordering": "th",
                       "inner_activation": "tanh", "forget_bias_init": "one"})",
     R"({"filters": 3, "kernel_size": 2, "padding": "same", "data_format": "channels_first",
         "recurrent_activation": "tanh"})",
     7},
    {"Cropping2D", R"({"dim_ordering": "th"})", R"({"data_format": "channels_first"})", 1},
    {"UpSampling1D", R"({"length": 3})", R"({"size": 3})", 1},
    {"UpSampling3D", R"({"dim_ordering": "th"})", R"({"data_format": "channels_first"})", 1},
    {"ZeroPadding3D", R"({"padding": 2, "dim_ordering": "th"})", R"({"padding": 2, "data_format": "channels_first"})",
     1},
    {"LocallyConnected1D", R"({"nb_filter": 3, "filter_length": 2, "subsample_length": 2, "border_mode": "valid",
                               "input_dim": 4})",
     R"({"filters": 3, "kernel_size": 2, "strides": 2, "padding": "valid", "input_shape": [null, 4]})", 5},
    {"LocallyConnected2D", R"({"nb_filter": 3, "nb_row": 2, "nb_col": 1, "W_regularizer": "l2", "bias": false})",
     R"({"filters": 3, "kernel_size": [2, 1], "kernel_regularizer": "l2", "use_bias": false})", 5},
    {"InputLayer", R"({"batch_input_shape": [null, 3], "input_dtype": "float32"})",
     R"({"batch_shape": [null, 3], "dtype": "float32"})", 2},
};

class OlderSpellings : public ::testing::TestWithParam<Case> {};

TEST_P(OlderSpellings, MeanWhatTheyDidAndWarnOnce) {
  const Case& c = GetParam();
  const testing::Warnings warnings;
  const Layer older = read(c.class_name, c.older);
  EXPECT_THAT(warnings.texts, SizeIs(c.warnings)) << ::testing::PrintToString(warnings.texts);
  EXPECT_EQ(read(c.class_name, c.older).class_name(), older.class_name());
  EXPECT_THAT(warnings.texts, SizeIs(c.warnings)) << "the second time";
  const Layer now = read(c.class_name, c.now);
  EXPECT_THAT(warnings.texts, SizeIs(c.warnings)) << "today's spelling";
  EXPECT_EQ(older.get_config().set("name", "x"), now.get_config().set("name", "x"));
  const auto &input = older.body()->state().declared_input, &same = now.body()->state().declared_input;
  EXPECT_TRUE(std::string(c.class_name) == "Embedding" || input == same);
}

INSTANTIATE_TEST_SUITE_P(Layers, OlderSpellings, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.class_name + std::to_string(info.index); });

TEST(Upgrades, Recurrent) {
  const testing::Warnings warnings;
  Config config = Config::from_json(
      R"({"output_dim": 8, "init": "he_normal", "inner_init": "orthogonal", "forget_bias_init": "one",
          "activation": "tanh", "inner_activation": "hard_sigmoid", "W_regularizer": null, "U_regularizer": "l2",
          "b_regularizer": null, "dropout_W": 0.5, "dropout_U": 0.25, "consume_less": "mem", "input_dim": 5,
          "input_length": null, "return_sequences": true})");
  layers::upgrades::recurrent("LSTM", config);
  EXPECT_EQ(config, Config::from_json(
                        R"({"activation": "tanh", "return_sequences": true, "units": 8,
          "kernel_initializer": "he_normal", "recurrent_initializer": "orthogonal",
          "recurrent_activation": "hard_sigmoid", "kernel_regularizer": null, "recurrent_regularizer": "l2",
          "bias_regularizer": null, "dropout": 0.5, "recurrent_dropout": 0.25,
          "unit_forget_bias": true, "input_shape": [null, 5]})"))
      << config;
  EXPECT_THAT(warnings.texts, SizeIs(13));
  for (const char* less : {"cpu", "mem", "gpu"}) {
    Config c = Config::map({{"consume_less", less}});
    layers::upgrades::recurrent("GRU", c);
    EXPECT_EQ(c, Config::map({{"reset_after", false}}));
  }
  Config zero = Config::map({{"forget_bias_init", "zero"}}), wrong = Config::map({{"consume_less", "tpu"}}),
         twice = Config::map({{"output_dim", 3}, {"units", 4}});
  layers::upgrades::recurrent("LSTM", zero);
  EXPECT_EQ(zero, Config::map({{"unit_forget_bias", false}}));
  EXPECT_THAT([&] { layers::upgrades::recurrent("GRU", wrong); }, ThrowsMessage<ValueError>(HasSubstr("\"tpu\"")));
  EXPECT_THAT([&] { layers::upgrades::recurrent("GRU", twice); },
              ThrowsMessage<ValueError>(HasSubstr("two spellings")));
}

TEST(Upgrades, RecurrentDefaultsGoByTheVersion) {
  EXPECT_EQ(layers::LSTM(2).get_config().at("recurrent_activation"), Config("sigmoid"));
  EXPECT_EQ(layers::GRU(2).get_config().at("reset_after"), Config(true));
  const testing::Keras2 keras2;
  EXPECT_EQ(layers::LSTM(2).get_config().at("recurrent_activation"), Config("hard_sigmoid"));
  EXPECT_EQ(layers::GRU(2).get_config().at("recurrent_activation"), Config("hard_sigmoid"));
  EXPECT_EQ(layers::GRU(2).get_config().at("reset_after"), Config(false));
}

TEST(Upgrades, RecurrentConvolution) {
  const testing::Warnings warnings;
  Config config = Config::from_json(
      R"({"nb_filter": 4, "nb_row": 3, "nb_col": 2, "subsample": 2, "border_mode": "same", "dim_ordering": "th",
          "inner_activation": "sigmoid", "forget_bias_init": "one", "dropout_U": 0.5})");
  layers::upgrades::recurrent_convolution("ConvLSTM2D", config);
  EXPECT_EQ(config, Config::from_json(R"({"filters": 4, "strides": 2, "padding": "same",
          "data_format": "channels_first", "kernel_size": [3, 2], "recurrent_activation": "sigmoid",
          "recurrent_dropout": 0.5, "unit_forget_bias": true})"))
      << config;
}

TEST(Upgrades, WarningsNameBothSpellingsAndCanBeSilenced) {
  const testing::Warnings warnings;
  read("Dense", R"({"output_dim": 2})");
  read("Embedding", R"({"input_dim": 3, "output_dim": 2, "dropout": 0.5})");
  EXPECT_THAT(warnings.texts, ElementsAre("Dense: «output_dim» is the spelling of an older Keras. Say «units» instead.",
                                          HasSubstr("SpatialDropout1D behind the Embedding")));
  config::set_warning_handler({});
  read("Dropout", R"({"p": 0.5})");
  EXPECT_THAT(warnings.texts, SizeIs(2));
}

TEST(Upgrades, WhatKeras2WroteForTheFirstLayer) {
  const testing::Warnings warnings;
  const Layer dense = read("Dense", R"({"name": "dense_1", "trainable": true, "batch_input_shape": [null, 784],
      "dtype": "float32", "units": 10})");
  EXPECT_EQ(dense.body()->state().declared_input, Shape({None, 784}));
  const Sequential model({dense});
  EXPECT_EQ(model.input_shape(), Shape({None, 784}));
  const Layer embedding =
      read("Embedding", R"({"batch_input_shape": [4, 9], "input_dim": 3, "output_dim": 2, "input_length": 9})");
  EXPECT_EQ(embedding.body()->state().declared_input, Shape({4, 9}));
  EXPECT_THAT(warnings.texts, IsEmpty());
}

TEST(Upgrades, Errors) {
  const testing::Warnings warnings;
  EXPECT_THAT([] { read("BatchNormalization", R"({"mode": 1})"); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("mode=1"), HasSubstr("LayerNormalization"))));
  EXPECT_THAT([] { read("BatchNormalization", R"({"mode": 2})"); }, ThrowsMessage<ValueError>(HasSubstr("mode=2")));
  EXPECT_THAT([] { read("Convolution2D", R"({"nb_filter": 3, "nb_row": 2, "nb_col": 2, "dim_ordering": "nchw"})"); },
              ThrowsMessage<ValueError>(HasSubstr("\"nchw\"")));
  EXPECT_THAT([] { read("Convolution2D", R"({"nb_filter": 3, "nb_row": 2})"); },
              ThrowsMessage<ValueError>(HasSubstr("nb_row")));
  EXPECT_THAT([] { read("ZeroPadding2D", R"({"padding": {"topp_pad": 1}})"); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «top_pad»?")));
  EXPECT_THAT([] { read("Dense", R"({"output_dim": 2, "units": 2})"); },
              ThrowsMessage<ValueError>(HasSubstr("two spellings")));
  EXPECT_THAT([] { read("Dense", R"({"nb_units": 2})"); }, ThrowsMessage<ValueError>(HasSubstr("no argument")));
}

TEST(Upgrades, FitTakesNbEpoch) {
  const testing::Warnings warnings;
  const auto args = args_of<FitArgs>(Config::from_json(R"({"nb_epoch": 7, "batch_size": 40})"), "Model.fit");
  EXPECT_EQ(args.epochs, 7);
  EXPECT_EQ(args.batch_size, 40);
  EXPECT_THAT(warnings.texts, SizeIs(1));
}

}  // namespace
}  // namespace keras
