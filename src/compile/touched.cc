// Touched rows: where the gradient of a table is what a batch looked up (rows added into a table of zeros) and nothing
// but the optimizer reads it, and where the optimizer leaves a row without gradient as it is, only the rows that have
// one are updated. The results have the same bits as those of the whole table.
#include <algorithm>

#include "compile/passes.h"
#include "compile/rewrite.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::compile {

namespace {
using primitives::Op;

constexpr std::int64_t kMostOfReference = 4096;

// Chains that change nothing where the gradient is 0.
bool keeps_at_zero(const ir::Node& node) {
  return primitives::is(node, Op::sgd_update) || primitives::is(node, Op::adagrad_update) ||
         primitives::is(node, Op::adagrad_outside_update);
}

bool is_zero(const ir::Graph& graph, ir::ValueId id) {
  const ir::Node& node = graph.node_of(id);
  return primitives::is(node, Op::splat) && node.attrs.as<primitives::SplatAttrs>().value == 0;
}
}  // namespace

ir::Graph touched(const ir::Graph& graph, const runtime::Target&) {
  std::vector<int> readers(graph.values.size(), 0);
  for (const ir::Node& node : graph.nodes) {
    for (const ir::ValueId id : node.inputs) ++readers[static_cast<std::size_t>(id)];
  }
  for (const ir::ValueId id : graph.outputs) ++readers[static_cast<std::size_t>(id)];
  for (const ir::Update& update : graph.updates) ++readers[static_cast<std::size_t>(update.value)];

  // The scatter_add of each chain that is to be replaced.
  const auto source = [&](const ir::Node& node) -> const ir::Node* {
    if (!keeps_at_zero(node)) return nullptr;
    const primitives::ChainInfo info = *primitives::chain(*node.op);
    if (static_cast<int>(node.inputs.size()) != info.full + info.scalars) return nullptr;
    const ir::ValueId gradient = node.inputs[static_cast<std::size_t>(info.full - 1)];
    const ir::Node& scatter = graph.node_of(gradient);
    if (!primitives::is(scatter, Op::scatter_add) || readers[static_cast<std::size_t>(gradient)] != 1) return nullptr;
    const ir::Type &table = graph.type(gradient), &indices = graph.type(scatter.inputs[1]);
    const std::int64_t count = indices.shape.rank() == 1 ? indices.shape.elements() : table.shape[0].value();
    // The reference, which other types than float32 fall to, compares all indices with each other.
    const bool few =
        count * 2 <= table.shape[0].value() && (table.dtype == DType::float32 || count <= kMostOfReference);
    return few && is_zero(graph, scatter.inputs[0]) ? &scatter : nullptr;
  };
  if (std::none_of(graph.nodes.begin(), graph.nodes.end(), [&](const ir::Node& node) { return source(node); }))
    return graph;

  Rewriter next(graph);
  for (const ir::Node& node : graph.nodes) {
    if (ir::is_input(node)) continue;
    const ir::Node* scatter = source(node);
    if (!scatter) {
      next.keep(node);
      continue;
    }
    const auto states = static_cast<std::size_t>(primitives::chain(*node.op)->full - 1);
    std::vector<ir::ValueId> operands = next.operands(node);
    operands[states] = next[scatter->inputs[1]];
    operands.insert(operands.begin() + static_cast<std::ptrdiff_t>(states) + 1, next[scatter->inputs[2]]);
    const ir::ValueId first = next.to.add(primitives::def(Op::update_rows),
                                          primitives::UpdateRowsAttrs{std::string(node.op->name)}, std::move(operands));
    for (int i = 0; i < node.outputs; ++i) next.map(node.first + i, first + i);
  }
  return next.finish();
}

}  // namespace keras::compile
