#include "support/md5.h"

#include <cmath>

namespace keras::support {
namespace {

// The sines of 1, 2, 3, … as binary fractions of 32 digits.
std::array<std::uint32_t, 64> sines() {
  std::array<std::uint32_t, 64> out;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint32_t>(std::fabs(std::sin(static_cast<double>(i + 1))) * 4294967296.0);
  return out;
}

constexpr int kTurns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

}  // namespace

void Md5Rounds::block(const unsigned char* bytes) {
  static const std::array<std::uint32_t, 64> kSines = sines();
  std::uint32_t words[16];
  for (int i = 0; i < 16; ++i) {
    const unsigned char* b = bytes + 4 * i;
    words[i] = b[0] | std::uint32_t{b[1]} << 8 | std::uint32_t{b[2]} << 16 | std::uint32_t{b[3]} << 24;
  }
  auto [a, b, c, d] = state;
  const auto step = [&, &a = a, &b = b, &c = c, &d = d](std::uint32_t mixed, std::size_t i, std::size_t word) {
    const std::uint32_t turned = std::rotl(a + mixed + kSines[i] + words[word], kTurns[i / 16][i % 4]);
    a = d;
    d = c;
    c = b;
    b += turned;
  };
  for (std::size_t i = 0; i < 16; ++i) step((b & c) | (~b & d), i, i);
  for (std::size_t i = 16; i < 32; ++i) step((d & b) | (~d & c), i, (5 * i + 1) % 16);
  for (std::size_t i = 32; i < 48; ++i) step(b ^ c ^ d, i, (3 * i + 5) % 16);
  for (std::size_t i = 48; i < 64; ++i) step(c ^ (b | ~d), i, 7 * i % 16);
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

}  // namespace keras::support
