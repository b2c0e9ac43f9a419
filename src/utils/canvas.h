// A picture of RGB bytes to draw rectangles of values and lines of text on.
#pragma once

#include <keras/array.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace keras::utils {

using Colour = std::array<std::uint8_t, 3>;

// 0 to 255 as a colour from dark blue over green to yellow, as bright as it is large.
Colour viridis(std::uint8_t value);

class Canvas {
 public:
  static constexpr std::int64_t kTextHeight = 16, kLetterWidth = 12;

  Canvas(std::int64_t height, std::int64_t width, Colour ground);
  void set(std::int64_t y, std::int64_t x, Colour colour);  // outside of the picture: nothing
  // ASCII; what it cannot draw is a frame.
  void write(std::int64_t y, std::int64_t x, std::string_view text, Colour colour);
  const Array& picture() const { return picture_; }  // uint8 (height, width, 3)

 private:
  Array picture_;
  std::int64_t height_, width_;
};

}  // namespace keras::utils
