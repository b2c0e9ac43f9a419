// Any bytes as an HDF5 file: all of it is read, or an Error says why not. Each input is read a second time without
// regard to checksums, which hide most of what lies behind them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "support/hdf5/checksum.h"
#include "tests/support/read_hdf5.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace keras::support::hdf5;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const bool check : {true, false}) {
    checksums_matter = check;
    try {
      keras::testing::read_everything(File("input", bytes));
    } catch (const keras::Error&) {
    }
  }
  return 0;
}
