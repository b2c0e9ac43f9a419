#include "support/hdf5/checksum.h"

#include <algorithm>
#include <array>
#include <bit>

namespace keras::support::hdf5 {

std::uint32_t lookup3(std::string_view bytes) {
  std::array<std::uint32_t, 3> s;
  s.fill(0xdeadbeef + static_cast<std::uint32_t>(bytes.size()));
  auto& [a, b, c] = s;
  const auto add = [&](std::string_view part) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      s[i / 4] += std::uint32_t{static_cast<unsigned char>(part[i])} << 8 * (i % 4);
    }
  };
  while (bytes.size() > 12) {
    add(bytes.substr(0, 12));
    a = (a - c) ^ std::rotl(c, 4), c += b;
    b = (b - a) ^ std::rotl(a, 6), a += c;
    c = (c - b) ^ std::rotl(b, 8), b += a;
    a = (a - c) ^ std::rotl(c, 16), c += b;
    b = (b - a) ^ std::rotl(a, 19), a += c;
    c = (c - b) ^ std::rotl(b, 4), b += a;
    bytes.remove_prefix(12);
  }
  if (bytes.empty()) return c;
  add(bytes);
  c = (c ^ b) - std::rotl(b, 14);
  a = (a ^ c) - std::rotl(c, 11);
  b = (b ^ a) - std::rotl(a, 25);
  c = (c ^ b) - std::rotl(b, 16);
  a = (a ^ c) - std::rotl(c, 4);
  b = (b ^ a) - std::rotl(a, 14);
  return (c ^ b) - std::rotl(b, 24);
}

std::uint32_t fletcher32(std::string_view bytes) {
  std::uint32_t sum1 = 0, sum2 = 0;
  const auto fold = [](std::uint32_t sum) { return (sum & 0xffff) + (sum >> 16); };
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
  for (std::size_t i = 0; i < bytes.size();) {
    constexpr std::size_t kFoldAfter = 720;  // bytes; later the sums could overflow
    for (const std::size_t end = std::min(bytes.size(), i + kFoldAfter); i < end; i += 2) {
      sum1 += byte(i) << 8 | (i + 1 < bytes.size() ? byte(i + 1) : 0);
      sum2 += sum1;
    }
    sum1 = fold(sum1), sum2 = fold(sum2);
  }
  return fold(sum2) << 16 | fold(sum1);
}

}  // namespace keras::support::hdf5
