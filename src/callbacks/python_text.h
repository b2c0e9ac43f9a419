// Text as Python's repr writes it, for Logs and History.
#pragma once

#include <string>
#include <string_view>

namespace keras::callbacks {

// 'loss'; in double quotes if the text has an apostrophe and none of those. Control characters are escaped.
inline std::string quoted(std::string_view text) {
  const bool apostrophe = text.find('\'') != text.npos && text.find('"') == text.npos;
  const char quote = apostrophe ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += {'\\', c == '\n' ? 'n' : c == '\r' ? 'r' : 't'};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      constexpr char kHex[] = "0123456789abcdef";
      out += {'\\', 'x', kHex[(c >> 4) & 15], kHex[c & 15]};
    } else {
      out += c;
    }
  }
  return out + quote;
}

}  // namespace keras::callbacks
