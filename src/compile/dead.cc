// Drops nodes whose results nobody needs.
#include "compile/passes.h"

namespace keras::compile {

ir::Graph dead(const ir::Graph& graph, const runtime::Target&) { return ir::without_dead_nodes(graph); }

}  // namespace keras::compile
