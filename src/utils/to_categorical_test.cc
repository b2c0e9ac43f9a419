#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/utils.h>

namespace keras {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(ToCategorical, MakesOneHotRows) {
  const Array y(std::vector<std::int32_t>{0, 2, 1});
  const Array rows = utils::to_categorical(y);
  EXPECT_EQ(rows.dtype(), DType::float32);
  EXPECT_THAT(rows.values<float>(), ElementsAre(1, 0, 0, 0, 0, 1, 0, 1, 0));
  EXPECT_EQ(utils::to_categorical(y, 5).shape(), Shape({3, 5}));
  EXPECT_EQ(utils::to_categorical(y.astype("uint8"), 3, DType::int8).dtype(), DType::int8);
  EXPECT_TRUE(identical(utils::to_categorical(y.astype("float32")), rows));
  EXPECT_TRUE(identical(np_utils::to_categorical(y, 3), utils::np_utils::to_categorical(y, 3)));
}

TEST(ToCategorical,
     ShapesAreThoseOfKeras) {  // keras.utils.to_categorical(numpy.zeros(shape, int), 4).shape, Keras 3.15
  const auto shape = [](const Shape& s) { return utils::to_categorical(Array(s, DType::int32), 4).shape(); };
  EXPECT_EQ(shape({}), Shape({4}));
  EXPECT_EQ(shape({1}), Shape({1, 4}));
  EXPECT_EQ(shape({3, 1}), Shape({3, 4}));
  EXPECT_EQ(shape({2, 3}), Shape({2, 3, 4}));
  EXPECT_EQ(shape({2, 3, 1}), Shape({2, 3, 4}));
  EXPECT_EQ(shape({1, 1}), Shape({1, 4}));
  EXPECT_EQ(shape({0}), Shape({0, 4}));
}

TEST(ToCategorical, ErrorsNameTheLabel) {
  const Array y(std::vector<std::int64_t>{0, 10, 3});
  EXPECT_THAT([&] { utils::to_categorical(y, 10); },
              ThrowsMessage<ValueError>(HasSubstr("label 10 (at position 1) is not in [0, 10)")));
  EXPECT_THAT(
      [] {
        utils::to_categorical(Array(std::vector<int>{-1, 2}));
      },
      ThrowsMessage<ValueError>(HasSubstr("label -1")));
  EXPECT_THAT([] { utils::to_categorical(Array({0.5, 1})); }, ThrowsMessage<ValueError>(HasSubstr("0.5")));
  EXPECT_THROW(utils::to_categorical(y, 0), ValueError);
  EXPECT_THROW(utils::to_categorical(Array()), ValueError);
  EXPECT_THROW(utils::to_categorical(Array({1e300})), ValueError);
}

}  // namespace
}  // namespace keras
