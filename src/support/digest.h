// A digest of bytes that come in parts: 64 bytes at a time go through Rounds, which hold the state.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace keras::support {

template <class Rounds>
class Digest {
 public:
  void add(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t used = count_ % 64, taken = std::min(64 - used, bytes.size());
      count_ += taken;
      if (taken == 64) {
        rounds_.block(reinterpret_cast<const unsigned char*>(bytes.data()));
      } else {
        std::copy_n(bytes.begin(), taken, rest_.begin() + static_cast<std::ptrdiff_t>(used));
        if (used + taken == 64) rounds_.block(rest_.data());
      }
      bytes.remove_prefix(taken);
    }
  }

  // In hexadecimal, of all that was added; nothing may be added afterwards.
  std::string hex() {
    const std::uint64_t bits = count_ * 8;
    add(std::string_view("\x80", 1));
    while (count_ % 64 != 56) add(std::string_view("\0", 1));
    for (int i = 0; i < 8; ++i) {
      const char byte = static_cast<char>(bits >> 8 * (Rounds::kHighFirst ? 7 - i : i) & 0xFF);
      add({&byte, 1});
    }
    std::string out;
    for (const std::uint32_t word : rounds_.state) {
      for (int i = 0; i < 4; ++i) out += fmt::format("{:02x}", word >> 8 * (Rounds::kHighFirst ? 3 - i : i) & 0xFF);
    }
    return out;
  }

 private:
  Rounds rounds_;
  std::array<unsigned char, 64> rest_{};
  std::uint64_t count_ = 0;
};

}  // namespace keras::support
