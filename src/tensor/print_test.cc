#include <gtest/gtest.h>
#include <keras/array.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace keras {
namespace {

std::string folder() {
  const char* root = std::getenv("KERAS_TEST_ROOT");
  return std::string(root ? root : ".") + "/tests/data/print/";
}

TEST(Print, IsThatOfNumpy) {  // recorded by tools/recorder/npy_samples.py
  const auto arrays = load_npz(folder() + "arrays.npz");
  std::ifstream file(folder() + "expected.txt");
  std::map<std::string, std::string> expected;
  std::string name;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("== ")) {
      name = line.substr(3);
    } else {
      expected[name] += (expected[name].empty() ? "" : "\n") + line;
    }
  }
  ASSERT_EQ(expected.size(), arrays.size());
  ASSERT_GT(arrays.size(), 100u);
  for (const auto& [key, array] : arrays) {
    EXPECT_EQ(array.str(), expected[key]) << key << ", dtype " << array.dtype().name();
  }
}

TEST(Print, GoesToStreams) {
  std::ostringstream out;
  out << Array({{0.5, 2}, {-1, 0}});
  EXPECT_EQ(out.str(), "[[ 0.5  2. ]\n [-1.   0. ]]");
}

}  // namespace
}  // namespace keras
