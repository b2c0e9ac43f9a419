// Lowering: from expressions to a graph.
#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>

#include "ops/lowering.h"
#include "primitives/attrs.h"
#include "primitives/build.h"
#include "primitives/primitives.h"

namespace keras::ops {

using primitives::Op;

ir::ValueId Lowering::operand(const NodePtr& node, const char* name, const ir::Type& type) {
  operands.push_back(node);
  return graph.add_input(name, type);
}

// One input for each variable, whichever Tensors read it.
ir::ValueId Lowering::state(const NodePtr& node) {
  const auto known = std::find(states.begin(), states.end(), node->variable);
  if (known != states.end()) return state_values_[static_cast<std::size_t>(known - states.begin())];
  states.push_back(node->variable);
  state_values_.push_back(graph.add_input(node->variable->path, node->type, true));
  return state_values_.back();
}

ir::ValueId Lowering::leaf(const NodePtr& node) {
  using Kind = TensorNode::Kind;
  switch (node->kind) {
    case Kind::placeholder:
      if (!node->type.shape.known()) {
        throw ValueError(
            fmt::format("Tensor \"{}\" has the shape {}: a program needs every size. Call the model on data, or "
                        "build it with a full shape.",
                        node->name, node->type.shape.str()));
      }
      return operand(node, node->name.c_str(), node->type);
    case Kind::variable:
      return state(node);
    case Kind::array:
      if (live && node->variable) return state(node);
      break;
    default:
      break;  // an evaluated node
  }
  if (!eager) return primitives::constant(graph, node->value).id;
  return operand(node, "array", node->type);
}

ir::ValueId Lowering::emit(const NodePtr& node) {
  if (node->kind == TensorNode::Kind::projection) return known.at(node->inputs[0].get()) + node->index;
  if (eager && node->op->code == static_cast<int>(Op::splat)) {
    const auto& attrs = node->attrs.as<primitives::SplatAttrs>();
    if (!attrs.shape.empty()) return graph.add(*node->op, node->attrs, {});  // zeros and ones are part of the structure
    return operand(node, "number", node->type);
  }
  std::vector<ir::ValueId> inputs;
  for (const NodePtr& input : node->inputs) inputs.push_back(known.at(input.get()));
  return graph.add(*node->op, node->attrs, std::move(inputs));
}

ir::ValueId Lowering::lower(const NodePtr& root) {
  std::vector<NodePtr> pending{root};
  while (!pending.empty()) {
    const NodePtr node = pending.back();
    if (known.count(node.get())) {
      pending.pop_back();
      continue;
    }
    const bool computed = node->kind == TensorNode::Kind::op || node->kind == TensorNode::Kind::projection;
    if (node->kind == TensorNode::Kind::integer || node->kind == TensorNode::Kind::real) {
      const Tensor value = materialize(Tensor(node), node->type.dtype);
      known[node.get()] = emit(value.node());
      kept.push_back(value.node());
    } else if (!computed || node->evaluated) {
      met_evaluated = met_evaluated || (computed && node->evaluated);
      known[node.get()] = leaf(node);
    } else {
      const std::size_t before = pending.size();
      for (auto it = node->inputs.rbegin(); it != node->inputs.rend(); ++it) {
        if (!known.count(it->get())) pending.push_back(*it);
      }
      if (pending.size() != before) continue;  // the operands first
      known[node.get()] = emit(node);
    }
    kept.push_back(node);
    pending.pop_back();
  }
  return known.at(root.get());
}

Lowered lower(std::span<const Tensor> outputs, std::span<const std::pair<VariablePtr, Tensor>> updates,
              std::span<const Tensor> placeholders, bool eager) {
  Lowering lowering;
  lowering.eager = eager;
  lowering.live = !eager;
  for (const Tensor& input : placeholders) lowering.lower(node_of(input));
  for (const Tensor& output : outputs) lowering.graph.outputs.push_back(lowering.lower(node_of(output)));
  for (const auto& [variable, value] : updates) {
    const ir::ValueId result = lowering.lower(value.node());
    std::size_t place = 0;
    while (place < lowering.states.size() && lowering.states[place] != variable) ++place;
    if (place == lowering.states.size()) {  // written, never read
      lowering.states.push_back(variable);
      lowering.graph.add_input(variable->path, {variable->value.dtype(), variable->value.shape()}, true);
    }
    std::size_t state = 0;
    for (const ir::Input& input : lowering.graph.inputs) {
      if (input.state && state++ == place) lowering.graph.update(input.value, result);
    }
  }
  return {std::move(lowering.graph), std::move(lowering.operands), std::move(lowering.states)};
}

}  // namespace keras::ops
