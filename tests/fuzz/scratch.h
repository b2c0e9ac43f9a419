// Files of a harness, for readers that take no bytes but a path: in memory where the system has a folder for that.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace keras::testing {

class Scratch {
 public:
  Scratch() {
    namespace fs = std::filesystem;
    std::string name =
        (fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path()) / "fuzz-XXXXXX";
    if (!::mkdtemp(name.data())) std::abort();
    folder_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string input(const std::uint8_t* data, std::size_t size) const {
    std::ofstream(folder_ / "input", std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    return folder_ / "input";
  }
  std::string output() const { return folder_ / "output"; }

 private:
  std::filesystem::path folder_;
};

// What must hold of whatever was read, in every build.
inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace keras::testing
