// Whether a graph treats the rows of its inputs one by one.
#pragma once

#include <vector>

#include "ir/graph.h"

namespace keras::primitives {

// True when row i (along axis 0) of each output depends on row i of the inputs alone, beside states and constants, and
// no state is updated. The inputs that are no states have equally many rows. False also where this cannot be told.
bool row_wise(const ir::Graph& graph);

// The same of one node, of which some operand has rows; `rows` says so of each value. True: its results have them too.
bool keeps_rows(const ir::Graph& graph, const ir::Node& node, const std::vector<bool>& rows);

}  // namespace keras::primitives
