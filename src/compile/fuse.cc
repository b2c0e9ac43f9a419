// Fusion: groups of nodes that share one iteration space become one loop. A backend says which nodes it could take into
// a loop, and refuses or accepts the finished group; a refused group stays as it was.
#include <algorithm>
#include <optional>

#include "compile/passes.h"
#include "compile/rewrite.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::compile {

namespace {
using primitives::Op;

constexpr std::size_t kLargestGroup = 40;

bool is_reduction(const ir::Node& node) {
  return node.attrs.type().equal == ir::kAttrsType<primitives::ReduceAttrs>.equal;
}
bool is_splat(const ir::Node& node) { return primitives::is(node, Op::splat); }

// Finds the groups. A node's space is the shape it loops over.
class Grouper {
 public:
  Grouper(const ir::Graph& graph, const runtime::Target& target) : graph_(graph), group_(graph.nodes.size(), -1) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const ir::Node& node = graph.nodes[i];
      if (ir::is_input(node) || is_splat(node) || !fusible(node, target)) continue;
      group_[i] = static_cast<int>(members_.size());
      members_.push_back({static_cast<ir::NodeId>(i)});
      for (ir::ValueId input : node.inputs) join(group_[i], input, node);
    }
  }
  const std::vector<std::vector<ir::NodeId>>& groups() const { return members_; }

 private:
  static bool fusible(const ir::Graph& graph, const ir::Node& node, const runtime::Target& target) {
    return std::any_of(target.backends.begin(), target.backends.end(),
                       [&](const runtime::Backend* backend) { return backend->fuses(graph, node, nullptr); });
  }
  bool fusible(const ir::Node& node, const runtime::Target& target) const { return fusible(graph_, node, target); }

  const Shape& space(const ir::Node& node) const {
    return graph_.type(is_reduction(node) ? node.inputs[0] : node.first).shape;
  }

  // Merges the group of an operand's producer into the group of `node`, where that is one loop.
  void join(int into, ir::ValueId input, const ir::Node& node) {
    const ir::NodeId producer_id = graph_.values[static_cast<std::size_t>(input)].node;
    const int other = group_[static_cast<std::size_t>(producer_id)];
    if (other < 0 || other == into) return;
    const ir::Node& producer = graph_.nodes[static_cast<std::size_t>(producer_id)];
    if (space(producer) != space(node)) return;
    // A row's reduction can be spread over its row again, and nothing else can be done with it in the same loop.
    if (is_reduction(producer) && !(primitives::is(node, Op::broadcast) && reduces_rows(producer))) return;
    auto& mine = members_[static_cast<std::size_t>(into)];
    auto& theirs = members_[static_cast<std::size_t>(other)];
    if (mine.size() + theirs.size() > kLargestGroup || leaves_and_returns(into, other)) return;
    for (ir::NodeId id : theirs) group_[static_cast<std::size_t>(id)] = into;
    mine.insert(mine.end(), theirs.begin(), theirs.end());
    std::sort(mine.begin(), mine.end());
    theirs.clear();
  }

  bool reduces_rows(const ir::Node& node) const {
    const auto& attrs = node.attrs.as<primitives::ReduceAttrs>();
    const std::int64_t rank = graph_.type(node.inputs[0]).shape.rank();
    const auto count = static_cast<std::int64_t>(attrs.axes.size());
    if (!attrs.keepdims || count == rank) return false;
    for (std::int64_t i = 0; i < count; ++i) {
      if (attrs.axes[static_cast<std::size_t>(i)] != rank - count + i) return false;
    }
    return true;
  }

  // Whether a path leads from the two groups through a node outside them back into them: then they are not one loop.
  bool leaves_and_returns(int a, int b) const {
    const auto inside = [&](std::size_t i) { return group_[i] == a || group_[i] == b; };
    // Marks what depends on the groups from outside. A group that is partly reached is reached as a whole.
    std::vector<bool> outside(graph_.nodes.size(), false);
    std::vector<bool> reached_group(members_.size(), false);
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
        const ir::Node& node = graph_.nodes[i];
        bool touched = false, returned = false;
        for (ir::ValueId input : node.inputs) {
          const auto p = static_cast<std::size_t>(graph_.values[static_cast<std::size_t>(input)].node);
          const bool from_outside =
              outside[p] || (group_[p] >= 0 && !inside(p) && reached_group[static_cast<std::size_t>(group_[p])]);
          returned = returned || from_outside;
          touched = touched || from_outside || inside(p);
        }
        if (inside(i)) {
          if (returned) return true;
        } else if (touched && !outside[i]) {
          outside[i] = true;
          if (group_[i] >= 0) reached_group[static_cast<std::size_t>(group_[i])] = true;
          changed = true;
        }
      }
    }
    return false;
  }

  const ir::Graph& graph_;
  std::vector<int> group_;                        // of each node; -1: none
  std::vector<std::vector<ir::NodeId>> members_;  // sorted
};

struct Fused {
  ir::GraphPtr body;
  std::vector<ir::ValueId> inputs, outputs;  // of the graph
};

Fused make_body(const ir::Graph& graph, const std::vector<ir::NodeId>& members, const std::vector<bool>& used_outside) {
  Fused fused;
  auto body = std::make_shared<ir::Graph>();
  std::vector<std::pair<ir::ValueId, ir::ValueId>> known;
  const auto find = [&](ir::ValueId id) {
    const auto it = std::find_if(known.begin(), known.end(), [&](const auto& entry) { return entry.first == id; });
    return it == known.end() ? -1 : it->second;
  };
  const auto inside = [&](ir::ValueId id) {
    return std::binary_search(members.begin(), members.end(), graph.values[static_cast<std::size_t>(id)].node);
  };
  for (ir::NodeId id : members) {  // a graph's inputs come first
    for (ir::ValueId input : graph.nodes[static_cast<std::size_t>(id)].inputs) {
      if (find(input) >= 0 || inside(input) || is_splat(graph.node_of(input))) continue;
      known.emplace_back(input, body->add_input("", graph.type(input)));
      fused.inputs.push_back(input);
    }
  }
  for (ir::NodeId id : members) {
    const ir::Node& node = graph.nodes[static_cast<std::size_t>(id)];
    std::vector<ir::ValueId> operands;
    for (ir::ValueId input : node.inputs) {
      ir::ValueId operand = find(input);
      if (operand < 0) {
        const ir::Node& splat = graph.node_of(input);
        operand = body->add(*splat.op, splat.attrs, {});
        known.emplace_back(input, operand);
      }
      operands.push_back(operand);
    }
    known.emplace_back(node.first, body->add(*node.op, node.attrs, operands));
    if (used_outside[static_cast<std::size_t>(node.first)]) {
      body->outputs.push_back(known.back().second);
      fused.outputs.push_back(node.first);
    }
  }
  fused.body = std::move(body);
  return fused;
}
}  // namespace

ir::Graph fuse(const ir::Graph& graph, const runtime::Target& target) {
  const Grouper grouper(graph, target);
  // Which group each node is in, and where a group can stand: at its last member, when all operands are there.
  std::vector<int> group_of(graph.nodes.size(), -1);
  for (std::size_t g = 0; g < grouper.groups().size(); ++g) {
    if (grouper.groups()[g].size() < 2) continue;
    for (ir::NodeId id : grouper.groups()[g]) group_of[static_cast<std::size_t>(id)] = static_cast<int>(g);
  }
  std::vector<bool> used_outside(graph.values.size(), false);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (ir::ValueId input : graph.nodes[i].inputs) {
      const auto producer = static_cast<std::size_t>(graph.values[static_cast<std::size_t>(input)].node);
      if (group_of[producer] < 0 || group_of[producer] != group_of[i])
        used_outside[static_cast<std::size_t>(input)] = true;
    }
  }
  for (ir::ValueId output : graph.outputs) used_outside[static_cast<std::size_t>(output)] = true;
  for (const ir::Update& update : graph.updates) used_outside[static_cast<std::size_t>(update.value)] = true;

  Rewriter next(graph);
  std::vector<bool> done(graph.nodes.size(), false);
  // Depth first over operands, so that a node between two members of a group comes before the group.
  const auto emit = [&](auto&& self, ir::NodeId id) -> void {
    const auto i = static_cast<std::size_t>(id);
    if (done[i] || ir::is_input(graph.nodes[i])) return;
    const int g = group_of[i];
    if (g < 0) {
      done[i] = true;
      for (ir::ValueId input : graph.nodes[i].inputs) self(self, graph.values[static_cast<std::size_t>(input)].node);
      next.keep(graph.nodes[i]);
      return;
    }
    const std::vector<ir::NodeId>& members = grouper.groups()[static_cast<std::size_t>(g)];
    for (ir::NodeId member : members) done[static_cast<std::size_t>(member)] = true;
    const Fused fused = make_body(graph, members, used_outside);
    for (ir::NodeId member : members) {
      for (ir::ValueId input : graph.nodes[static_cast<std::size_t>(member)].inputs) {
        self(self, graph.values[static_cast<std::size_t>(input)].node);
      }
    }
    const ir::OpDef& op = primitives::def(Op::fused);
    ir::Graph probe;  // the group alone, to be asked about
    std::vector<ir::ValueId> alone, operands;
    for (ir::ValueId input : fused.inputs) {
      alone.push_back(probe.add_input("", graph.type(input)));
      operands.push_back(next[input]);
    }
    probe.add(op, primitives::FusedAttrs{fused.body}, alone);
    const bool accepted =
        std::any_of(target.backends.begin(), target.backends.end(), [&](const runtime::Backend* backend) {
          return backend->fuses(graph, graph.nodes[static_cast<std::size_t>(members[0])], nullptr) &&
                 backend->candidate(probe, probe.nodes.back()).candidate.has_value();
        });
    if (!accepted) {
      for (ir::NodeId member : members) next.keep(graph.nodes[static_cast<std::size_t>(member)]);
      return;
    }
    const ir::ValueId first = next.to.add(op, primitives::FusedAttrs{fused.body}, std::move(operands));
    for (std::size_t k = 0; k < fused.outputs.size(); ++k) next.map(fused.outputs[k], first + static_cast<int>(k));
  };
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) emit(emit, static_cast<ir::NodeId>(i));
  return next.finish();
}

}  // namespace keras::compile
