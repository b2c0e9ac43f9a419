// The rules of a graph.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "ir/text.h"

namespace keras::ir {
namespace {

template <class... Args>
[[noreturn]] void broken(const Graph& graph, std::size_t node, fmt::format_string<Args...> text, Args&&... args) {
  const Node& n = graph.nodes[node];
  throw std::logic_error(fmt::format("ir::verify: node {} (%{} = {}): {}", node, n.first, n.op ? n.op->name : "no op",
                                     fmt::format(text, std::forward<Args>(args)...)));
}

template <class... Args>
[[noreturn]] void broken(fmt::format_string<Args...> text, Args&&... args) {
  throw std::logic_error("ir::verify: " + fmt::format(text, std::forward<Args>(args)...));
}

void verify_node(const Graph& graph, std::size_t n, ValueId next) {
  const Node& node = graph.nodes[n];
  if (!node.op) broken(graph, n, "it has no op");
  const OpDef& op = *node.op;
  if (&node.attrs.type() != op.attrs) broken(graph, n, "its attributes are of another op's type");
  if (node.first != next) broken(graph, n, "its results should start at %{}", next);
  if (node.outputs < 1 || static_cast<std::size_t>(node.first + node.outputs) > graph.values.size()) {
    broken(graph, n, "it has {} results, of {} values in the graph", node.outputs, graph.values.size());
  }
  std::vector<Type> types;
  for (const ValueId v : node.inputs) {
    if (v < 0 || v >= node.first) broken(graph, n, "operand %{} does not stand above it", v);
    types.push_back(graph.type(v));
  }
  const bool counted = op.inputs < 0 ? !node.inputs.empty() : node.inputs.size() == static_cast<std::size_t>(op.inputs);
  if (!counted) broken(graph, n, "{} operands, but the op takes {}", node.inputs.size(), op.inputs);

  for (ValueId v = node.first; v < node.first + node.outputs; ++v) {
    if (graph.values[static_cast<std::size_t>(v)].node != static_cast<NodeId>(n))
      broken(graph, n, "%{} names another node as its maker", v);
    if (!graph.type(v).shape.known()) broken(graph, n, "%{} has no static shape: {}", v, graph.type(v).str());
  }
  if (&op == &kInput || &op == &kState) {
    const Input* input = graph.input_of(node.first);
    if (!input || input->state != (&op == &kState)) broken(graph, n, "the graph's list of inputs does not have it");
    return;
  }
  std::vector<Type> inferred;
  try {
    inferred = op.infer(node.attrs, types);
  } catch (const std::exception& e) {
    broken(graph, n, "{}", e.what());
  }
  if (inferred.size() != static_cast<std::size_t>(node.outputs))
    broken(graph, n, "{} results, infer says {}", node.outputs, inferred.size());
  for (std::size_t i = 0; i < inferred.size(); ++i) {
    const ValueId v = node.first + static_cast<ValueId>(i);
    if (graph.type(v) != inferred[i])
      broken(graph, n, "%{} is {}, infer says {}", v, graph.type(v).str(), inferred[i].str());
  }
}

}  // namespace

void verify(const Graph& graph) {
  ValueId next = 0;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    verify_node(graph, n, next);
    next += graph.nodes[n].outputs;
  }
  const auto count = static_cast<ValueId>(graph.values.size());
  if (next != count) broken("{} values, but the nodes make {}", count, next);
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const Input& input = graph.inputs[i];
    if (input.value < 0 || input.value >= count)
      broken("input \"{}\" is %{}, which does not exist", input.name, input.value);
    if (graph.node_of(input.value).op != (input.state ? &kState : &kInput))
      broken("input \"{}\" is no {} node", input.name, input.state ? "state" : "input");
    if (graph.input_of(input.value) != &input) broken("input \"{}\" stands twice in the list of inputs", input.name);
  }
  for (const ValueId v : graph.outputs) {
    if (v < 0 || v >= count) broken("output %{} does not exist", v);
  }
  for (const Update& u : graph.updates) {
    const Input* input = graph.input_of(u.state);
    if (!input || !input->state) broken("update of %{}, which is not a state", u.state);
    if (u.value < 0 || u.value >= count)
      broken("the new value of state \"{}\" is %{}, which does not exist", input->name, u.value);
    if (graph.type(u.value) != graph.type(u.state)) {
      broken("state \"{}\" is {}, its new value %{} is {}", input->name, graph.type(u.state).str(), u.value,
             graph.type(u.value).str());
    }
    if (std::ranges::count(graph.updates, u.state, &Update::state) != 1)
      broken("state \"{}\" is updated twice", input->name);
  }
}

}  // namespace keras::ir
