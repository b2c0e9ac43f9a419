// Lowering: the state of turning expressions into a graph, kept so that gradients can be lifted back into expressions.
#pragma once

#include <unordered_map>

#include "ops/trace.h"

namespace keras::ops {

struct Lowering {
  ir::Graph graph;
  bool eager = false;
  bool live = false;  // a Tensor that was made of a Variable means what that holds when the program runs
  std::vector<NodePtr> operands;
  std::vector<VariablePtr> states;
  std::unordered_map<const TensorNode*, ir::ValueId> known;
  std::vector<NodePtr> kept;   // keeps the keys of `known` alive
  bool met_evaluated = false;  // an evaluated node was taken as a leaf

  ir::ValueId lower(const NodePtr& root);

 private:
  std::vector<ir::ValueId> state_values_;  // of states
  ir::ValueId leaf(const NodePtr& node);
  ir::ValueId state(const NodePtr& node);
  ir::ValueId emit(const NodePtr& node);
  ir::ValueId operand(const NodePtr& node, const char* name, const ir::Type& type);
};

}  // namespace keras::ops
