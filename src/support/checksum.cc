#include "support/checksum.h"

#include <keras/error.h>

#include <vector>

#include "support/files.h"
#include "support/text.h"

namespace keras::support {

Checksum::Checksum(std::string_view like) {
  if (like.size() == 32) {
    digest_ = Md5();
  } else if (!like.empty() && like.size() != 64) {
    throw ValueError(fmt::format("A checksum has 32 hexadecimal digits (MD5) or 64 (SHA-256); received {}: «{}».",
                                 like.size(), printable(like)));
  }
}

void Checksum::add(std::string_view bytes) {
  std::visit([bytes](auto& digest) { digest.add(bytes); }, digest_);
}
std::string Checksum::hex() {
  return std::visit([](auto& digest) { return digest.hex(); }, digest_);
}
std::string_view Checksum::kind() const { return digest_.index() == 0 ? "SHA-256" : "MD5"; }

bool has_checksum(const std::string& path, std::string_view checksum) {
  Checksum found(checksum);
  InputFile file(path);
  std::vector<char> part(1 << 20);
  while (const std::size_t count = file.read(part.data(), part.size())) found.add({part.data(), count});
  return found.hex() == lower(checksum);
}

}  // namespace keras::support
