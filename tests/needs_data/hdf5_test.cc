// The HDF5 files that people have published, by every Keras since 2015: each is read whole.
#include "support/hdf5.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/files.h"
#include "support/zip.h"
#include "tests/support/read_hdf5.h"

namespace keras {
namespace {

namespace fs = std::filesystem;
using support::hdf5::File;
using ::testing::IsEmpty;

std::string beginning(const fs::path& path) {
  std::string bytes(8, '\0');
  std::ifstream(path, std::ios::binary).read(bytes.data(), 8);
  return bytes;
}

TEST(PublishedModels, AreReadWhole) {
  std::size_t files = 0, archives = 0, objects = 0;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(std::getenv("KERAS_TEST_DATA")) / "models")) {
    if (!entry.is_regular_file()) continue;
    const std::string path = entry.path(), head = beginning(path);
    SCOPED_TRACE(path);
    if (support::hdf5::is_hdf5(head)) {
      ++files;
      const auto read = testing::read_everything(File(path));
      EXPECT_THAT(read.errors, IsEmpty());
      objects += read.objects;
    } else if (head.starts_with("PK")) {
      support::ZipReader zip(path);
      for (const auto& member : zip.entries()) {
        if (!member.name.ends_with(".h5")) continue;
        ++archives;
        const auto read = testing::read_everything(File::of(path + ":" + member.name, zip.read(member)));
        EXPECT_THAT(read.errors, IsEmpty());
        objects += read.objects;
      }
    }
  }
  EXPECT_GE(files, 300u);
  EXPECT_GE(archives, 10u);
  EXPECT_GE(objects, 4000u);
}

}  // namespace
}  // namespace keras
