// What pooling layers take and refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string sizes_of(const Layer& layer) {
  const Config config = layer.get_config();
  return config.at("pool_size").to_json() + config.at("strides").to_json();
}

TEST(Pooling, WaysToSayTheSize) {
  EXPECT_EQ(sizes_of(layers::MaxPooling2D()), "[2, 2][2, 2]");
  EXPECT_EQ(sizes_of(layers::MaxPooling2D(3)), "[3, 3][3, 3]");
  EXPECT_EQ(sizes_of(layers::MaxPooling2D({3, 4})), "[3, 4][3, 4]");
  EXPECT_EQ(sizes_of(layers::MaxPooling2D({3, 4}, {.strides = 1})), "[3, 4][1, 1]");
  EXPECT_EQ(sizes_of(layers::MaxPooling2D({.strides = {1, 2}})), "[2, 2][1, 2]");
  EXPECT_EQ(sizes_of(layers::AveragePooling2D({.pool_size = {3, 4}, .padding = "same"})), "[3, 4][3, 4]");
}

TEST(Pooling, Refuses) {
  EXPECT_THAT([] { layers::MaxPooling2D(3, {.pool_size = 3}); }, ThrowsMessage<ValueError>(HasSubstr("given twice")));
  EXPECT_THAT(
      [] {
        layers::MaxPooling2D({.strides = {1, 0}});
      },
      ThrowsMessage<ValueError>(HasSubstr("MaxPooling2D: strides must be a positive number")));
  EXPECT_THAT([] { layers::AveragePooling2D(2, {.padding = "causal"}); },
              ThrowsMessage<ValueError>(HasSubstr("AveragePooling2D: padding must be one of valid, same")));
  EXPECT_THAT(
      [] {
        layers::GlobalAveragePooling2D()(zeros({2, 3, 4}));
      },
      ThrowsMessage<ValueError>(HasSubstr("rank 4")));
}

TEST(Pooling, UnknownSizes) {
  EXPECT_EQ(layers::MaxPooling2D().compute_output_shape({None, None, 7, 3}).str(), "(None, None, 3, 3)");
  EXPECT_EQ(layers::GlobalMaxPooling2D().compute_output_shape({None, None, None, 3}).str(), "(None, 3)");
}

}  // namespace
}  // namespace keras
