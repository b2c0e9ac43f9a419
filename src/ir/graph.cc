// Building graphs.
#include "ir/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace keras::ir {
namespace {

std::vector<Type> no_types(const Attrs&, std::span<const Type>) { return {}; }
std::vector<Sample> no_samples() { return {}; }

void require_value(const Graph& graph, ValueId value, std::string_view where) {
  if (value < 0 || value >= static_cast<ValueId>(graph.values.size())) {
    throw std::logic_error(
        fmt::format("{}: there is no value %{} in a graph of {} values", where, value, graph.values.size()));
  }
}

}  // namespace

// Their types stand in the graph, so infer has nothing to say.
const OpDef kInput{
    "input", "A value given for each run.", 0, 1, kLeaf, &kAttrsType<NoAttrs>, no_types, nullptr, nullptr, no_samples,
    -1};
const OpDef kState{"state",  "A value that persists between runs.",
                   0,        1,
                   kLeaf,    &kAttrsType<NoAttrs>,
                   no_types, nullptr,
                   nullptr,  no_samples,
                   -2};

const Type& Value::type() const { return graph->type(id); }

ValueId Graph::add_input(std::string name, Type type, bool state) {
  const auto value = static_cast<ValueId>(values.size());
  nodes.push_back({state ? &kState : &kInput, {}, {}, value, 1});
  values.push_back({std::move(type), static_cast<NodeId>(nodes.size() - 1)});
  inputs.push_back({value, std::move(name), state});
  return value;
}

ValueId Graph::add(const OpDef& op, Attrs attrs, std::vector<ValueId> operands) {
  if (&attrs.type() != op.attrs) throw std::logic_error(fmt::format("{}: attributes of another op's type", op.name));
  const bool counted = op.inputs < 0 ? !operands.empty() : operands.size() == static_cast<std::size_t>(op.inputs);
  if (!counted) {
    throw std::logic_error(fmt::format("{}: {} operands, but it takes {}", op.name, operands.size(),
                                       op.inputs < 0 ? "one or more" : fmt::to_string(op.inputs)));
  }
  std::vector<Type> types;
  types.reserve(operands.size());
  for (const ValueId v : operands) {
    require_value(*this, v, op.name);
    types.push_back(type(v));
  }
  std::vector<Type> results = op.infer(attrs, types);
  const auto first = static_cast<ValueId>(values.size());
  nodes.push_back({&op, std::move(attrs), std::move(operands), first, static_cast<int>(results.size())});
  for (Type& t : results) values.push_back({std::move(t), static_cast<NodeId>(nodes.size() - 1)});
  return first;
}

void Graph::update(ValueId state, ValueId value) {
  require_value(*this, value, "update");
  const Input* input = input_of(state);
  if (!input || !input->state) throw std::logic_error(fmt::format("update: %{} is not a state", state));
  if (type(state) != type(value)) {
    throw std::logic_error(fmt::format("update: state \"{}\" is {}, its new value is {}", input->name,
                                       type(state).str(), type(value).str()));
  }
  const auto at = std::ranges::find(updates, state, &Update::state);
  if (at != updates.end()) {
    at->value = value;
  } else {
    updates.push_back({state, value});
  }
}

const Input* Graph::input_of(ValueId value) const {
  const auto at = std::ranges::find(inputs, value, &Input::value);
  return at == inputs.end() ? nullptr : &*at;
}

Graph without_dead_nodes(const Graph& graph, std::vector<ValueId>* map) {
  std::vector<bool> needed(graph.nodes.size());
  const auto need = [&](ValueId v) {
    needed[static_cast<std::size_t>(graph.values[static_cast<std::size_t>(v)].node)] = true;
  };
  for (const ValueId v : graph.outputs) need(v);
  for (const Update& u : graph.updates) need(u.value);
  for (const Input& i : graph.inputs) need(i.value);  // the graph's face: kept even where nobody reads it
  for (std::size_t n = graph.nodes.size(); n-- > 0;) {
    if (needed[n]) std::ranges::for_each(graph.nodes[n].inputs, need);
  }

  Graph out;
  std::vector<ValueId> to(graph.values.size(), -1);
  const auto moved = [&](ValueId v) { return to[static_cast<std::size_t>(v)]; };
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!needed[n]) continue;
    Node node = graph.nodes[n];
    for (ValueId& v : node.inputs) v = moved(v);
    const ValueId first = node.first;
    node.first = static_cast<ValueId>(out.values.size());
    for (ValueId i = 0; i < node.outputs; ++i) {
      to[static_cast<std::size_t>(first + i)] = node.first + i;
      out.values.push_back({graph.type(first + i), static_cast<NodeId>(out.nodes.size())});
    }
    out.nodes.push_back(std::move(node));
  }
  for (const Input& i : graph.inputs) out.inputs.push_back({moved(i.value), i.name, i.state});
  for (const ValueId v : graph.outputs) out.outputs.push_back(moved(v));
  for (const Update& u : graph.updates) out.updates.push_back({moved(u.state), moved(u.value)});
  if (map) *map = std::move(to);
  return out;
}

}  // namespace keras::ir
