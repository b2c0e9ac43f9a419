// SHA-256 (FIPS 180-4), for the checksums of downloads.
#pragma once

#include "support/digest.h"

namespace keras::support {

struct Sha256Rounds {
  static constexpr bool kHighFirst = true;
  void block(const unsigned char* bytes);
  std::array<std::uint32_t, 8> state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
};
using Sha256 = Digest<Sha256Rounds>;

}  // namespace keras::support
