// The reference backend: runs any op in any dtype by the plain loops of its record. Always the last choice.
#pragma once

#include "runtime/target.h"

namespace keras::backends::reference {

const runtime::Backend& backend();

}  // namespace keras::backends::reference
