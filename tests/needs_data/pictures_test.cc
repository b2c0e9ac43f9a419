// Real photographs against what Keras and Pillow make of them.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/preprocessing.h>

#include <cstdlib>

#include "tests/support/golden.h"

namespace keras {
namespace {

#if defined(KERAS_WITH_PNG) && defined(KERAS_WITH_JPEG)
TEST(RealPictures, AreThoseOfPillow) {
  const testing::Golden golden("pictures");
  ASSERT_FALSE(golden.cases().empty());
  for (const Config& c : golden.cases()) {
    const std::string name = c.at("name").as_string(), file = c.at("file").as_string();
    SCOPED_TRACE(name);
    const std::string path = std::string(std::getenv("KERAS_TEST_DATA")) + "/pictures/" + file;
    if (c.contains("error")) {
      EXPECT_THROW(utils::load_img(path), IOError);
      continue;
    }
    const Array whole = utils::load_img(path);
    Shape shape;
    read_config(c.at("shape"), shape);
    EXPECT_EQ(whole.shape(), shape);
    double sum = 0;
    for (const std::uint8_t value : whole.values<std::uint8_t>()) sum += value;
    EXPECT_NEAR(sum / static_cast<double>(whole.size()), c.at("mean").as_real(), 0.05);
    for (const std::string filter : {"nearest", "bicubic"}) {
      const Array expected = golden.array(name + "/" + filter);
      const Array img = utils::load_img(path, {.target_size = {20, 24}, .interpolation = filter});
      ASSERT_EQ(img.shape(), expected.shape());
      const auto a = img.values<std::uint8_t>(), b = expected.values<std::uint8_t>();
      // Other versions of libjpeg-turbo round colours differently by one.
      for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], file.ends_with(".png") ? 0 : 1) << filter << i;
    }
  }
}
#endif

}  // namespace
}  // namespace keras
