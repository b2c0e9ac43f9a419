#include "compile/rows.h"

#include <algorithm>

#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "primitives/row_wise.h"

namespace keras::compile {

namespace {
using primitives::Op;

std::size_t at(std::int64_t v) { return static_cast<std::size_t>(v); }

class Cutter {
 public:
  Cutter(const ir::Graph& graph, std::vector<bool> cut, std::int64_t from, std::int64_t to)
      : graph_(graph), cut_(std::move(cut)), from_(from), to_(to), rows_(graph.values.size(), false) {}

  std::optional<Rows> run() {
    // Whether an input that was not said to be cut is so shows at its readers: then all begins again.
    while (true) {
      next_ = ir::Graph();
      map_.assign(graph_.values.size(), -1);
      rows_.assign(graph_.values.size(), false);
      found_ = false;
      const bool fits = try_once();
      if (!found_) {
        if (!fits) return std::nullopt;
        return Rows{std::move(next_), std::move(cut_)};
      }
    }
  }

 private:
  bool try_once() {
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      const ir::ValueId v = graph_.inputs[i].value;
      ir::Type type = graph_.type(v);
      if (cut_[i] && !has_rows(type.shape)) return false;
      if (cut_[i]) type.shape[0] = to_;
      map_[at(v)] = next_.add_input(graph_.inputs[i].name, type);
      rows_[at(v)] = cut_[i];
    }
    for (const ir::Node& node : graph_.nodes) {
      if (!ir::is_input(node) && !add(node)) return false;
    }
    for (const ir::ValueId v : graph_.outputs) {
      const ir::ValueId output = with_rows(v);
      if (output < 0) return false;
      next_.outputs.push_back(output);
    }
    return true;
  }

  bool has_rows(const Shape& shape) const { return !shape.empty() && shape[0] == Dim(from_); }
  Shape cut(Shape shape) const {
    shape[0] = to_;
    return shape;
  }

  // The value for the rows of a part; -1 where it has none.
  ir::ValueId with_rows(ir::ValueId v) {
    if (rows_[at(v)]) return map_[at(v)];
    const Shape& shape = graph_.type(v).shape;
    if (!has_rows(shape)) return -1;
    const ir::Node& node = graph_.node_of(v);
    if (primitives::is(node, Op::splat)) {
      auto attrs = node.attrs.as<primitives::SplatAttrs>();
      attrs.shape = cut(attrs.shape);
      return next_.add(*node.op, attrs, {});
    }
    if (primitives::is(node, Op::broadcast)) {  // the same in each row
      const Shape& from = graph_.type(node.inputs[0]).shape;
      if (from.rank() == shape.rank() && from[0] != Dim(1)) return -1;
      return next_.add(*node.op, primitives::ShapeAttrs{cut(shape)}, {map_[at(node.inputs[0])]});
    }
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
      if (graph_.inputs[i].value == v) cut_[i] = found_ = true;
    }
    return -1;
  }

  bool keep(const ir::Node& node, ir::Attrs attrs, std::vector<ir::ValueId> inputs, bool rows) {
    if (std::count(inputs.begin(), inputs.end(), -1) > 0) return false;
    const ir::ValueId first = next_.add(*node.op, std::move(attrs), std::move(inputs));
    for (int r = 0; r < node.outputs; ++r) {
      map_[at(node.first + r)] = first + r;
      rows_[at(node.first + r)] = rows;
    }
    return true;
  }

  bool add(const ir::Node& node) {
    const auto has = [&](ir::ValueId v) { return rows_[at(v)]; };
    const bool any = std::any_of(node.inputs.begin(), node.inputs.end(), has);
    if (any && !primitives::keeps_rows(graph_, node, rows_)) return false;
    std::vector<ir::ValueId> operands;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const ir::ValueId v = node.inputs[i];
      operands.push_back(any && !is_shared(node, i) ? with_rows(v) : map_[at(v)]);
    }
    return keep(node, any ? cut(node) : node.attrs, std::move(operands), any);
  }

  // An operand that all rows of the result read whole: a matrix, a filter, a table.
  bool is_shared(const ir::Node& node, std::size_t operand) const {
    switch (static_cast<Op>(node.op->code)) {
      case Op::matmul:
        return operand == 1 && graph_.type(node.inputs[1]).shape.rank() == 2;
      case Op::conv:
      case Op::conv_transpose:
        return operand == 1;
      case Op::gather:
        return !rows_[at(node.inputs[operand])];
      default:
        return false;
    }
  }

  // The attributes for the rows of a part.
  ir::Attrs cut(const ir::Node& node) const {
    if (primitives::is(node, Op::reshape) || primitives::is(node, Op::broadcast))
      return primitives::ShapeAttrs{cut(graph_.type(node.first).shape)};
    if (primitives::is(node, Op::slice)) {
      auto attrs = node.attrs.as<primitives::SliceAttrs>();
      attrs.size[0] = to_;
      return attrs;
    }
    if (primitives::is(node, Op::strided_slice)) {
      auto attrs = node.attrs.as<primitives::StridedSliceAttrs>();
      attrs.end[0] = to_;
      return attrs;
    }
    return node.attrs;
  }

  const ir::Graph& graph_;
  std::vector<bool> cut_;
  const std::int64_t from_, to_;
  ir::Graph next_;
  std::vector<ir::ValueId> map_;
  std::vector<bool> rows_;  // of the values that have rows of a part
  bool found_ = false;
};
}  // namespace

std::optional<Rows> with_rows(const ir::Graph& graph, std::vector<bool> cut, std::int64_t from, std::int64_t to) {
  return Cutter(graph, std::move(cut), from, to).run();
}

}  // namespace keras::compile
