#include "support/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "support/md5.h"
#include "support/sha256.h"

namespace keras::support {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "keras_files_" + std::to_string(::getpid());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }
  std::string at(const std::string& name) const { return folder_ + "/" + name; }
  std::size_t count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  std::string folder_;
};

TEST_F(Files, WritesAndReads) {
  const std::string bytes("a\0b\n", 4);
  write_file(at("f"), bytes);
  EXPECT_EQ(read_file(at("f")), bytes);
  EXPECT_EQ(MappedFile(at("f")).bytes(), bytes);
  write_file(at("f"), "");
  EXPECT_EQ(read_file(at("f")), "");
  EXPECT_EQ(MappedFile(at("f")).bytes(), "");
  const std::string large(300000, 'x');
  write_file(at("f"), large);
  EXPECT_EQ(read_file(at("f")), large);
  EXPECT_THAT([&] { read_file(at("f"), 1000); }, ThrowsMessage<IOError>(HasSubstr("1000")));
  EXPECT_EQ(read_file("/dev/null"), "");
  EXPECT_EQ(count(), 1u);
}

TEST_F(Files, AFailureLeavesTheOldFile) {
  write_file(at("f"), "old");
  {
    AtomicFile file(at("f"));
    file.write("new");
    EXPECT_EQ(count(), 2u);
  }
  EXPECT_EQ(read_file(at("f")), "old");
  EXPECT_EQ(count(), 1u);
}

TEST_F(Files, KeepsModeAndLinks) {
  write_file(at("f"), "old");
  ::chmod(at("f").c_str(), 0640);
  fs::create_symlink("f", at("link"));
  write_file(at("link"), "new");
  EXPECT_TRUE(fs::is_symlink(at("link")));
  EXPECT_EQ(read_file(at("f")), "new");
  EXPECT_EQ(fs::status(at("f")).permissions(), static_cast<fs::perms>(0640));
}

TEST_F(Files, ErrorsSayWhatTheSystemSays) {
  EXPECT_THAT([&] { read_file(at("none")); },
              ThrowsMessage<IOError>(AllOf(HasSubstr(at("none")), HasSubstr("No such file or directory"))));
  EXPECT_THAT([&] { read_file(folder_); }, ThrowsMessage<IOError>(HasSubstr("Is a directory")));
  EXPECT_THAT([&] { MappedFile{folder_}; }, ThrowsMessage<IOError>(HasSubstr("Is a directory")));
  EXPECT_THAT([&] { write_file(folder_, ""); }, ThrowsMessage<IOError>(HasSubstr("Is a directory")));
  EXPECT_THAT([&] { write_file(at("no/f"), ""); }, ThrowsMessage<IOError>(HasSubstr("does not exist")));
  EXPECT_THROW(write_file("", ""), IOError);
  if (::geteuid() != 0) {
    fs::permissions(folder_, fs::perms::owner_read | fs::perms::owner_exec);
    EXPECT_THAT([&] { write_file(at("f"), ""); }, ThrowsMessage<IOError>(HasSubstr("Permission denied")));
  }
}

TEST_F(Files, AFullDiskIsAnError) {
  if (!file_exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  EXPECT_THAT([] { write_file("/dev/full", "text"); }, ThrowsMessage<IOError>(HasSubstr("No space left on device")));
}

TEST_F(Files, MakesFolders) {
  make_folders(at("a/b/c"));
  make_folders(at("a/b/c"));
  EXPECT_TRUE(fs::is_directory(at("a/b/c")));
  write_file(at("f"), "");
  EXPECT_THROW(make_folders(at("f/d")), IOError);
}

TEST(Contents, AreNamed) {
  EXPECT_EQ(describe_contents(""), "an empty file");
  EXPECT_EQ(describe_contents("\x89HDF\r\n\x1a\n"), "an HDF5 file");
  EXPECT_EQ(describe_contents("PK\x03\x04…"), "a zip archive");
  EXPECT_EQ(describe_contents("  <!DOCTYPE html><html>"), "an HTML page");
  EXPECT_EQ(describe_contents("1,2,3\n"), "text beginning with «1,2,3\\x0a»");
  EXPECT_EQ(describe_contents(std::string("\x01\x02", 2)), "data beginning with «\\x01\\x02»");
}

TEST(Md5, OfTheStandardsExamples) {
  const auto digest = [](std::string_view text) {
    Md5 md5;
    md5.add(text.substr(0, 7));
    md5.add(text.substr(std::min<std::size_t>(7, text.size())));
    return md5.hex();
  };
  EXPECT_EQ(digest(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(digest("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(digest("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Sha256, OfTheStandardsExamples) {
  const auto hash = [](std::string_view text) {
    Sha256 sha;
    sha.add(text);
    return sha.hex();
  };
  EXPECT_EQ(hash(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  Sha256 sha;
  for (int i = 0; i < 1000; ++i) sha.add(std::string(1000, 'a'));
  EXPECT_EQ(sha.hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace
}  // namespace keras::support
