// The end of the compiler: which kernel runs each node, and where each value lives.
#pragma once

#include <memory>
#include <optional>

#include "ir/graph.h"
#include "runtime/program.h"
#include "runtime/target.h"

namespace keras::compile {

// Takes the cheapest candidate of all backends for each node and plans the memory: values share an arena by the times
// they live, elementwise results are written over operands that die, and new states over the old ones after their last
// reader.
// `guard`: the output, a float32 scalar, that guards the program (runtime::Program::run_guarded); no state is written
// before it is known.
std::shared_ptr<runtime::Program> plan(const ir::Graph& graph, const runtime::Target& target,
                                       std::optional<std::size_t> guard = {});

}  // namespace keras::compile
