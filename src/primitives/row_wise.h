// Whether a graph treats the rows of its inputs one by one.
#pragma once

#include "ir/graph.h"

namespace keras::primitives {

// True when row i (along axis 0) of each output depends on row i of the inputs alone, beside states and constants, and
// no state is updated. The inputs that are no states have equally many rows. False also where this cannot be told.
bool row_wise(const ir::Graph& graph);

}  // namespace keras::primitives
