// What ZeroPadding, Cropping and UpSampling take and refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>

#include "layers/table.h"

namespace keras {
namespace {

using ::testing::AllOf;
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

TEST(Borders, OfOneAndThreeAxes) {
  EXPECT_EQ(padding_of(layers::ZeroPadding1D()), "[1, 1]");
  EXPECT_EQ(padding_of(layers::ZeroPadding1D({2, 3})), "[2, 3]");
  EXPECT_EQ(padding_of(layers::ZeroPadding3D({1, 2, 3})), "[[1, 1], [2, 2], [3, 3]]");
  EXPECT_EQ(padding_of(layers::ZeroPadding3D({{1, 2}, {3, 4}, {5, 6}})), "[[1, 2], [3, 4], [5, 6]]");
  const auto cropping_of = [](const Layer& layer) { return layer.get_config().at("cropping").to_json(); };
  EXPECT_EQ(cropping_of(layers::Cropping1D()), "[1, 1]");
  EXPECT_EQ(cropping_of(layers::Cropping2D()), "[[0, 0], [0, 0]]");
  EXPECT_EQ(cropping_of(layers::Cropping3D()), "[[1, 1], [1, 1], [1, 1]]");
  EXPECT_EQ(cropping_of(layers::Cropping2D({1, 2})), "[[1, 1], [2, 2]]");
  const auto one = [](const std::string& class_name, const std::string& config) {
    return layers::from_config(
        Config::from_json(R"({"class_name": ")" + class_name + R"(", "config": )" + config + "}"));
  };
  EXPECT_EQ(padding_of(one("ZeroPadding1D", R"({"padding": {"left_pad": 1, "right_pad": 2}})")), "[1, 2]");
  EXPECT_EQ(padding_of(one("ZeroPadding1D", R"({"padding": 2})")), "[2, 2]");
  EXPECT_EQ(padding_of(one("ZeroPadding3D", R"({"padding": [1, [2, 3], 4]})")), "[[1, 1], [2, 3], [4, 4]]");
  EXPECT_EQ(one("UpSampling1D", R"({"length": 3})").get_config().at("size").to_json(), "3");
  EXPECT_THAT([&] { one("ZeroPadding1D", R"({"padding": [1, 2, 3]})"); },
              ThrowsMessage<ValueError>(HasSubstr("a number or (first, last)")));
  EXPECT_THAT([&] { one("Cropping3D", R"({"cropping": [1, 2]})"); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("Cropping3D"), HasSubstr("three pairs"), HasSubstr("[1, 2]"))));
}

TEST(Cropping, Refuses) {
  EXPECT_THAT(
      [] {
        layers::Cropping1D({-1, 0});
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("Cropping1D: cropping"), HasSubstr("(-1, 0)"))));
  EXPECT_THAT([] { layers::Cropping2D(1, {.cropping = 1}); }, ThrowsMessage<ValueError>(HasSubstr("given twice")));
  EXPECT_THAT(
      [] {
        layers::Cropping2D({{1, 2}, {0, 0}})(zeros({2, 3, 4, 1}));
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("nothing would be left of axis 1, of size 3"),
                                      HasSubstr("((1, 2), (0, 0))"), HasSubstr("(2, 3, 4, 1)"))));
  EXPECT_THAT([] { layers::Cropping3D()(zeros({2, 3, 4, 1})); }, ThrowsMessage<ValueError>(HasSubstr("rank 5")));
  EXPECT_EQ(layers::Cropping2D(1).compute_output_shape({None, None, 5, 3}).str(), "(None, None, 3, 3)");
  EXPECT_EQ(layers::Cropping1D().compute_output_shape({None, 5, None}).str(), "(None, 3, None)");
}

TEST(UpSampling2D, RefusesAndKeepsUnknownSizes) {
  EXPECT_THAT([] { layers::UpSampling2D(2, {.interpolation = "billinear"}); },
              ThrowsMessage<ValueError>(HasSubstr("Did you mean «bilinear»?")));
  EXPECT_THAT([] { layers::UpSampling2D({2, 0}); }, ThrowsMessage<ValueError>(HasSubstr("size")));
  EXPECT_THAT([] { layers::UpSampling1D(0); }, ThrowsMessage<ValueError>(HasSubstr("UpSampling1D: size")));
  EXPECT_THAT([] { layers::UpSampling3D(2, {.size = 3}); }, ThrowsMessage<ValueError>(HasSubstr("given twice")));
  EXPECT_EQ(layers::UpSampling3D({1, 2, 3}).compute_output_shape({None, None, 4, 5, 3}).str(),
            "(None, None, 8, 15, 3)");
  for (const char* interpolation : {"nearest", "bilinear"}) {
    const Layer layer = layers::UpSampling2D({2, 3}, {.interpolation = interpolation});
    EXPECT_EQ(layer.compute_output_shape({None, None, 4, 3}).str(), "(None, None, 12, 3)");
    EXPECT_EQ(layer.compute_output_shape({None, 4, None, None}).str(), "(None, 8, None, None)");
  }
}

}  // namespace
}  // namespace keras
