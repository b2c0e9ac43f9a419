// Constant folding: nodes whose operands are all constants are computed now, by the reference, when the result is
// small. Splats stay splats: they need no memory.
#include <cstring>
#include <optional>

#include "compile/passes.h"
#include "compile/rewrite.h"
#include "primitives/attrs.h"
#include "primitives/build.h"
#include "primitives/interpret.h"
#include "primitives/primitives.h"

namespace keras::compile {

namespace {
using primitives::Op;

constexpr std::int64_t kLargest = 1 << 16;  // elements of a folded constant

std::optional<Array> constant_of(const ir::Graph& graph, ir::ValueId id) {
  const ir::Node& node = graph.node_of(id);
  if (primitives::is(node, Op::constant)) return node.attrs.as<primitives::ConstantAttrs>().value;
  if (!primitives::is(node, Op::splat)) return std::nullopt;
  const auto& attrs = node.attrs.as<primitives::SplatAttrs>();
  if (attrs.shape.elements() > kLargest) return std::nullopt;
  Array one = attrs.dtype.is_floating() ? Array::scalar(attrs.value, attrs.dtype)
                                        : Array::scalar_int(static_cast<std::int64_t>(attrs.value), attrs.dtype);
  Array all(attrs.shape, attrs.dtype);
  auto* bytes = static_cast<std::byte*>(all.mutable_data());
  for (std::int64_t i = 0; i < all.size(); ++i) {
    std::memcpy(bytes + static_cast<std::size_t>(i) * attrs.dtype.size(), one.data(), attrs.dtype.size());
  }
  return all;
}

// Whether each result is the same number everywhere when each operand is.
bool keeps_splats(const ir::Node& node) {
  return node.op->is(ir::kElementwise) || primitives::is(node, Op::broadcast) || primitives::is(node, Op::reshape) ||
         primitives::is(node, Op::cast) || primitives::is(node, Op::transpose);
}

// The values of the node's results over these operands.
std::vector<Array> compute(const ir::Node& node, const std::vector<Array>& operands) {
  std::vector<ir::Type> in_types;
  std::vector<const void*> in;
  for (const Array& operand : operands) {
    in_types.push_back({operand.dtype(), operand.shape()});
    in.push_back(operand.data());
  }
  const std::vector<ir::Type> out_types = node.op->infer(node.attrs, in_types);
  std::vector<Array> results;
  std::vector<void*> out;
  for (const ir::Type& type : out_types) {
    results.emplace_back(type.shape, type.dtype);
    out.push_back(results.back().mutable_data());
  }
  const primitives::Call call(*node.op, node.attrs, in_types, out_types);
  Array workspace(Shape{static_cast<std::int64_t>(call.workspace())}, DType::uint8);
  call.run(in.data(), out.data(), static_cast<std::byte*>(workspace.mutable_data()));
  return results;
}

// A node over splats as a splat of its result.
std::optional<ir::ValueId> fold_splats(const ir::Graph& graph, const ir::Node& node, Rewriter& next) {
  std::vector<Array> scalars;
  for (ir::ValueId input : node.inputs) {
    const ir::Node& operand = next.to.node_of(next[input]);
    if (!primitives::is(operand, Op::splat)) return std::nullopt;
    const auto& attrs = operand.attrs.as<primitives::SplatAttrs>();
    scalars.push_back(attrs.dtype.is_floating()
                          ? Array::scalar(attrs.value, attrs.dtype)
                          : Array::scalar_int(static_cast<std::int64_t>(attrs.value), attrs.dtype));
  }
  if (scalars.empty() || node.outputs != 1) return std::nullopt;
  const ir::Type& type = graph.type(node.first);
  double value = 0;
  if (node.op->is(ir::kElementwise)) {
    value = compute(node, scalars)[0].item();
  } else {
    value = scalars[0].astype(type.dtype).item();
  }
  return primitives::splat(next.to, value, type.dtype, type.shape).id;
}
}  // namespace

ir::Graph fold(const ir::Graph& graph, const runtime::Target&) {
  Rewriter next(graph);
  for (const ir::Node& node : graph.nodes) {
    if (ir::is_input(node)) continue;
    if (keeps_splats(node)) {
      if (const auto value = fold_splats(graph, node, next)) {
        next.map(node.first, *value);
        continue;
      }
    }
    std::vector<Array> operands;
    bool constant = !node.inputs.empty() && !node.op->is(ir::kRandom);
    for (int i = 0; i < node.outputs; ++i)
      constant = constant && graph.type(node.first + i).shape.elements() <= kLargest;
    for (ir::ValueId input : node.inputs) {
      if (!constant) break;
      const auto value = constant_of(next.to, next[input]);
      constant = value.has_value() && value->size() <= 16 * kLargest;
      if (constant) operands.push_back(*value);
    }
    if (!constant) {
      next.keep(node);
      continue;
    }
    const std::vector<Array> results = compute(node, operands);
    for (std::size_t i = 0; i < results.size(); ++i) {
      next.map(node.first + static_cast<int>(i), primitives::constant(next.to, results[i]).id);
    }
  }
  return next.finish();
}

}  // namespace keras::compile
