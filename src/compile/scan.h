// The kernel of a loop over time: its body is compiled as a program of its own.
#pragma once

#include "compile/choose.h"

namespace keras::compile {

Choice choose_scan(const ir::Node& node, const runtime::Target& target);

}  // namespace keras::compile
