#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/utils.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace keras {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr const char* kNobody = "http://127.0.0.1:9/some/f.txt?x=1";
constexpr const char* kMd5OfHello = "5d41402abc4b2a76b9719d911017c592";

class GetFile : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("no_proxy", "127.0.0.1", 1);
    fs::create_directories(home_ + "/datasets");
    ::setenv("KERAS_HOME", home_.c_str(), 1);
    std::ofstream(home_ + "/datasets/f.txt") << "hello";
  }
  void TearDown() override {
    ::unsetenv("KERAS_HOME");
    fs::remove_all(home_);
  }
  std::string home_ = ::testing::TempDir() + "keras_get_file_" + std::to_string(::getpid());
};

TEST_F(GetFile, TakesWhatIsThere) {
  const std::string path = home_ + "/datasets/f.txt";
  EXPECT_EQ(utils::get_file("f.txt", kNobody), path);
  EXPECT_EQ(utils::get_file("", kNobody), path);
  EXPECT_EQ(utils::get_file("f.txt", kNobody, {.md5_hash = kMd5OfHello, .hash_algorithm = "md5"}), path);
  EXPECT_EQ(utils::get_file("f.txt", kNobody, {.file_hash = "5D41402ABC4B2A76B9719D911017C592"}), path);
  EXPECT_EQ(utils::get_file("f.txt", kNobody,
                            {.file_hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}),
            path);
  ::unsetenv("KERAS_HOME");
  EXPECT_EQ(utils::get_file("f.txt", kNobody, {.cache_dir = home_}), path);
  EXPECT_EQ(utils::get_file("f.txt", kNobody, {.cache_subdir = home_ + "/datasets"}), path);
}

TEST_F(GetFile, AnotherFileIsNotTaken) {
  EXPECT_THAT([&] { utils::get_file("f.txt", kNobody, {.file_hash = std::string(32, '0')}); },
              ThrowsMessage<IOError>(AllOf(HasSubstr("127.0.0.1:9"), HasSubstr("f.txt» is there"))));
  EXPECT_THROW(utils::get_file("f.txt", kNobody, {.force_download = true}), IOError);
  EXPECT_THROW(utils::get_file("g.txt", kNobody, {.cache_subdir = "models"}), IOError);
  EXPECT_TRUE(fs::exists(home_ + "/datasets/f.txt"));
  EXPECT_TRUE(fs::is_empty(home_ + "/models"));
}

TEST_F(GetFile, WrongArgumentsAreNamed) {
  EXPECT_THAT([&] { utils::get_file("../f.txt", kNobody); }, ThrowsMessage<ValueError>(HasSubstr("../f.txt")));
  EXPECT_THAT([&] { utils::get_file("", "http://host"); }, ThrowsMessage<ValueError>(HasSubstr("http://host")));
  EXPECT_THAT([&] { utils::get_file("f.txt", kNobody, {.file_hash = kMd5OfHello, .hash_algorithm = "sha256"}); },
              ThrowsMessage<ValueError>(HasSubstr("32 digits")));
  EXPECT_THAT([&] { utils::get_file("f.txt", kNobody, {.hash_algorithm = "sha265"}); },
              ThrowsMessage<ValueError>(HasSubstr("«sha256»")));
}

}  // namespace
}  // namespace keras
