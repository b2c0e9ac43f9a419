// Sizes at the ends of the range: an error of the op, never an overflow.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/ops.h>

namespace keras::ops {
namespace {

constexpr std::int64_t kMost = INT64_MAX, kLeast = INT64_MIN;

TEST(Sizes, OfWindows) {
  const Tensor x(Array(Shape{1, 5, 3})), kernel(Array(Shape{2, 3, 3}));
  for (const char* padding : {"valid", "same", "causal"}) {
    EXPECT_THROW(conv(x, kernel, {.strides = {kMost}, .padding = padding}), ValueError);
    EXPECT_THROW(conv(x, kernel, {.padding = padding, .dilation_rate = {kMost}}), ValueError);
    EXPECT_THROW(conv(x, kernel, {.padding = padding, .dilation_rate = {kLeast}}), ValueError);
    EXPECT_NO_THROW(conv(x, kernel, {.strides = {Dim::kMost}, .padding = padding}));
    EXPECT_THROW(conv_transpose(x, kernel, {.strides = {kMost}, .padding = padding}), ValueError);
    EXPECT_THROW(conv_transpose(x, kernel, {.strides = {Dim::kMost}, .padding = padding}), ValueError);
    EXPECT_THROW(max_pool(x, {kMost}, {.padding = padding}), ValueError);
    EXPECT_THROW(average_pool(x, {2}, {.strides = {kMost}, .padding = padding}), ValueError);
  }
  EXPECT_THROW(conv_transpose(x, kernel, {}, {kMost}), ValueError);
  EXPECT_EQ(conv(x, kernel, {.strides = {3}, .padding = "same"}).shape(), Shape({1, 2, 3}));
  EXPECT_EQ(conv(x, kernel, {.strides = {7}, .padding = "same"}).shape(), Shape({1, 1, 3}));
}

TEST(Sizes, OfPartsAndRepetitions) {
  const Tensor x(Array(Shape{5, 3}));
  for (const std::int64_t end : {kMost, kLeast}) {
    EXPECT_THROW(slice(x, {end, 0}, {-1, 3}), ValueError);
    EXPECT_THROW(slice(x, {1, 0}, {end, 3}), ValueError);
    EXPECT_THROW(repeat(x, end, 0), ValueError);
    EXPECT_THROW(tile(x, {end, end}), ValueError);
    EXPECT_THROW(pad(x, {{end, 0}, {0, 0}}), ValueError);
    EXPECT_THROW(pad(x, {{1, end}, {0, 0}}), ValueError);
    EXPECT_THROW(reshape(x, {end, end}), ValueError);
    EXPECT_EQ(strided_slice(x, {0, 0}, {end, kMost}, {1, 1}).shape(), Shape({end == kMost ? 5 : 0, 3}));
  }
  EXPECT_EQ(strided_slice(x, {1}, {kMost}, {kMost}).shape(), Shape({1, 3}));
  EXPECT_EQ(strided_slice(x, {kMost}, {kLeast}, {kLeast}).shape(), Shape({1, 3}));
  EXPECT_EQ(strided_slice(x, {1}, {kMost}, {9}).shape(), Shape({1, 3}));
}

TEST(Sizes, OfPictures) {
  const Tensor x(Array(Shape{1, 5, 4, 3}));
  for (const char* interpolation : {"nearest", "bilinear", "lanczos3"}) {
    EXPECT_THROW(resize(x, {kMost, 4}, {.interpolation = interpolation}), ValueError);
    EXPECT_THROW(resize(x, {1'000'000'000'001, 4}, {.interpolation = interpolation}), ValueError);
    EXPECT_EQ(resize(x, {5001, 4}, {.interpolation = interpolation}).shape(), Shape({1, 5001, 4, 3}));
  }
}

TEST(Sizes, OfRanges) {
  EXPECT_THROW(arange(kLeast, kMost, 1), ValueError);
  EXPECT_THROW(arange(kMost, kLeast, -1), ValueError);
  EXPECT_EQ(arange(kLeast, kMost, kMost).shape(), Shape({3}));
  EXPECT_EQ(arange(kMost, kLeast, kLeast).shape(), Shape({2}));
  EXPECT_EQ(arange(0, kMost, kMost).shape(), Shape({1}));
  EXPECT_EQ(arange(kMost, 0, 5).shape(), Shape({0}));
  EXPECT_EQ(arange(1, 8, 3).shape(), Shape({3}));
  EXPECT_EQ(arange(8, 1, -3).shape(), Shape({3}));
  EXPECT_THROW(eye(kMost), ValueError);
  EXPECT_THROW(one_hot(Tensor(Array(std::vector<std::int32_t>{1})), kMost), ValueError);
}

}  // namespace
}  // namespace keras::ops
