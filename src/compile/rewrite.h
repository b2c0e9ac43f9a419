// Rewriter: builds the next graph node by node, keeping track of what became of each value.
#pragma once

#include <vector>

#include "ir/graph.h"

namespace keras::compile {

class Rewriter {
 public:
  // Copies the inputs of `from`; its nodes are added by keep() or replaced by map().
  explicit Rewriter(const ir::Graph& from) : from_(from), map_(from.values.size(), -1) {
    for (const ir::Input& input : from.inputs) {
      map_[static_cast<std::size_t>(input.value)] = to.add_input(input.name, from.type(input.value), input.state);
    }
  }
  ir::ValueId operator[](ir::ValueId old) const { return map_[static_cast<std::size_t>(old)]; }
  std::vector<ir::ValueId> operands(const ir::Node& node) const {
    std::vector<ir::ValueId> ids;
    for (ir::ValueId input : node.inputs) ids.push_back((*this)[input]);
    return ids;
  }
  void map(ir::ValueId old, ir::ValueId now) { map_[static_cast<std::size_t>(old)] = now; }
  ir::ValueId keep(const ir::Node& node) {
    const ir::ValueId first = to.add(*node.op, node.attrs, operands(node));
    for (int i = 0; i < node.outputs; ++i) map(node.first + i, first + i);
    return first;
  }
  ir::Graph finish() {
    for (ir::ValueId output : from_.outputs) to.outputs.push_back((*this)[output]);
    for (const ir::Update& update : from_.updates) to.update((*this)[update.state], (*this)[update.value]);
    return std::move(to);
  }

  ir::Graph to;

 private:
  const ir::Graph& from_;
  std::vector<ir::ValueId> map_;
};

// The graph with groups of nodes replaced: `of[node]` is the number of its group, or -1. build(next, members) adds what
// stands for a group, when all that its members take is there, and maps their results. No path may lead from a group
// through nodes outside it and back into it.
template <class Build>
ir::Graph regroup(const ir::Graph& graph, const std::vector<int>& of,
                  const std::vector<std::vector<ir::NodeId>>& members, Build build) {
  Rewriter next(graph);
  std::vector<bool> done(graph.nodes.size(), false);
  // Depth first over operands, so that a node between two members of a group comes before the group.
  const auto emit = [&](auto&& self, ir::NodeId id) -> void {
    const auto i = static_cast<std::size_t>(id);
    if (done[i] || ir::is_input(graph.nodes[i])) return;
    const std::vector<ir::NodeId> all = of[i] < 0 ? std::vector{id} : members[static_cast<std::size_t>(of[i])];
    for (ir::NodeId member : all) done[static_cast<std::size_t>(member)] = true;
    for (ir::NodeId member : all) {
      for (ir::ValueId input : graph.nodes[static_cast<std::size_t>(member)].inputs)
        self(self, graph.values[static_cast<std::size_t>(input)].node);
    }
    if (of[i] < 0)
      next.keep(graph.nodes[i]);
    else
      build(next, all);
  };
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) emit(emit, static_cast<ir::NodeId>(i));
  return next.finish();
}

}  // namespace keras::compile
