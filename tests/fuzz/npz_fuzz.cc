// Any bytes as a .npz or .npy file of NumPy's. What is read is written, and read again as the same.
#include <keras/array.h>
#include <keras/error.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "tests/fuzz/scratch.h"

namespace {

using keras::Array;

void require_same(const Array& a, const Array& b) {
  keras::testing::require(a.shape() == b.shape() && a.dtype() == b.dtype() && a.nbytes() == b.nbytes() &&
                          (a.nbytes() == 0 || std::memcmp(a.data(), b.data(), a.nbytes()) == 0));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const keras::testing::Scratch scratch;
  const std::string path = scratch.input(data, size);
  try {
    const Array array = keras::load_npy(path);
    keras::save_npy(scratch.output(), array);
    require_same(array, keras::load_npy(scratch.output()));
  } catch (const keras::Error&) {
  }
  try {
    const auto arrays = keras::load_npz(path);
    keras::save_npz(scratch.output(), {arrays.begin(), arrays.end()}, size % 2 == 0);
    const auto again = keras::load_npz(scratch.output());
    keras::testing::require(arrays.size() == again.size());
    for (const auto& [name, array] : arrays) require_same(array, again.at(name));
  } catch (const keras::Error&) {
  }
  return 0;
}
