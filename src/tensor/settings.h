// Settings of keras::config that only the library itself reads.
#pragma once

namespace keras {

bool op_determinism();  // whether config::enable_op_determinism was called

}  // namespace keras
