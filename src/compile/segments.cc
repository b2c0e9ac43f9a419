// Segments: the optimizer's updates of all variables become one node for each chain, whose scalars they share. It runs
// as one piece of work, cut evenly over threads, however large or small the variables are.
#include <algorithm>

#include "compile/passes.h"
#include "compile/rewrite.h"
#include "primitives/primitives.h"

namespace keras::compile {

namespace {
// The values that a chain's segments share.
std::vector<ir::ValueId> scalars(const ir::Node& node) {
  return {node.inputs.end() - primitives::chain(*node.op)->scalars, node.inputs.end()};
}

// Whether a node depends on one of `members`, or comes to depend on it when they are one node.
bool depends(const ir::Graph& graph, const std::vector<ir::NodeId>& members, ir::NodeId id) {
  std::vector<bool> after(graph.nodes.size(), false);
  for (ir::NodeId n = members.front() + 1; n <= id; ++n) {
    after[static_cast<std::size_t>(n)] =
        std::any_of(graph.nodes[static_cast<std::size_t>(n)].inputs.begin(),
                    graph.nodes[static_cast<std::size_t>(n)].inputs.end(), [&](ir::ValueId input) {
                      const ir::NodeId from = graph.values[static_cast<std::size_t>(input)].node;
                      return after[static_cast<std::size_t>(from)] ||
                             std::find(members.begin(), members.end(), from) != members.end();
                    });
  }
  return after[static_cast<std::size_t>(id)];
}
}  // namespace

ir::Graph segments(const ir::Graph& graph, const runtime::Target&) {
  std::vector<std::vector<ir::NodeId>> groups;
  std::vector<int> of(graph.nodes.size(), -1);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const ir::Node& node = graph.nodes[i];
    if (!primitives::chain(*node.op)) continue;
    const auto id = static_cast<ir::NodeId>(i);
    const auto fits = [&](const std::vector<ir::NodeId>& members) {
      const ir::Node& first = graph.nodes[static_cast<std::size_t>(members.front())];
      return first.op == node.op && graph.type(first.first).dtype == graph.type(node.first).dtype &&
             scalars(first) == scalars(node) && !depends(graph, members, id);
    };
    const auto group = std::find_if(groups.begin(), groups.end(), fits);
    of[i] = static_cast<int>(group - groups.begin());
    if (group == groups.end())
      groups.push_back({id});
    else
      group->push_back(id);
  }
  return regroup(graph, of, groups, [&](Rewriter& next, const std::vector<ir::NodeId>& members) {
    std::vector<ir::ValueId> operands, shared;
    for (ir::NodeId member : members) {
      const std::vector<ir::ValueId> all = next.operands(graph.nodes[static_cast<std::size_t>(member)]);
      const auto full = all.end() - primitives::chain(*graph.nodes[static_cast<std::size_t>(member)].op)->scalars;
      operands.insert(operands.end(), all.begin(), full);
      shared.assign(full, all.end());
    }
    operands.insert(operands.end(), shared.begin(), shared.end());
    const ir::Node& first = graph.nodes[static_cast<std::size_t>(members.front())];
    ir::ValueId result = next.to.add(*first.op, first.attrs, std::move(operands));
    for (ir::NodeId member : members) {
      const ir::Node& node = graph.nodes[static_cast<std::size_t>(member)];
      for (int r = 0; r < node.outputs; ++r) next.map(node.first + r, result++);
    }
  });
}

}  // namespace keras::compile
