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

namespace keras {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string shipped(const std::string& name) {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  return std::string(root ? root : ".") + "/tests/data/png/" + name;
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
        utils::save_img("x.jpg", zeros({1, 1, 1}));
      },
      ThrowsMessage<ValueError>(AllOf(HasSubstr("x.jpg"), HasSubstr("\"jpg\""))));
  EXPECT_THAT([&] { utils::save_img("a.b/x", zeros({1, 1, 1})); }, ThrowsMessage<ValueError>(HasSubstr("\"\"")));
}

TEST_F(Pictures, WrongArgumentsAreNamed) {
  const std::string path = shipped("rgb.png");
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
    const Array img = utils::load_img(shipped(name + ".png"), {.color_mode = mode});
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
  EXPECT_THAT(
      [] {
        utils::load_img(shipped("grey_16.png"),
                        {.color_mode = "grayscale", .target_size = {4, 4}, .interpolation = "box"});
      },
      ThrowsMessage<NotImplementedError>(HasSubstr("16 bits")));
  // Cut anywhere, or with any byte changed: an error or a picture, nothing else.
  for (const std::string name : {"rgb.png", "palette_alpha.png", "grey_16.png"}) {
    std::ifstream file(shipped(name), std::ios::binary);
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
  // A header that claims 60,000 x 60,000 pixels, with its checksum.
  std::ofstream(path_, std::ios::binary) << std::string(
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xEA\x60\0\0\xEA\x60\x08\x06\0\0\0\x80\xD2\x75\x42\0\0\0\x01IDAT", 41);
  EXPECT_THAT([&] { utils::load_img(path_); }, ThrowsMessage<IOError>(HasSubstr("178,956,970")));
}

#else

TEST_F(Pictures, NeedLibpng) {
  EXPECT_THAT([] { utils::load_img(shipped("rgb.png")); }, ThrowsMessage<NotImplementedError>(HasSubstr("no libpng")));
  EXPECT_THAT(
      [&] {
        utils::save_img(path_, zeros({1, 1, 1}));
      },
      ThrowsMessage<NotImplementedError>(HasSubstr("no libpng")));
}

#endif

}  // namespace
}  // namespace keras
