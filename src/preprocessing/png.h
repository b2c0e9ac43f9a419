// PNG files to rows of samples and back, by libpng; in a build without it both throw NotImplementedError.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace keras::preprocessing {

struct Picture {
  std::int64_t height = 0, width = 0;
  int channels = 0;                 // 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA
  bool wide = false;                // samples of 16 bits (of one channel only), in the machine's order
  std::vector<std::uint8_t> bytes;  // height rows of width samples without gaps
};

Picture read_png(const std::string& path);  // IOError
void write_png(const std::string& path, const Picture& picture);

}  // namespace keras::preprocessing
