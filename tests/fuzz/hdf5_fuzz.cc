// Any bytes as an HDF5 file: all of it is read, in every way, or an Error says why not. Each input is read a second
// time without regard to checksums, which hide most of what lies behind them.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "support/hdf5/checksum.h"
#include "tests/fuzz/scratch.h"
#include "tests/support/read_hdf5.h"

namespace {

using namespace keras::support::hdf5;
using keras::testing::require;

void attempt(auto&& f) try { f(); } catch (const keras::Error&) {
}

void read_as_each_kind(const Value& value) {
  if (value.count() > 1000) return;
  attempt([&] { require(static_cast<std::int64_t>(value.reals().size()) == value.count()); });
  attempt([&] { require(static_cast<std::int64_t>(value.ints().size()) == value.count()); });
  attempt([&] {
    const double real = value.real();
    require(std::isnan(real) || real == value.reals().at(0));
  });
  attempt([&] {
    const std::int64_t integer = value.integer();
    require(integer == value.ints().at(0));
  });
  attempt([&] {
    const std::string text = value.string();
    require(text == value.strings().at(0));
  });
  attempt([&] { require(value.bytes().size() == value.byte_size()); });
  require(!value.null() || value.count() == 0);
}

// The ways that name an object, and what has no such name. Damaged names may lead elsewhere.
void find_everything(const File& file) {
  const auto look = [&](const Object& object) {
    int left = 20;
    for (const std::string& name : object.attributes()) {
      if (--left < 0) return;
      attempt([&] { read_as_each_kind(object.attribute(name)); });
      require(object.has_attribute(name));
    }
    static_cast<void>(object.find_attribute("no such"));
  };
  const auto group = [&](const Group& at) {
    attempt([&] { look(at); });
    attempt([&] { require(at.count() == at.names().size()); });
    attempt([&] { static_cast<void>(at.has("none/of/them") || at.has_dataset("../a") || file.has(at.path())); });
    attempt([&] { static_cast<void>(file.group(at.path())); });
    attempt([&] { static_cast<void>(at.dataset("a")); });
  };
  const auto dataset = [&](const Dataset& at) {
    attempt([&] { look(at); });
    attempt([&] { static_cast<void>(file.dataset(at.path())); });
    attempt([&] { static_cast<void>(file.group(at.path())); });
    read_as_each_kind(at);
  };
  file.walk({group, dataset});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const bool check : {true, false}) {
    checksums_matter = check;
    attempt([&] { keras::testing::read_everything(File("input", bytes)); });
    attempt([&] { find_everything(File::of("input", std::string(bytes))); });
  }
  return 0;
}
