// The onednn backend: matrix products through oneDNN.
#pragma once

#include "runtime/target.h"

namespace keras::backends::onednn {

const runtime::Backend& backend();

}  // namespace keras::backends::onednn
