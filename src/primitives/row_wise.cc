// Each value of the graph is either the same for all rows, or has the rows of the batch along its axis 0; where a node
// would mix rows, the answer is no.
#include "primitives/row_wise.h"

#include <algorithm>

#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::primitives {

namespace {

class Keeper {  // answers for one node
 public:
  Keeper(const ir::Graph& graph, const std::vector<bool>& rows) : graph_(graph), rows_(rows) {}

  bool keeps(const ir::Node& node) const {
    if (node.op->is(ir::kRowWise)) return true;
    const Shape& out = shape(node.first);
    const Shape& first = shape(node.inputs[0]);
    const auto axis = [&] { return node.attrs.as<AxisAttrs>().axis; };
    switch (static_cast<Op>(node.op->code)) {
      case Op::stop_gradient:
        return true;
      case Op::conv:
      case Op::conv_transpose:
        return !rows(node.inputs[1]);
      case Op::matmul:
        return product_keeps(node);
      case Op::reshape:
        return !out.empty() && !first.empty() && out[0] == first[0];
      case Op::broadcast:
        return out.rank() == first.rank() && out[0] == first[0];
      case Op::transpose:
        return node.attrs.as<TransposeAttrs>().permutation[0] == 0;
      case Op::softmax:
      case Op::log_softmax:
      case Op::argmax:
      case Op::argmin:
      case Op::concatenate:
      case Op::take_along_axis:
        return axis() != 0;
      case Op::gather:  // an embedding, or columns
        return rows(node.inputs[0]) ? !rows(node.inputs[1]) && axis() != 0 : axis() == 0;
      case Op::reverse: {
        const Ints& axes = node.attrs.as<AxesAttrs>().axes;
        return axes.empty() || axes[0] != 0;
      }
      case Op::cumsum:
        return node.attrs.as<CumsumAttrs>().axis != 0;
      case Op::top_k:
        return first.rank() > 1;
      case Op::all:
      case Op::any:
      case Op::mean:
      case Op::prod:
      case Op::reduce_max:
      case Op::reduce_min:
      case Op::sum:
        return node.attrs.as<ReduceAttrs>().axes[0] != 0;
      case Op::pad: {
        const auto& pad = node.attrs.as<PadAttrs>();
        return pad.before[0] == 0 && pad.after[0] == 0;
      }
      case Op::slice:
      case Op::strided_slice:
        return out[0] == first[0];  // all of them, in order
      default:
        return false;
    }
  }

 private:
  bool rows(ir::ValueId id) const { return rows_[static_cast<std::size_t>(id)]; }
  const Shape& shape(ir::ValueId id) const { return graph_.type(id).shape; }

  bool product_keeps(const ir::Node& node) const {
    const ir::ValueId a = node.inputs[0], b = node.inputs[1];
    const int rank = shape(a).rank();
    if (rank > 2) return !rows(b) || shape(b).rank() == rank;  // axis 0 counts products
    return !rows(b) && !node.attrs.as<MatmulAttrs>().transpose_a;
  }

  const ir::Graph& graph_;
  const std::vector<bool>& rows_;
};

}  // namespace

bool keeps_rows(const ir::Graph& graph, const ir::Node& node, const std::vector<bool>& rows) {
  return Keeper(graph, rows).keeps(node);
}

bool row_wise(const ir::Graph& graph) {
  if (!graph.updates.empty()) return false;
  std::vector<bool> rows(graph.values.size(), false);
  const auto has = [&](ir::ValueId id) { return rows[static_cast<std::size_t>(id)]; };
  for (const ir::Input& input : graph.inputs) rows[static_cast<std::size_t>(input.value)] = !input.state;
  for (const ir::Node& node : graph.nodes) {
    if (std::none_of(node.inputs.begin(), node.inputs.end(), has)) continue;
    if (!keeps_rows(graph, node, rows)) return false;
    for (int i = 0; i < node.outputs; ++i) rows[static_cast<std::size_t>(node.first + i)] = true;
  }
  return std::all_of(graph.outputs.begin(), graph.outputs.end(), has);
}

}  // namespace keras::primitives
