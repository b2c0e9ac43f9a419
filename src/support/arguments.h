// What factories of every category say of the arguments they are given.
#pragma once

namespace keras::support {

// Where two spellings of an argument, the positional one and the field, could both be given.
[[noreturn]] void refuse_twice(const char* what, const char* argument);

}  // namespace keras::support
