// Drops and merges nodes that change nothing. No rule changes a bit of a result, but the sign of a zero that a zero was
// added to.
#include <algorithm>

#include "compile/passes.h"
#include "compile/rewrite.h"
#include "primitives/attrs.h"
#include "primitives/build.h"
#include "primitives/primitives.h"

namespace keras::compile {

namespace {
using primitives::Op;

bool is_splat(const ir::Graph& graph, ir::ValueId id, double value) {
  const ir::Node& node = graph.node_of(id);
  return primitives::is(node, Op::splat) && node.attrs.as<primitives::SplatAttrs>().value == value;
}

// The value that this node equals, or -1.
ir::ValueId same_as(const ir::Graph& graph, const ir::Node& node, const ir::Type& type,
                    const std::vector<ir::ValueId>& in) {
  const auto unchanged = [&](std::size_t i) { return graph.type(in[i]) == type ? in[i] : -1; };
  switch (static_cast<Op>(node.op->code)) {
    case Op::stop_gradient:
      return in[0];
    case Op::reshape:
    case Op::broadcast:
    case Op::slice:
    case Op::cast:
      return unchanged(0);
    case Op::multiply:
      if (is_splat(graph, in[1], 1)) return in[0];
      return is_splat(graph, in[0], 1) ? in[1] : -1;
    case Op::divide:
      return is_splat(graph, in[1], 1) ? in[0] : -1;
    case Op::subtract:
      return is_splat(graph, in[1], 0) ? in[0] : -1;
    case Op::negative: {
      const ir::Node& operand = graph.node_of(in[0]);
      return primitives::is(operand, Op::negative) ? operand.inputs[0] : -1;
    }
    default:
      return -1;
  }
}

// A permutation that swaps the last two axes and keeps the others.
bool swaps_last(const ir::Node& node) {
  if (!primitives::is(node, Op::transpose)) return false;
  ir::Ints p = node.attrs.as<primitives::TransposeAttrs>().permutation;
  if (p.size() < 2) return false;
  std::swap(p[p.size() - 1], p[p.size() - 2]);
  return std::is_sorted(p.begin(), p.end());
}

// Whether the value is a sum of zero-padded parts: what flows back to the parts that something was cut into. They are
// appended to `parts`.
bool padded_parts(const ir::Graph& graph, ir::ValueId id, std::vector<const ir::Node*>& parts) {
  const ir::Node& node = graph.node_of(id);
  if (primitives::is(node, Op::add))
    return padded_parts(graph, node.inputs[0], parts) && padded_parts(graph, node.inputs[1], parts);
  if (!primitives::is(node, Op::pad) || node.attrs.as<primitives::PadAttrs>().value != 0) return false;
  parts.push_back(&node);
  return parts.size() <= 64;
}

// Parts that lie side by side along one axis and leave nothing out are one after another: no zeros to be added. -1
// where they do not.
ir::ValueId side_by_side(ir::Graph& graph, ir::ValueId a, ir::ValueId b, const ir::Type& type) {
  std::vector<const ir::Node*> parts;
  if (!padded_parts(graph, a, parts) || !padded_parts(graph, b, parts)) return -1;
  const auto pads = [](const ir::Node* part) -> const primitives::PadAttrs& {
    return part->attrs.as<primitives::PadAttrs>();
  };
  std::int64_t axis = -1;
  for (const ir::Node* part : parts) {
    for (std::size_t d = 0; d < type.shape.size(); ++d) {
      if (pads(part).before[d] == 0 && pads(part).after[d] == 0) continue;
      if (axis >= 0 && axis != static_cast<std::int64_t>(d)) return -1;
      axis = static_cast<std::int64_t>(d);
    }
  }
  if (axis < 0) return -1;
  const auto along = static_cast<std::size_t>(axis);
  std::stable_sort(parts.begin(), parts.end(),
                   [&](const ir::Node* x, const ir::Node* y) { return pads(x).before[along] < pads(y).before[along]; });
  std::int64_t end = 0;
  std::vector<ir::ValueId> operands;
  for (const ir::Node* part : parts) {
    if (pads(part).before[along] != end) return -1;
    end += graph.type(part->inputs[0]).shape[along].value();
    operands.push_back(part->inputs[0]);
  }
  if (end != type.shape[along].value()) return -1;
  return graph.add(primitives::def(Op::concatenate), primitives::AxisAttrs{axis}, std::move(operands));
}

// A node with the operands' own work merged into it, or -1.
ir::ValueId merged(ir::Graph& graph, const ir::Node& node, const ir::Type& type, const std::vector<ir::ValueId>& in) {
  switch (static_cast<Op>(node.op->code)) {
    case Op::matmul: {  // products read transposed operands as they lie
      auto attrs = node.attrs.as<primitives::MatmulAttrs>();
      ir::ValueId a = in[0], b = in[1];
      if (swaps_last(graph.node_of(a))) a = graph.node_of(a).inputs[0], attrs.transpose_a = !attrs.transpose_a;
      if (swaps_last(graph.node_of(b))) b = graph.node_of(b).inputs[0], attrs.transpose_b = !attrs.transpose_b;
      if (a == in[0] && b == in[1]) return -1;
      return graph.add(*node.op, attrs, {a, b});
    }
    case Op::reshape: {
      const ir::Node operand = graph.node_of(in[0]);
      if (primitives::is(operand, Op::reshape)) {
        if (graph.type(operand.inputs[0]) == type) return operand.inputs[0];
        return graph.add(*node.op, node.attrs, {operand.inputs[0]});
      }
      if (operand.attrs.type().equal != ir::kAttrsType<primitives::ReduceAttrs>.equal) return -1;
      auto attrs = operand.attrs.as<primitives::ReduceAttrs>();  // reduce, then put the axes back: keepdims
      if (attrs.keepdims) return -1;
      attrs.keepdims = true;
      const std::vector<ir::Type> kept = operand.op->infer(attrs, std::vector<ir::Type>{graph.type(operand.inputs[0])});
      if (kept[0] != type) return -1;
      return graph.add(*operand.op, attrs, {operand.inputs[0]});
    }
    case Op::transpose: {
      const ir::Node operand = graph.node_of(in[0]);
      if (!primitives::is(operand, Op::transpose)) return -1;
      const ir::Ints& outer = node.attrs.as<primitives::TransposeAttrs>().permutation;
      const ir::Ints& inner = operand.attrs.as<primitives::TransposeAttrs>().permutation;
      ir::Ints both;
      for (std::int64_t axis : outer) both.push_back(inner[static_cast<std::size_t>(axis)]);
      if (std::is_sorted(both.begin(), both.end())) return operand.inputs[0];
      return graph.add(*node.op, primitives::TransposeAttrs{both}, {operand.inputs[0]});
    }
    case Op::add:
      return side_by_side(graph, in[0], in[1], type);
    case Op::broadcast: {
      const ir::Node operand = graph.node_of(in[0]);
      if (!primitives::is(operand, Op::broadcast)) return -1;
      return graph.add(*node.op, node.attrs, {operand.inputs[0]});
    }
    default:
      return -1;
  }
}

// A reduction over axes of size 1 moves nothing.
bool only_reshapes(const ir::Graph& graph, const ir::Node& node, const std::vector<ir::ValueId>& in) {
  switch (static_cast<Op>(node.op->code)) {
    case Op::sum:
    case Op::mean:
    case Op::prod:
    case Op::reduce_max:
    case Op::reduce_min:
      break;
    default:
      return false;
  }
  const Shape& shape = graph.type(in[0]).shape;
  for (std::int64_t axis : node.attrs.as<primitives::ReduceAttrs>().axes) {
    if (shape[static_cast<std::size_t>(axis)] != Dim(1)) return false;
  }
  return true;
}
}  // namespace

ir::Graph simplify(const ir::Graph& graph, const runtime::Target&) {
  Rewriter next(graph);
  for (const ir::Node& node : graph.nodes) {
    if (ir::is_input(node)) continue;
    const std::vector<ir::ValueId> in = next.operands(node);
    const ir::Type& type = graph.type(node.first);
    ir::ValueId now = in.empty() ? -1 : same_as(next.to, node, type, in);
    if (now < 0 && !in.empty()) now = merged(next.to, node, type, in);
    if (now < 0 && !in.empty() && only_reshapes(next.to, node, in)) {
      now = next.to.type(in[0]) == type ? in[0] : primitives::reshape(next.to.at(in[0]), type.shape).id;
    }
    if (now < 0) {
      next.keep(node);
    } else {
      next.map(node.first, now);
    }
  }
  return next.finish();
}

}  // namespace keras::compile
