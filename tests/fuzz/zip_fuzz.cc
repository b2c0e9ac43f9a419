// Any bytes as a zip archive: its entries, whole and in pieces, and the same entries again from an archive that was
// written of them.
#include <keras/error.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/zip.h"
#include "tests/fuzz/scratch.h"

namespace {

using keras::support::ZipReader;
using keras::testing::require;

constexpr std::size_t kMost = 1 << 22;  // of an entry

std::string in_pieces(ZipReader& zip, const ZipReader::Entry& entry) {
  ZipReader::Stream stream(zip, entry);
  std::string bytes;
  char piece[1000];
  while (const std::size_t got = stream.read(piece, sizeof piece)) {
    bytes.append(piece, got);
    if (bytes.size() > stream.size()) break;  // more than it claims: read() says so
  }
  return bytes;
}

// An entry of any name is written, and found under it.
void write_named(const std::string& path, const std::string& name) try {
  keras::support::ZipWriter writer(path);
  writer.add(name, "head", " and body");
  writer.commit();
  ZipReader zip(path);
  require(zip.find(name) != nullptr && zip.read(*zip.find(name)) == "head and body");
} catch (const keras::Error&) {
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const keras::testing::Scratch scratch;
  try {
    ZipReader zip(scratch.input(data, size));
    std::vector<std::pair<std::string, std::string>> sound;
    for (const auto& entry : zip.entries()) {
      require(zip.find(entry.name) != nullptr);
      try {
        std::string bytes = zip.read(entry, kMost);
        require(bytes.size() == entry.size && bytes == in_pieces(zip, entry));
        sound.emplace_back(entry.name, std::move(bytes));
      } catch (const keras::Error&) {
      }
    }
    keras::support::ZipWriter writer(scratch.output());
    for (std::size_t i = 0; i < sound.size(); ++i) writer.add(sound[i].first, {}, sound[i].second, i % 2 == 0);
    writer.commit();
    ZipReader again(scratch.output());
    require(again.entries().size() == sound.size());
    for (const auto& [name, bytes] : sound) {
      require(again.find(name) != nullptr && again.read(*again.find(name)) == bytes);
    }
  } catch (const keras::Error&) {
  }
  write_named(scratch.output(), std::string(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 40)));
  return 0;
}
