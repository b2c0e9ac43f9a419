// A folder of its own for a test, which runs in it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace keras::testing {

class Folder {
 public:
  Folder() : before_(std::filesystem::current_path()) {
    std::string name = ::testing::TempDir() + "keras_test_XXXXXX";
    if (!::mkdtemp(name.data())) throw std::runtime_error("no folder for a test");
    path_ = name;
    std::filesystem::current_path(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::current_path(before_, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path before_, path_;
};

}  // namespace keras::testing
