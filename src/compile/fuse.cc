// Fusion: groups of nodes that share one iteration space become one loop, which may begin with the product or
// convolution that makes what it goes over. A backend says which nodes it could take into a loop, and refuses or
// accepts the finished group; a refused group is tried without its slices, then without its product, and else stays as
// it was.
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
      if (ir::is_input(node) || is_splat(node)) continue;
      const bool feeds = any_of(target, [&](const runtime::Backend& backend) { return backend.feeds(graph, node); });
      if (!feeds && !fusible(node, target)) continue;
      group_[i] = static_cast<int>(members_.size());
      members_.push_back({static_cast<ir::NodeId>(i)});
      source_.push_back(feeds ? static_cast<ir::NodeId>(i) : -1);
      if (feeds) continue;
      for (ir::ValueId input : node.inputs) join(group_[i], input, node);
    }
  }
  const std::vector<std::vector<ir::NodeId>>& groups() const { return members_; }
  ir::NodeId source_of(std::size_t group) const { return source_[group]; }  // -1: none

 private:
  template <class F>
  static bool any_of(const runtime::Target& target, F f) {
    return std::any_of(target.backends.begin(), target.backends.end(),
                       [&](const runtime::Backend* backend) { return f(*backend); });
  }
  bool fusible(const ir::Node& node, const runtime::Target& target) const {
    return any_of(target, [&](const runtime::Backend& backend) { return backend.fuses(graph_, node, nullptr); });
  }

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
    ir::NodeId& source = source_[static_cast<std::size_t>(into)];
    const ir::NodeId other_source = source_[static_cast<std::size_t>(other)];
    if (source >= 0 && other_source >= 0) return;
    const ir::NodeId joined = std::max(source, other_source);
    if (joined >= 0 && makes_operand_of(joined, into, other)) return;
    if (mine.size() + theirs.size() > kLargestGroup || leaves_and_returns(into, other)) return;
    source = joined;
    for (ir::NodeId id : theirs) group_[static_cast<std::size_t>(id)] = into;
    mine.insert(mine.end(), theirs.begin(), theirs.end());
    std::sort(mine.begin(), mine.end());
    theirs.clear();
  }

  // Whether a member of the two groups makes what the source takes: then it would have to be there before the loop.
  bool makes_operand_of(ir::NodeId source, int a, int b) const {
    const auto& inputs = graph_.nodes[static_cast<std::size_t>(source)].inputs;
    return std::any_of(inputs.begin(), inputs.end(), [&](ir::ValueId input) {
      const int g = group_[static_cast<std::size_t>(graph_.values[static_cast<std::size_t>(input)].node)];
      return g == a || g == b;
    });
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
  std::vector<ir::NodeId> source_;                // of each group; -1: none
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
// The groups that backends accept, and which group each node is in.
class Groups {
 public:
  Groups(const ir::Graph& graph, const runtime::Target& target)
      : graph_(graph), target_(target), of_(graph.nodes.size(), -1) {
    const Grouper grouper(graph, target);
    members_ = grouper.groups();
    for (std::size_t g = 0; g < members_.size(); ++g) {
      if (members_[g].size() >= 2) put(g, static_cast<int>(g));
    }
    std::vector<bool> outside = used_outside();
    for (std::size_t g = 0; g < members_.size(); ++g) {
      if (members_[g].size() < 2 || accepted(g, outside)) continue;
      const auto slice = [&](ir::NodeId id) {
        return primitives::is(graph.nodes[static_cast<std::size_t>(id)], Op::slice);
      };
      const auto source = [&](ir::NodeId id) { return id == grouper.source_of(g); };
      if (!accepted_without(g, slice, outside) && !accepted_without(g, source, outside)) put(g, -1);
    }
  }
  const std::vector<int>& of() const { return of_; }
  const std::vector<std::vector<ir::NodeId>>& members() const { return members_; }
  // Which values are needed outside the group that makes them.
  std::vector<bool> used_outside() const {
    std::vector<bool> used(graph_.values.size(), false);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (ir::ValueId input : graph_.nodes[i].inputs) {
        const auto producer = static_cast<std::size_t>(graph_.values[static_cast<std::size_t>(input)].node);
        if (of_[producer] < 0 || of_[producer] != of_[i]) used[static_cast<std::size_t>(input)] = true;
      }
    }
    for (ir::ValueId output : graph_.outputs) used[static_cast<std::size_t>(output)] = true;
    for (const ir::Update& update : graph_.updates) used[static_cast<std::size_t>(update.value)] = true;
    return used;
  }

 private:
  void put(std::size_t g, int into) {
    for (ir::NodeId id : members_[g]) of_[static_cast<std::size_t>(id)] = into;
  }
  // Takes some members out of a refused group, and asks again.
  template <class F>
  bool accepted_without(std::size_t g, F these, const std::vector<bool>& outside) {
    put(g, -1);
    if (std::erase_if(members_[g], these) == 0) return false;
    if (members_[g].size() < 2) return false;
    put(g, static_cast<int>(g));
    return accepted(g, outside);
  }
  bool accepted(std::size_t g, const std::vector<bool>& outside) const {
    const Fused fused = make_body(graph_, members_[g], outside);
    if (fused.inputs.empty()) return false;  // constants that nobody folded
    ir::Graph probe;                         // the group alone, to be asked about
    std::vector<ir::ValueId> alone;
    for (ir::ValueId input : fused.inputs) alone.push_back(probe.add_input("", graph_.type(input)));
    probe.add(primitives::def(Op::fused), primitives::FusedAttrs{fused.body}, alone);
    const ir::Node& last = graph_.nodes[static_cast<std::size_t>(members_[g].back())];  // no source
    return std::any_of(target_.backends.begin(), target_.backends.end(), [&](const runtime::Backend* backend) {
      return backend->fuses(graph_, last, nullptr) && backend->candidate(probe, probe.nodes.back()).candidate;
    });
  }

  const ir::Graph& graph_;
  const runtime::Target& target_;
  std::vector<std::vector<ir::NodeId>> members_;
  std::vector<int> of_;
};
}  // namespace

ir::Graph fuse(const ir::Graph& given, const runtime::Target& target) {
  const ir::Graph graph = ir::without_dead_nodes(given);  // a loop has no results that nobody needs
  const Groups groups(graph, target);
  const std::vector<bool> used_outside = groups.used_outside();
  return regroup(graph, groups.of(), groups.members(), [&](Rewriter& next, const std::vector<ir::NodeId>& members) {
    const Fused fused = make_body(graph, members, used_outside);
    std::vector<ir::ValueId> operands;
    for (ir::ValueId input : fused.inputs) operands.push_back(next[input]);
    const ir::ValueId first =
        next.to.add(primitives::def(Op::fused), primitives::FusedAttrs{fused.body}, std::move(operands));
    for (std::size_t k = 0; k < fused.outputs.size(); ++k) next.map(fused.outputs[k], first + static_cast<int>(k));
  });
}

}  // namespace keras::compile
