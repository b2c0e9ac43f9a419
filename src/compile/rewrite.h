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

}  // namespace keras::compile
