#include "support/terminal.h"

#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "support/text.h"

namespace keras::support {

bool is_terminal(std::FILE* stream) {
  const char* type = std::getenv("TERM");
  return ::isatty(::fileno(stream)) == 1 && std::string_view(type ? type : "") != "dumb";
}

bool utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (!value || !*value) continue;
    const std::string locale = lower(value);
    if (locale == "c" || locale == "posix") return true;
    return locale.find("utf-8") != locale.npos || locale.find("utf8") != locale.npos;
  }
  return true;
}

}  // namespace keras::support
