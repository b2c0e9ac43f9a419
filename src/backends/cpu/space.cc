#include "backends/cpu/space.h"

#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/source.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::backends::cpu {
namespace {

using primitives::Op;

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }
std::size_t elements(const ir::Type& type) { return at(type.shape.elements()); }

class Finder {
 public:
  Finder(const ir::Graph& body, Space& space, std::string& reason) : body_(body), space_(space), reason_(reason) {}

  bool run() {
    space_.extents.assign(body_.values.size(), Extent::unknown);
    space_.relations.assign(body_.nodes.size(), Relation::same);
    space_.inside = in_the_loop();
    const std::vector<bool>& part = space_.inside;
    for (std::size_t i = 0; i < body_.values.size(); ++i) {
      if (!part[i]) continue;
      size_ = std::max(size_, elements(body_.values[i].type));
      if (elements(body_.values[i].type) == 0) return no("an empty array");
    }
    for (std::size_t i = 0; i < body_.values.size(); ++i) {
      if (!part[i]) continue;
      const std::size_t n = elements(body_.values[i].type);
      if (n == 1)
        space_.extents[i] = Extent::scalar;
      else if (n == size_)
        space_.extents[i] = Extent::full;
    }
    for (std::size_t i = 0; i < body_.nodes.size(); ++i) {
      const ir::Node& node = body_.nodes[i];
      if (!reads_outside(node)) continue;
      space_.relations[i] = is_view(node) ? Relation::view : Relation::source;
      const ir::Type& made = body_.type(node.first);
      if (elements(made) != size_)
        return no(fmt::format("{} of {} elements in a loop over {}", node.op->name, elements(made), size_));
      if (!(is_view(node) ? view(node) : split(at(made.shape.back().value())))) return false;
    }
    if (size_ == 1) return true;
    for (std::size_t i = 0; i < body_.nodes.size(); ++i) {
      const ir::Node& node = body_.nodes[i];
      if (node.op->is(ir::kLeaf) || node.inputs.empty() || reads_outside(node)) continue;
      bool fits = true;
      if (primitives::is(node, Op::broadcast))
        fits = broadcast(node, space_.relations[i]);
      else if (primitives::is(node, Op::softmax) || primitives::is(node, Op::log_softmax))
        fits = softmax(node);
      else if (is_reduction(node))
        fits = reduction(node, space_.relations[i]);
      if (!fits) return false;
    }
    spread_extents();
    space_.cols = cols_ != 0 ? cols_ : size_;
    space_.rows = size_ / space_.cols;
    return true;
  }

 private:
  // The values that are more than the operand of a source or a view.
  std::vector<bool> in_the_loop() const {
    std::vector<bool> part(body_.values.size(), false);
    for (const ir::Node& node : body_.nodes) {
      if (!ir::is_input(node)) part[at(node.first)] = true;
      if (reads_outside(node)) continue;
      for (ir::ValueId id : node.inputs) part[at(id)] = true;
    }
    for (ir::ValueId id : body_.outputs) part[at(id)] = true;
    return part;
  }
  static bool reads_outside(const ir::Node& node) { return is_source(node) || is_view(node); }
  static bool is_reduction(const ir::Node& node) {
    return node.attrs.type().equal == ir::kAttrsType<primitives::ReduceAttrs>.equal;
  }

  bool no(std::string why) {
    reason_ = std::move(why);
    return false;
  }
  bool split(std::size_t cols) {
    if (cols_ != 0 && cols_ != cols) return no(fmt::format("rows of {} and of {} in one loop", cols_, cols));
    cols_ = cols;
    return true;
  }
  Extent& extent(ir::ValueId id) { return space_.extents[at(id)]; }

  // Of the axes of a full shape that are not 1: those that `inside` names must all come before or all after the rest.
  struct Pattern {
    std::size_t inside = 1, rest = 1;
    bool inside_last = true, inside_first = true;
  };
  template <class F>
  static Pattern pattern(const Shape& shape, F inside) {
    Pattern p;
    bool seen_inside = false, seen_rest = false;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      const std::size_t size = at(shape[d].value());
      if (size == 1) continue;
      if (inside(d)) {
        p.inside *= size, seen_inside = true;
        if (seen_rest) p.inside_first = false;
      } else {
        p.rest *= size, seen_rest = true;
        if (seen_inside) p.inside_last = false;
      }
    }
    return p;
  }

  bool broadcast(const ir::Node& node, Relation& relation) {
    const ir::Type &from = body_.type(node.inputs[0]), &to = body_.type(node.first);
    if (elements(from) == elements(to)) return true;
    if (elements(from) == 1) {  // perhaps the only row's column
      relation = Relation::from_scalar;
      return true;
    }
    if (elements(to) != size_) return no(fmt::format("broadcast to {} in a loop over {} elements", to.str(), size_));
    const std::size_t extra = to.shape.size() - from.shape.size();
    const Pattern p = pattern(to.shape, [&](std::size_t d) { return d < extra || from.shape[d - extra] == Dim(1); });
    if (p.inside_first) {
      relation = Relation::from_row;
      return set(node.inputs[0], Extent::row) && split(p.rest);
    }
    if (p.inside_last) {
      relation = Relation::from_column;
      return set(node.inputs[0], Extent::column) && split(p.inside);
    }
    return no(fmt::format("broadcast of {} to {}: neither rows nor columns", from.str(), to.str()));
  }

  bool view(const ir::Node& node) {
    const std::optional<View> view = view_of(body_, node);
    if (!view)
      return no(fmt::format("a slice of {} whose rows are not evenly apart", body_.type(node.inputs[0]).str()));
    return view->rows == 1 || split(view->cols);
  }

  bool reduction(const ir::Node& node, Relation& relation) {
    const ir::Type &from = body_.type(node.inputs[0]), &to = body_.type(node.first);
    if (elements(from) == elements(to)) return true;
    if (elements(from) != size_)
      return no(fmt::format("{} of {} in a loop over {} elements", node.op->name, from.str(), size_));
    const auto& axes = node.attrs.as<primitives::ReduceAttrs>().axes;
    const Pattern p = pattern(
        from.shape, [&](std::size_t d) { return std::ranges::find(axes, static_cast<std::int64_t>(d)) != axes.end(); });
    const bool used = std::ranges::any_of(
        body_.nodes, [&](const ir::Node& n) { return std::ranges::find(n.inputs, node.first) != n.inputs.end(); });
    if (p.rest == 1 && !used) {
      relation = Relation::of_all;
      return true;
    }
    if (p.inside_first && !used && (primitives::is(node, Op::sum) || primitives::is(node, Op::mean))) {
      relation = Relation::of_columns;
      extent(node.first) = Extent::row;
      return split(p.rest);
    }
    if (!p.inside_last)
      return no(fmt::format("{} of {} over axes that are neither its first nor its last", node.op->name, from.str()));
    relation = Relation::of_rows;
    extent(node.first) = Extent::column;
    return split(p.inside);
  }

  bool softmax(const ir::Node& node) {
    const ir::Type& type = body_.type(node.first);
    const auto axis = at(node.attrs.as<primitives::AxisAttrs>().axis);
    if (elements(type) != size_)
      return no(fmt::format("{} of {} in a loop over {} elements", node.op->name, type.str(), size_));
    for (std::size_t d = axis + 1; d < type.shape.size(); ++d) {
      if (type.shape[d] != Dim(1))
        return no(fmt::format("{} of {} along axis {}, not the last", node.op->name, type.str(), axis));
    }
    return split(at(type.shape[axis].value()));
  }

  bool set(ir::ValueId id, Extent to) {
    Extent& e = extent(id);
    if (e == Extent::unknown) e = to;
    return e == to || no(fmt::format("{} is a row and a column in one loop", body_.type(id).str()));
  }

  // Rows and columns stay what they are through the nodes that keep the shape.
  void spread_extents() {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < body_.nodes.size(); ++i) {
        const ir::Node& node = body_.nodes[i];
        if (node.op->is(ir::kLeaf) || node.inputs.empty() || space_.relations[i] != Relation::same) continue;
        Extent known = extent(node.first);
        for (ir::ValueId input : node.inputs) {
          if (known == Extent::unknown) known = extent(input);
        }
        if (known == Extent::unknown) continue;
        const auto give = [&](ir::ValueId id) {
          if (extent(id) != Extent::unknown) return;
          extent(id) = known;
          changed = true;
        };
        give(node.first);
        for (ir::ValueId input : node.inputs) give(input);
      }
    }
  }

  const ir::Graph& body_;
  Space& space_;
  std::string& reason_;
  std::size_t size_ = 0, cols_ = 0;
};

}  // namespace

bool is_view(const ir::Node& node) { return primitives::is(node, Op::slice); }

std::optional<View> view_of(const ir::Graph& body, const ir::Node& node) {
  const Shape &from = body.type(node.inputs[0]).shape, &to = body.type(node.first).shape;
  const auto& start = node.attrs.as<primitives::SliceAttrs>().start;
  std::optional<std::size_t> cut;  // the axis that is cut
  for (std::size_t d = 0; d < from.size(); ++d) {
    if (from[d] == to[d]) continue;
    if (cut) return std::nullopt;
    cut = d;
  }
  if (!cut) return std::nullopt;  // a copy: its operand could be made in the loop
  View view{1, at(to[*cut].value()), at(from[*cut].value()), at(start[*cut])};
  for (std::size_t d = 0; d < *cut; ++d) view.rows *= at(from[d].value());
  for (std::size_t d = *cut + 1; d < from.size(); ++d) {
    const std::size_t size = at(from[d].value());
    view.cols *= size, view.pitch *= size, view.offset *= size;
  }
  return view;
}

bool find_space(const ir::Graph& body, Space& space, std::string& reason) { return Finder(body, space, reason).run(); }

}  // namespace keras::backends::cpu
