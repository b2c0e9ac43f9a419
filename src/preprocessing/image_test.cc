// Errors of pictures, and pictures written; what Keras makes of the same is in golden_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/preprocessing.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/keras2.h"

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string shipped(const std::string& name) {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  return std::string(root ? root : ".") + "/tests/data/" + name;
}

class Pictures : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  std::string path_ = ::testing::TempDir() + "keras_picture_" + std::to_string(::getpid()) + ".png";
};

TEST_F(Pictures, ToArrays) {
  const Array img({2, 3, 4}, DType::uint8);
  EXPECT_EQ(utils::img_to_array(img).shape(), Shape({2, 3, 4}));
  EXPECT_EQ(utils::img_to_array(img).dtype(), DType::float32);
  EXPECT_EQ(utils::img_to_array(img, {.data_format = "channels_first", .dtype = DType::float64}).shape(),
            Shape({4, 2, 3}));
  EXPECT_EQ(utils::img_to_array(Array({2, 3}, DType::uint8)).shape(), Shape({2, 3, 1}));
  EXPECT_EQ(preprocessing::image::img_to_array(Array({2, 3}, DType::uint8), {.data_format = "channels_first"}).shape(),
            Shape({1, 2, 3}));
  EXPECT_THAT([&] { utils::img_to_array(zeros({2, 3, 4, 5})); }, ThrowsMessage<ValueError>(HasSubstr("(2, 3, 4, 5)")));
  EXPECT_THAT([&] { utils::img_to_array(img, {.data_format = "channel_last"}); },
              ThrowsMessage<ValueError>(HasSubstr("«channels_last»")));
}

TEST_F(Pictures, FromArraysAreChecked) {
  EXPECT_THAT(
      [] {
        utils::array_to_img(zeros({1, 2, 3, 4}));
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("(1, 2, 3, 4)"), HasSubstr("batch[i]"))));
  EXPECT_THAT([] { utils::array_to_img(zeros({4, 4, 2})); }, ThrowsMessage<ValueError>(HasSubstr("received 2")));
  EXPECT_EQ(utils::array_to_img(full({1, 1, 1}, 7), {.scale = false}).item(), 7);
  EXPECT_EQ(utils::array_to_img(full({1, 1, 1}, 7)).item(), 0);  // all alike
  EXPECT_THAT(
      [&] {
        utils::save_img("x.gif", zeros({1, 1, 1}));
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("x.gif"), HasSubstr("\"gif\""))));
  EXPECT_THAT(
      [&] {
        utils::save_img("x.jpg", zeros({1, 1, 1}), {.quality = 0});
      },
      ThrowsMessage<ValueError>(HasSubstr("received 0")));
  EXPECT_THAT(
      [&] {
        utils::save_img("x.jpg", full({1, 1, 1}, 256), {.scale = false});
      },
      ThrowsMessage<ValueError>(HasSubstr("write PNG")));
  EXPECT_THAT([&] { utils::save_img("a.b/x", zeros({1, 1, 1})); }, ThrowsMessage<ValueError>(HasSubstr("\"\"")));
}

TEST_F(Pictures, WrongArgumentsAreNamed) {
  const std::string path = shipped("png/rgb.png");
  EXPECT_THAT([&] { utils::load_img(path, {.color_mode = "greyscale"}); },
              ThrowsMessage<ValueError>(AllOf(HasSubstr("\"greyscale\""), HasSubstr("«grayscale»"))));
  EXPECT_THAT([&] { utils::load_img(path, {.interpolation = "neares"}); },
              ThrowsMessage<ValueError>(HasSubstr("«nearest»")));
  EXPECT_THAT([&] { utils::load_img(path, {.target_size = {0, 5}}); }, ThrowsMessage<ValueError>(HasSubstr("(0, 5)")));
}

#ifdef KERAS_WITH_PNG

TEST_F(Pictures, ComeBackAsWritten) {
  for (const std::string name : {"rgb", "rgba", "grey"}) {
    const std::string mode = name == "grey" ? "grayscale" : name;
    const Array img = utils::load_img(shipped("png/" + name + ".png"), {.color_mode = mode});
    utils::save_img(path_, img, {.scale = false});
    EXPECT_TRUE(identical(utils::load_img(path_, {.color_mode = mode}), img)) << name;
    const Array first = utils::img_to_array(img, {.data_format = "channels_first"});
    utils::save_img(path_, first, {.data_format = "channels_first", .scale = false});
    EXPECT_TRUE(identical(utils::load_img(path_, {.color_mode = mode}), img)) << name;
  }
  EXPECT_THAT([] { utils::save_img("none/x.png", zeros({1, 1, 1})); }, ThrowsMessage<IOError>(HasSubstr("none/x.png")));
  EXPECT_THROW(utils::save_img(path_, zeros({0, 1, 1})), ValueError);
}

TEST_F(Pictures, DamagedFilesGiveErrors) {
  EXPECT_THAT([] { utils::load_img("none/none.png"); }, ThrowsMessage<IOError>(HasSubstr("none/none.png")));
  std::ofstream(path_) << "<html>not found</html>";
  EXPECT_THAT([&] { utils::load_img(path_); }, ThrowsMessage<IOError>(AllOf(HasSubstr(path_), HasSubstr("HTML"))));
  // Cut anywhere, or with any byte changed: an error or a picture, nothing else.
  for (const std::string name : {"rgb.png", "palette_alpha.png", "grey_16.png", "rgb_interlaced.png"}) {
    std::ifstream file(shipped("png/" + name), std::ios::binary);
    const std::string whole(std::istreambuf_iterator<char>(file), {});
    int errors = 0;
    const auto load = [&](const std::string& bytes) {
      std::ofstream(path_, std::ios::binary) << bytes;
      try {
        utils::load_img(path_);
      } catch (const IOError&) {
        ++errors;
      }
    };
    for (std::size_t end = 0; end + 12 < whole.size(); end += 3) load(whole.substr(0, end));
    EXPECT_EQ(errors, (static_cast<int>(whole.size()) - 12 + 2) / 3) << name;
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0x41);
      load(changed);
    }
  }
  // A header of a few bytes that claims 60,000 x 60,000 pixels, with its checksum.
  std::ofstream(path_, std::ios::binary) << std::string(
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xEA\x60\0\0\xEA\x60\x08\x06\0\0\0\x80\xD2\x75\x42\0\0\0\x01IDAT", 41);
  EXPECT_THAT([&] { utils::load_img(path_); }, ThrowsMessage<IOError>(HasSubstr("178,956,970")));
}

TEST_F(Pictures, SixteenBitsAreWritten) {
  const Array deep = Array({{0., 255.4, 256.}, {65535., 70000., -5.}}).reshape({2, 3, 1});
  utils::save_img(path_, deep, {.scale = false});
  const Array back = utils::load_img(path_, {.color_mode = "grayscale"});
  EXPECT_TRUE(identical(back, Array({{0, 255, 256}, {65535, 65535, 0}}).reshape({2, 3, 1}).astype(DType::uint16)));
}

#else

TEST_F(Pictures, NeedLibpng) {
  EXPECT_THAT([] { utils::load_img(shipped("png/rgb.png")); },
              ThrowsMessage<NotImplementedError>(HasSubstr("no libpng")));
  EXPECT_THAT(
      [&] {
        utils::save_img(path_, zeros({1, 1, 1}));
      },
      ThrowsMessage<NotImplementedError>(HasSubstr("no libpng")));
}

#endif

#ifdef KERAS_WITH_JPEG

TEST_F(Pictures, JpegComesBackNearly) {
  Array smooth({24, 32, 3}, DType::uint8);
  auto values = smooth.mutable_values<std::uint8_t>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(40 + i / 96 * 3 + i % 96);
  for (const std::string mode : {"rgb", "grayscale"}) {
    const Array img = mode == "rgb" ? smooth : smooth.reshape({24, 96, 1});
    utils::save_img(path_, img, {.file_format = "jpg", .scale = false, .quality = 95});
    const Array back = utils::load_img(path_, {.color_mode = mode});
    ASSERT_EQ(back.shape(), img.shape());
    const auto a = img.values<std::uint8_t>(), b = back.values<std::uint8_t>();
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 6) << mode << " " << i;
  }
  const testing::Warnings warnings;
  utils::save_img(path_, Array({8, 8, 4}, DType::uint8), {.file_format = "JPEG"});
  EXPECT_THAT(warnings.texts, ElementsAre(HasSubstr("no alpha")));
  EXPECT_EQ(utils::load_img(path_).shape(), Shape({8, 8, 3}));
}

TEST_F(Pictures, DamagedJpegGivesErrors) {
  for (const std::string name : {"rgb.jpg", "progressive.jpg", "cmyk.jpg", "restarts.jpg"}) {
    std::ifstream file(shipped("jpeg/" + name), std::ios::binary);
    const std::string whole(std::istreambuf_iterator<char>(file), {});
    ASSERT_GT(whole.size(), 100u);
    ::testing::internal::CaptureStderr();
    int errors = 0, loads = 0;
    const auto load = [&](const std::string& bytes) {
      std::ofstream(path_, std::ios::binary) << bytes;
      try {
        ++loads, utils::load_img(path_);
      } catch (const IOError& error) {
        EXPECT_THAT(error.what(), HasSubstr(path_));
        ++errors;
      }
    };
    for (std::size_t end = 0; end + 40 < whole.size(); end += 3) load(whole.substr(0, end));
    EXPECT_EQ(errors, loads) << name;
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 0x41);
      load(changed);
    }
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "") << name;
  }
  // Headers that claim 50,000 x 50,000 and 10,000 x 10,000 pixels in a few hundred bytes.
  std::ifstream file(shipped("jpeg/rgb.jpg"), std::ios::binary);
  std::string claims(std::istreambuf_iterator<char>(file), {});
  const std::size_t frame = claims.find("\xff\xc0");
  claims.replace(frame + 5, 4, "\xc3\x50\xc3\x50");
  std::ofstream(path_, std::ios::binary) << claims;
  EXPECT_THAT([&] { utils::load_img(path_); }, ThrowsMessage<IOError>(HasSubstr("178,956,970")));
  claims.replace(frame + 5, 4, "\x27\x10\x27\x10");
  std::ofstream(path_, std::ios::binary) << claims;
  EXPECT_THAT([&] { utils::load_img(path_); }, ThrowsMessage<IOError>(HasSubstr("ends before")));
}

#else

TEST_F(Pictures, NeedLibjpeg) {
  EXPECT_THAT([] { utils::load_img(shipped("jpeg/rgb.jpg")); },
              ThrowsMessage<NotImplementedError>(HasSubstr("no libjpeg")));
}

#endif

}  // namespace
}  // namespace keras
