// The table of all primitive ops: elementwise rows (keras/elementwise.def), chains (chains.def) and structured ops
// (primitives.def). Enum, names and count come from these lists; table.cc refuses an incomplete or unsorted one.
#pragma once

#include <span>
#include <string_view>

#include "ir/graph.h"
#include "primitives/op.h"

namespace keras::primitives {

const ir::OpDef& def(Op op);
const ir::OpDef* find(std::string_view name);  // nullptr when no op has the name
std::span<const ir::OpDef> all();

struct ElementwiseInfo {
  Kind kind;
  int inputs;
};
const ElementwiseInfo* elementwise(const ir::OpDef& op);  // nullptr for other ops

// A chain's node has segments: for each `full` operands, then, for all, `scalars`; `results` results for each segment.
struct ChainInfo {
  int full, scalars, results;
};
const ChainInfo* chain(const ir::OpDef& op);  // nullptr for other ops

inline bool is(const ir::Node& node, Op op) { return node.op->code == static_cast<int>(op); }

}  // namespace keras::primitives
