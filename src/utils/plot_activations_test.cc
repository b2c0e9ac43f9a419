#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layers.h>
#include <keras/ops.h>
#include <keras/preprocessing.h>
#include <keras/utils.h>
#include <unistd.h>

#include <filesystem>

#include "utils/canvas.h"

namespace keras {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class PlotActivations : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
#ifdef KERAS_WITH_PNG
  std::string path_ = ::testing::TempDir() + "keras_activations_" + std::to_string(::getpid()) + ".png";
#else
  std::string path_;  // nothing is written
#endif
};

Array ramp(const Shape& shape) {
  return arange(0, static_cast<double>(shape.elements())).astype(DType::float32).reshape(shape);
}

TEST_F(PlotActivations, ReturnsWhatTheLayersGive) {
  const Sequential model({layers::Conv2D(5, 3, {.activation = "relu", .name = "conv", .input_shape = Shape{9, 8, 2}}),
                          layers::MaxPooling2D(2, {.name = "pool"}), layers::Flatten({.name = "flat"}),
                          layers::Dense(2)});
  const Array x = Array(ops::sin(ramp({3, 9, 8, 2})));
  const NamedArrays all = utils::plot_activations(model, x, {.to_file = "", .sample = 1});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].first, "conv");
  EXPECT_EQ(all[1].first, "pool");
  EXPECT_EQ(all[1].second.shape(), Shape({1, 3, 3, 5}));
  const Array expected = Array(model.get_layer("conv")(x.slice(1, 2)));
  EXPECT_TRUE(identical(all[0].second, expected));
  // The sample alone is as good as a batch of it.
  const NamedArrays one = utils::plot_activations(model, x[1], {.layers = {"pool"}, .to_file = path_});
  ASSERT_EQ(one.size(), 1u);
  EXPECT_TRUE(identical(one[0].second, all[1].second));
  EXPECT_EQ(std::filesystem::exists(path_), !path_.empty());
}

TEST_F(PlotActivations, OfFunctionalModels) {
  const Tensor a = Input({4, 4, 1}, {.name = "a"}), b = Input({4, 4, 1}, {.name = "b"});
  const Layer shared = layers::Activation("relu", {.name = "shared"});
  const Tensor sum = layers::Add({.name = "sum"})({shared(a), shared(b)});
  const Model model({a, b}, layers::GlobalAveragePooling2D()(sum), {.name = "m"});
  const Array x = full({2, 4, 4, 1}, -1), y = ramp({2, 4, 4, 1});
  const NamedArrays all = utils::plot_activations(model, {{"a", x}, {"b", y}}, {.to_file = path_, .sample = 1});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(identical(all[0].second, zeros({1, 4, 4, 1})));
  EXPECT_TRUE(identical(all[1].second, y.slice(1)));
}

#ifdef KERAS_WITH_PNG
TEST_F(PlotActivations, DrawsTiles) {
  const Sequential model({layers::Activation("linear", {.name = "as_is", .input_shape = Shape{2, 2, 3}})});
  // Left dark and right light; the same everywhere; up light and down dark.
  const Array x = Array({0., 5., 9., 1., 5., 9., 0., 5., 3., 1., 5., 3.}).reshape({2, 2, 3});
  utils::plot_activations(model, x, {.to_file = path_, .columns = 2, .tile = 6, .cmap = "gray"});
  const Array img = utils::load_img(path_, {.color_mode = "grayscale"});
  // Margins of 8, a caption of 16 and 8 below it, two rows of tiles of 6 with a gap of 2; as wide as the caption.
  EXPECT_EQ(img.shape(), Shape({8 + 16 + 8 + 6 + 2 + 6 + 8, 8 + 12 * 15 + 8, 1}));
  const auto at = [&](std::int64_t y, std::int64_t x) { return img.at({32 + y, 8 + x, 0}); };
  EXPECT_EQ(at(0, 2), 64);
  EXPECT_EQ(at(5, 3), 192);
  EXPECT_EQ(at(3, 7), 255);  // a gap
  EXPECT_EQ(at(3, 8), 0);
  EXPECT_EQ(at(8, 0), 192);
  EXPECT_EQ(at(13, 5), 64);
  EXPECT_EQ(at(13, 8), 255);  // no fourth tile
  double ink = 0;
  for (std::int64_t y = 8; y < 24; ++y) {
    for (std::int64_t x = 8; x < 188; ++x) ink += img.at({y, x, 0}) == 0;
  }
  EXPECT_GT(ink, 300);
}
#endif

TEST_F(PlotActivations, ColoursAreThoseOfViridis) {
  EXPECT_NEAR(utils::viridis(0)[2], 84, 2);  // #440154
  EXPECT_NEAR(utils::viridis(0)[0], 68, 3);
  EXPECT_NEAR(utils::viridis(128)[1], 145, 2);  // #21918c
  EXPECT_NEAR(utils::viridis(255)[0], 253, 3);  // #fde725
  EXPECT_NEAR(utils::viridis(255)[1], 231, 3);
}

TEST_F(PlotActivations, ErrorsSayWhatThereIs) {
  const Sequential model({layers::Flatten({.name = "flat", .input_shape = Shape{2, 2, 1}}), layers::Dense(1)});
  const Array x = zeros({1, 2, 2, 1});
  EXPECT_THAT([&] { utils::plot_activations(model, x); }, ThrowsMessage<ValueError>(HasSubstr("no layer")));
  EXPECT_THAT([&] { utils::plot_activations(model, x, {.layers = {"flat"}}); },
              ThrowsMessage<ValueError>(HasSubstr("(None, 4)")));
  EXPECT_THAT([&] { utils::plot_activations(model, x, {.layers = {"flatt"}}); },
              ThrowsMessage<ValueError>(HasSubstr("«flat»")));
  EXPECT_THAT([&] { utils::plot_activations(model, x, {.columns = 0}); },
              ThrowsMessage<ValueError>(HasSubstr("columns")));
  EXPECT_THAT([&] { utils::plot_activations(model, x, {.cmap = "viridi"}); },
              ThrowsMessage<ValueError>(HasSubstr("«viridis»")));
  const Sequential conv({layers::Conv2D(1, 1, {.name = "c", .input_shape = Shape{2, 2, 1}})});
  EXPECT_THAT([&] { utils::plot_activations(conv, x, {.sample = 1}); },
              ThrowsMessage<ValueError>(HasSubstr("sample 1")));
  EXPECT_THAT([&] { utils::plot_activations(conv, {x, x}); }, ThrowsMessage<ValueError>(HasSubstr("received 2")));
  EXPECT_THAT([&] { utils::plot_activations(Sequential({layers::Dense(1)}), x); },
              ThrowsMessage<ValueError>(HasSubstr("knows its input")));
}

}  // namespace
}  // namespace keras
