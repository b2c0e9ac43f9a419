// Graph: a pure program over typed values of static shape. Nodes stand in an order in which each comes after its
// operands; values and nodes are indices. What a program changes are its states: `updates` names their new values, all
// of which take effect together at the end. See docs/design/ir.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ir/op_def.h"

namespace keras::ir {

struct Node {
  const OpDef* op = nullptr;
  Attrs attrs;
  std::vector<ValueId> inputs;
  ValueId first = -1;  // its results are first, first + 1, …
  int outputs = 1;
};

struct ValueInfo {
  Type type;
  NodeId node;
};

struct Input {
  ValueId value;
  std::string name;
  bool state;  // persists between runs and may be updated
};

struct Update {
  ValueId state;  // the state's input value
  ValueId value;  // what it holds after the run
};

class Graph {
 public:
  ValueId add_input(std::string name, Type type, bool state = false);
  // Adds a node, infers the types of its results and returns the first of them.
  ValueId add(const OpDef& op, Attrs attrs, std::vector<ValueId> inputs);
  void update(ValueId state, ValueId value);  // the latest update of a state counts

  const Node& node_of(ValueId value) const {
    return nodes[static_cast<std::size_t>(values[static_cast<std::size_t>(value)].node)];
  }
  const Type& type(ValueId value) const { return values[static_cast<std::size_t>(value)].type; }
  Value at(ValueId value) { return {this, value}; }
  const Input* input_of(ValueId value) const;  // nullptr when the value is not an input

  std::vector<Node> nodes;
  std::vector<ValueInfo> values;
  std::vector<Input> inputs;
  std::vector<ValueId> outputs;
  std::vector<Update> updates;
};

// The text form, one node a line; parse(print(g)) is g again.
//   graph {
//     %0 = input "x" : f32[32,784]
//     %1 = relu(%0) : f32[32,784]
//     output %1
//   }
std::string print(const Graph& graph);
// `find` gives the op of a name, or nullptr. ValueError with the line number.
Graph parse(std::string_view text, const OpDef* (*find)(std::string_view name));

// Throws std::logic_error that names the node when the graph breaks the rules: operands before users, attributes of the
// op's type, result types as infer gives them, static shapes, updates of states with values of the same type.
void verify(const Graph& graph);

// Copies what outputs and updates need into a new graph. `map`, if given, receives the new id of each value (-1:
// dropped).
Graph without_dead_nodes(const Graph& graph, std::vector<ValueId>* map = nullptr);

extern const OpDef kInput, kState;
inline bool is_input(const Node& node) { return node.op == &kInput || node.op == &kState; }

}  // namespace keras::ir
