// Runs a fuzzer's harness over the files and folders given, where there is no libFuzzer: a crash or a sanitizer's
// report is a failure, and so is an input that takes longer than its time.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

bool run(const fs::path& path) {
  constexpr std::chrono::seconds kMost(20);
  std::ifstream file(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const auto start = std::chrono::steady_clock::now();
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (std::chrono::steady_clock::now() - start < kMost) return true;
  std::printf("%s took too long\n", path.c_str());
  return false;
}

}  // namespace

int main(int count, char** paths) {
  std::size_t inputs = 0, slow = 0;
  for (int i = 1; i < count; ++i) {
    if (!fs::exists(paths[i])) {
      std::printf("%s does not exist\n", paths[i]);
      return 1;
    }
    if (fs::is_regular_file(paths[i])) {
      ++inputs, slow += !run(paths[i]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(paths[i])) {
      if (entry.is_regular_file()) ++inputs, slow += !run(entry.path());
    }
  }
  std::printf("%zu inputs, %zu of them too slow\n", inputs, slow);
  return slow == 0 && inputs > 0 ? 0 : 1;
}
