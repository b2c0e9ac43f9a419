// Reverse-mode differentiation of a graph: appends the backward nodes.
#pragma once

#include <span>
#include <vector>

#include "ir/graph.h"

namespace keras::autodiff {

// The gradient of each value of `wrt` of sum(loss), appended to `graph`. A value the loss does not depend on gets
// zeros. Where several paths meet, their gradients are added in the order of the nodes. ValueError names an op that has
// no gradient and lies on a path from a `wrt` of floating dtype to the loss; paths through integers and booleans carry
// none.
std::vector<ir::ValueId> gradients(ir::Graph& graph, ir::ValueId loss, std::span<const ir::ValueId> wrt);

// The same of sum(outputs[i] * seeds[i]); a value that nothing flows back to gets an empty one.
std::vector<ir::Value> gradients(ir::Graph& graph, std::span<const ir::Value> outputs, std::span<const ir::Value> seeds,
                                 std::span<const ir::ValueId> wrt);

}  // namespace keras::autodiff
