// MD5 (RFC 1321), for the checksums that Keras names for its older downloads; no protection against forgery.
#pragma once

#include "support/digest.h"

namespace keras::support {

struct Md5Rounds {
  static constexpr bool kHighFirst = false;
  void block(const unsigned char* bytes);
  std::array<std::uint32_t, 4> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
};
using Md5 = Digest<Md5Rounds>;

}  // namespace keras::support
