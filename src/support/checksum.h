// Checksums in hexadecimal, of the kind that their length says: MD5 (32 digits) or SHA-256 (64).
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "support/md5.h"
#include "support/sha256.h"

namespace keras::support {

class Checksum {
 public:
  explicit Checksum(std::string_view like);  // ValueError for another length; "" computes SHA-256
  void add(std::string_view bytes);
  std::string hex();
  std::string_view kind() const;  // "MD5", "SHA-256"

 private:
  std::variant<Sha256, Md5> digest_;
};

// Whether the file is the one with that checksum. IOError where it cannot be read.
bool has_checksum(const std::string& path, std::string_view checksum);

}  // namespace keras::support
