// What ZeroPadding2D and UpSampling2D take and refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>

#include "layers/table.h"

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string padding_of(const Layer& layer) { return layer.get_config().at("padding").to_json(); }
Layer read(const std::string& padding) {
  return layers::from_config(
      Config::from_json(R"({"class_name": "ZeroPadding2D", "config": {"padding": )" + padding + "}}"));
}

TEST(ZeroPadding2D, WaysToSayIt) {
  EXPECT_EQ(padding_of(layers::ZeroPadding2D()), "[[1, 1], [1, 1]]");
  EXPECT_EQ(padding_of(layers::ZeroPadding2D(3)), "[[3, 3], [3, 3]]");
  EXPECT_EQ(padding_of(layers::ZeroPadding2D({1, 2})), "[[1, 1], [2, 2]]");
  EXPECT_EQ(padding_of(layers::ZeroPadding2D({{1, 2}, {3, 4}})), "[[1, 2], [3, 4]]");
  EXPECT_EQ(padding_of(layers::ZeroPadding2D({.padding = {{1, 2}, {3, 4}}})), "[[1, 2], [3, 4]]");
  for (const char* same :
       {"[[1, 2], [3, 3]]", "[[1, 2], 3]", R"({"top_pad": 1, "bottom_pad": 2, "left_pad": 3, "right_pad": 3})",
        R"({"class_name": "__tuple__", "items": [[1, 2], [3, 3]]})"}) {
    EXPECT_EQ(padding_of(read(same)), "[[1, 2], [3, 3]]") << same;
  }
  EXPECT_EQ(padding_of(read("2")), "[[2, 2], [2, 2]]");
}

TEST(ZeroPadding2D, Refuses) {
  EXPECT_THAT([] { layers::ZeroPadding2D({{0, -1}, {0, 0}}); }, ThrowsMessage<ValueError>(HasSubstr("((0, -1), ")));
  EXPECT_THAT([] { layers::ZeroPadding2D(2, {.padding = 2}); }, ThrowsMessage<ValueError>(HasSubstr("given twice")));
  EXPECT_THAT([] { read("[1, 2, 3]"); }, ThrowsMessage<ValueError>(HasSubstr("(top, bottom)")));
  EXPECT_THAT([] { layers::ZeroPadding2D()(zeros({2, 3})); }, ThrowsMessage<ValueError>(HasSubstr("rank 4")));
}

TEST(UpSampling2D, RefusesAndKeepsUnknownSizes) {
  EXPECT_THAT([] { layers::UpSampling2D(2, {.interpolation = "billinear"}); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «bilinear»?")));
  EXPECT_THAT([] { layers::UpSampling2D({2, 0}); }, ThrowsMessage<ValueError>(HasSubstr("size")));
  for (const char* interpolation : {"nearest", "bilinear"}) {
    const Layer layer = layers::UpSampling2D({2, 3}, {.interpolation = interpolation});
    EXPECT_EQ(layer.compute_output_shape({None, None, 4, 3}).str(), "(None, None, 12, 3)");
    EXPECT_EQ(layer.compute_output_shape({None, 4, None, None}).str(), "(None, 8, None, None)");
  }
}

}  // namespace
}  // namespace keras
