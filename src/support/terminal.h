// What the standard streams are connected to, and which characters may be sent there.
#pragma once

#include <cstdio>

namespace keras::support {

// Whether the stream is a terminal that can move its cursor (TERM=dumb cannot).
bool is_terminal(std::FILE* stream);

// Whether LC_ALL, LC_CTYPE and LANG, the first of them that is set, name a UTF-8 locale. True where none is
// set, or to C: then nobody has said.
bool utf8_locale();

}  // namespace keras::support
