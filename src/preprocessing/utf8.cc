// UTF-8: characters and lower case.
#include "preprocessing/utf8.h"

#include <cstdint>

namespace keras::preprocessing {
namespace {

// Bytes of the character that begins the text, which is not empty; 1 where there is none.
std::size_t width(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t count = byte(0) < 0xC2 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : byte(0) < 0xF5 ? 4 : 1;
  if (count > text.size()) return 1;
  for (std::size_t i = 1; i < count; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 1;
  }
  return count;
}

// Lower case of a letter of two bytes, U+0080 to U+07FF.
std::uint32_t lower_letter(std::uint32_t c) {
  const auto within = [c](std::uint32_t low, std::uint32_t high) { return c >= low && c <= high; };
  if (within(0xC0, 0xDE) && c != 0xD7) return c + 32;
  if (c == 0x178) return 0xFF;
  // Pairs: the small letter follows the capital one, which is even here and odd there.
  if ((within(0x100, 0x137) && c != 0x130) || within(0x14A, 0x177)) return c | 1;
  if (within(0x139, 0x148) || within(0x179, 0x17E)) return c % 2 == 1 ? c + 1 : c;
  if (c == 0x386) return 0x3AC;
  if (within(0x388, 0x38A)) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (c == 0x38E || c == 0x38F) return c + 63;
  if (within(0x391, 0x3AB) && c != 0x3A2) return c + 32;
  if (within(0x400, 0x40F)) return c + 80;
  if (within(0x410, 0x42F)) return c + 32;
  if (within(0x460, 0x481) || within(0x48A, 0x4BF) || within(0x4D0, 0x52F)) return c | 1;
  return c;
}

}  // namespace

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    out.push_back(text.substr(0, width(text)));
    text.remove_prefix(out.back().size());
  }
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t count = width(text);
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (count == 1) {
      out += text[0] >= 'A' && text[0] <= 'Z' ? static_cast<char>(text[0] + 32) : text[0];
    } else if (count == 2) {
      const std::uint32_t letter = lower_letter((byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu));
      out += static_cast<char>(0xC0 | letter >> 6);
      out += static_cast<char>(0x80 | (letter & 0x3F));
    } else {
      out += text.substr(0, count);
    }
    text.remove_prefix(count);
  }
  return out;
}

}  // namespace keras::preprocessing
