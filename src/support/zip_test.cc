#include "support/zip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <keras/error.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/files.h"

namespace keras::support {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class Zip : public ::testing::Test {
 protected:
  std::string path_ = ::testing::TempDir() + "keras_zip_" + std::to_string(::getpid()) + ".zip";
  void TearDown() override { std::filesystem::remove(path_); }
  void write_two() const {
    const std::string body(5000, 'b');
    ZipWriter zip(path_);
    zip.add("a", "head");
    zip.add("folder/b", "head ", body, true);
    zip.commit();
  }
};

TEST_F(Zip, RoundTrips) {
  write_two();
  ZipReader zip(path_);
  ASSERT_EQ(zip.entries().size(), 2u);
  EXPECT_EQ(zip.read(zip.entries()[0]), "head");
  ASSERT_NE(zip.find("folder/b"), nullptr);
  EXPECT_EQ(zip.find("none"), nullptr);
  EXPECT_EQ(zip.read(*zip.find("folder/b")), "head " + std::string(5000, 'b'));
  EXPECT_THAT([&] { zip.read(*zip.find("folder/b"), 100); }, ThrowsMessage<IOError>(HasSubstr("at most 100")));
}

// libzip's tables are of such sizes; what lay in that memory before must not matter.
TEST_F(Zip, EntriesMayHaveNoHead) {
  const std::string body(300, 'b');
  std::vector<std::string> dirty;
  for (std::size_t size = 16; size < 256; size += 8) dirty.emplace_back(size, '\xff');
  ZipWriter zip(path_);
  zip.add("a", {}, body);
  zip.add("b", {}, body, true);
  zip.add("c", {});
  dirty.clear();
  zip.commit();
  ZipReader back(path_);
  for (const char* name : {"a", "b"}) EXPECT_EQ(back.read(*back.find(name)), body);
  EXPECT_EQ(back.read(*back.find("c")), "");
}

TEST_F(Zip, TheSameContentsGiveTheSameBytes) {
  write_two();
  const std::string first = read_file(path_);
  write_two();
  EXPECT_EQ(read_file(path_), first);
}

TEST_F(Zip, MayBeEmpty) {
  ZipWriter(path_).commit();
  EXPECT_TRUE(ZipReader(path_).entries().empty());
}

TEST_F(Zip, RefusesNames) {
  ZipWriter zip(path_);
  zip.add("a", "");
  EXPECT_THROW(zip.add("a", ""), ValueError);
  EXPECT_THROW(zip.add("", ""), ValueError);
  EXPECT_THROW(zip.add(std::string("a\0b", 3), ""), ValueError);
}

TEST_F(Zip, SaysWhatTheFileIs) {
  write_file(path_, "\x89HDF\r\n\x1a\n rest");
  EXPECT_THAT([&] { ZipReader{path_}; }, ThrowsMessage<IOError>(HasSubstr("it is an HDF5 file")));
  EXPECT_THAT([] { ZipReader{"/none.zip"}; }, ThrowsMessage<IOError>(HasSubstr("No such file")));
  EXPECT_THAT([] { ZipWriter("/none/a.zip").commit(); }, ThrowsMessage<IOError>(HasSubstr("does not exist")));
}

// As an archive of another program may have them: the writer refuses them, so they are put into its bytes.
TEST_F(Zip, RefusesNamesThatLeadOutOfTheFolder) {
  for (const std::string name : {"../x.y", "a/../x", "/a/b/c", "\\a\\b", "..\\x.y", "a\\..\\x", "C:\\x.y", "C:/x.y"}) {
    ZipWriter zip(path_);
    EXPECT_THAT([&] { zip.add(name, ""); }, ThrowsMessage<ValueError>(HasSubstr("leads out of the folder")));
    const std::string stand_in(name.size(), 'n');
    zip.add(stand_in, "head");
    zip.commit();
    std::string bytes = read_file(path_);
    for (std::size_t at = 0; (at = bytes.find(stand_in, at)) != std::string::npos;)
      bytes.replace(at, name.size(), name);
    write_file(path_, bytes);
    EXPECT_THAT([&] { ZipReader{path_}; },
                ThrowsMessage<IOError>(AllOf(HasSubstr(path_), HasSubstr("leads out of the folder"))));
  }
  ZipWriter zip(path_);
  for (const char* name : {"..a", "a..", "a/..b/c", "W:0.npy", "layers\\dense", "."}) zip.add(name, "");
  zip.commit();
  EXPECT_EQ(ZipReader(path_).entries().size(), 6u);
}

TEST_F(Zip, RefusesBombs) {
  const std::string zeros(8 << 20, '\0');
  ZipWriter zip(path_);
  zip.add("zeros", "", zeros, true);
  zip.commit();
  std::string bytes = read_file(path_);
  ASSERT_LT(bytes.size(), 16u << 10);
  EXPECT_EQ(ZipReader(path_).entries()[0].size, zeros.size());
  EXPECT_THAT(
      [&] {
        ZipReader reader(path_);
        reader.read(reader.entries()[0], 1 << 20);
      },
      ThrowsMessage<IOError>(HasSubstr("at most 1048576")));
  const std::size_t directory = bytes.find("PK\x01\x02"), packed = 20, size = 24;
  std::string claims = bytes;  // more than deflate can pack into so few bytes
  claims.replace(directory + size, 4, "\0\0\0\x7f", 4);
  write_file(path_, claims);
  EXPECT_THAT([&] { ZipReader{path_}; }, ThrowsMessage<IOError>(HasSubstr("claims 2130706432 bytes")));
  claims.replace(directory + packed, 4, "\0\0\0\x7f", 4);  // or more than the file has
  write_file(path_, claims);
  EXPECT_THAT([&] { ZipReader{path_}; }, ThrowsMessage<IOError>(HasSubstr("packed into 2130706432")));
  bytes.replace(directory + size, 4, "\x01\0\0\0", 4);  // or less than there is
  write_file(path_, bytes);
  EXPECT_THROW(
      {
        ZipReader reader(path_);
        reader.read(reader.entries()[0]);
      },
      IOError);
}

// Damage in any byte, or an end at any place, gives the contents, other contents of the sizes promised, or an IOError.
TEST_F(Zip, SurvivesDamage) {
  write_two();
  const std::string whole = read_file(path_);
  std::size_t refused = 0;
  const auto try_reading = [&](const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    try {
      ZipReader zip(path_);
      for (const auto& entry : zip.entries()) EXPECT_EQ(zip.read(entry, 1 << 20).size(), entry.size);
    } catch (const IOError&) {
      ++refused;
    }
  };
  for (std::size_t end = 0; end < whole.size(); ++end) try_reading(whole.substr(0, end));
  EXPECT_EQ(refused, whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ flip);
      try_reading(bytes);
    }
  }
}

}  // namespace
}  // namespace keras::support
