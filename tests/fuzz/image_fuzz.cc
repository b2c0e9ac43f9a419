// Any bytes as a PNG or JPEG image. A PNG is read a second time with its checksums set right, which hide most of what
// lies behind them; what was read is written and read again, as PNG the same, as JPEG of the same size.
#include <keras/error.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "preprocessing/jpeg.h"
#include "preprocessing/picture.h"
#include "preprocessing/png.h"
#include "tests/fuzz/scratch.h"

namespace {

using namespace keras::preprocessing;

constexpr std::size_t kMost = 1 << 20;  // that are written

// Chunks: length, name, contents, CRC-32 of name and contents.
std::string with_right_checksums(std::string bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  constexpr std::size_t kSignature = 8, kAround = 12;
  for (std::size_t at = kSignature; at + kAround <= bytes.size();) {
    const std::size_t length = std::size_t{byte(at)} << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
    if (length > bytes.size() - at - kAround) break;
    const auto* named = reinterpret_cast<const unsigned char*>(bytes.data()) + at + 4;
    const auto sum = crc32(0, named, static_cast<unsigned>(length + 4));
    at += length + kAround;
    for (std::size_t i = 0; i < 4; ++i) bytes[at - 1 - i] = static_cast<char>(sum >> (8 * i));
  }
  return bytes;
}

void read(std::string_view bytes) try {
  const Picture picture = decode_picture(bytes, "input");
  const auto row = static_cast<std::size_t>(picture.width * picture.channels * (picture.wide ? 2 : 1));
  keras::testing::require(picture.bytes.size() == row * static_cast<std::size_t>(picture.height));
  if (picture.bytes.size() > kMost) return;
  const Picture again = decode_picture(encode_png(picture, "output"), "output");
  keras::testing::require(again.height == picture.height && again.width == picture.width &&
                          again.channels == picture.channels && again.wide == picture.wide &&
                          again.bytes == picture.bytes);
  if (picture.wide || picture.channels % 2 == 0) return;
  const Picture nearly = decode_picture(encode_jpeg(picture, 75, "output"), "output");
  keras::testing::require(nearly.bytes.size() == picture.bytes.size() && nearly.width == picture.width);
} catch (const keras::Error&) {
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  read(bytes);
  if (const std::string right = with_right_checksums(bytes); right != bytes && bytes.starts_with("\x89PNG"))
    read(right);
  return 0;
}
