// The passes: each takes a graph and gives a better one that computes the same. Each lives in a file of its name.
#pragma once

#include "ir/graph.h"
#include "runtime/target.h"

namespace keras::compile {

ir::Graph fold(const ir::Graph& graph, const runtime::Target& target);  // computes what depends on constants only
ir::Graph simplify(const ir::Graph& graph,
                   const runtime::Target& target);  // drops what changes nothing: x * 1, reshape of reshape
ir::Graph cse(const ir::Graph& graph, const runtime::Target& target);  // equal nodes become one
ir::Graph scans(const ir::Graph& graph,
                const runtime::Target& target);  // what a loop over time does once, it need not do in each step
ir::Graph dead(const ir::Graph& graph, const runtime::Target& target);   // drops what nobody needs
ir::Graph order(const ir::Graph& graph, const runtime::Target& target);  // so that little waits in memory
ir::Graph recompute(const ir::Graph& graph,
                    const runtime::Target& target);  // what is cheap is computed again rather than kept
ir::Graph fuse(const ir::Graph& graph, const runtime::Target& target);  // groups of elementwise nodes become one loop

ir::Graph touched(const ir::Graph& graph, const runtime::Target& target);  // updates only rows that have a gradient

ir::Graph segments(const ir::Graph& graph, const runtime::Target& target);  // all variables' updates in one node

}  // namespace keras::compile
