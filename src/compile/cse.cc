// Common subexpressions: nodes with the same op, attributes and operands become one. Pure graphs make this always
// right; random ops too, as equal stream and step mean equal numbers.
#include <algorithm>
#include <unordered_map>

#include "compile/passes.h"
#include "compile/rewrite.h"

namespace keras::compile {

ir::Graph cse(const ir::Graph& graph, const runtime::Target&) {
  Rewriter next(graph);
  std::unordered_multimap<std::size_t, ir::NodeId> seen;  // nodes of the new graph by a hash of op and operands
  for (const ir::Node& node : graph.nodes) {
    if (ir::is_input(node)) continue;
    std::vector<ir::ValueId> operands = next.operands(node);
    if (node.op->is(ir::kCommutative)) std::sort(operands.begin(), operands.end());
    std::size_t hash = static_cast<std::size_t>(node.op->code) + 17;
    for (ir::ValueId id : operands) hash = hash * 1000003 + static_cast<std::size_t>(id);
    ir::ValueId same = -1;
    const auto [begin, end] = seen.equal_range(hash);
    for (auto it = begin; it != end && same < 0; ++it) {
      const ir::Node& other = next.to.nodes[static_cast<std::size_t>(it->second)];
      std::vector<ir::ValueId> theirs = other.inputs;
      if (other.op->is(ir::kCommutative)) std::sort(theirs.begin(), theirs.end());
      if (other.op == node.op && theirs == operands && other.attrs == node.attrs) same = other.first;
    }
    if (same >= 0) {
      for (int i = 0; i < node.outputs; ++i) next.map(node.first + i, same + i);
      continue;
    }
    next.keep(node);
    seen.emplace(hash, static_cast<ir::NodeId>(next.to.nodes.size()) - 1);
  }
  return next.finish();
}

}  // namespace keras::compile
