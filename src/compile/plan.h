// The end of the compiler: which kernel runs each node, and where each value lives.
#pragma once

#include <memory>

#include "ir/graph.h"
#include "runtime/program.h"
#include "runtime/target.h"

namespace keras::compile {

// Takes the cheapest candidate of all backends for each node and plans the memory: values share an arena by the times
// they live, elementwise results are written over operands that die, and new states over the old ones after their last
// reader.
std::shared_ptr<runtime::Program> plan(const ir::Graph& graph, const runtime::Target& target);

}  // namespace keras::compile
