// A decoded picture, and the formats that it is read from and written to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keras::preprocessing {

struct Picture {
  std::int64_t height = 0, width = 0;
  int channels = 0;                 // 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA
  bool wide = false;                // samples of 16 bits (of one channel only), in the machine's order
  std::vector<std::uint8_t> bytes;  // height rows of width samples without gaps
};

// What Pillow refuses to open, too: a small file can claim to hold a picture of any size.
inline constexpr std::uint64_t kMostPixels = 178956970;

// The picture in the bytes of a PNG or JPEG file, recognised by what they are; `name` is for messages. Memory stays in
// proportion to what so many bytes can hold. IOError for another format or a damaged file, NotImplementedError in a
// build without the library.
Picture decode_picture(std::string_view bytes, const std::string& name);

}  // namespace keras::preprocessing
