// Recomputation: what is cheap to compute and would wait in memory from the forward part of a step to the backward part
// is computed again there, where that lowers the peak: comparisons of values that are kept anyway, and random masks,
// which need nothing but their stream.
#include <algorithm>
#include <map>
#include <optional>

#include "compile/passes.h"
#include "compile/rewrite.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::compile {

namespace {
using primitives::Op;

constexpr std::size_t kLeast = 64 << 10;  // bytes: what is smaller may wait
constexpr std::size_t kSmall = 4 << 10;   // costs nothing, wherever it is needed
constexpr int kLargest = 6;               // nodes that make one value
constexpr int kRounds = 3;                // as the peak moves
constexpr std::size_t kWorth = 32;        // part of the peak that it has to save
constexpr int kNever = 1 << 30;

bool renames(const ir::Node& node) {
  return primitives::is(node, Op::reshape) || primitives::is(node, Op::stop_gradient);
}
bool joins_loops(const ir::Node& node) {
  if (node.op->is(ir::kLeaf) || renames(node)) return false;
  return node.op->is(ir::kElementwise) || primitives::is(node, Op::broadcast);
}
bool reduces(const ir::Node& node) {  // and does so in the loop that makes what it reads
  return node.attrs.type().equal == ir::kAttrsType<primitives::ReduceAttrs>.equal;
}

// What the pass knows of a graph: who reads what, and about how much memory is in use at each node. Loops are guessed:
// elementwise nodes are in one as far as nothing else lies between them, which is counted as their level.
class Reading {
 public:
  explicit Reading(const ir::Graph& graph)
      : graph_(graph),
        level_(graph.nodes.size(), 0),
        lazy_(graph.nodes.size(), false),
        readers_(graph.values.size()),
        last_solid_(graph.values.size(), -1) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const ir::Node& node = graph.nodes[i];
      bool any = node.op->is(ir::kRandom), all = any || joins_loops(node);
      for (const ir::ValueId input : node.inputs) {
        readers_[at(input)].push_back(static_cast<int>(i));
        const std::size_t from = node_at(input);
        level_[i] = std::max(level_[i], level_[from] + !(joins_loops(graph.nodes[from]) || is_leaf(input)));
        any = any || lazy_[from];
        all = all && (lazy_[from] || is_free(input));
      }
      lazy_[i] = any && all;
    }
    for (const ir::ValueId output : graph.outputs) keep(output);
    for (const ir::Update& update : graph.updates) keep(update.value);
    for (std::size_t i = graph.nodes.size(); i-- > 0;) {
      const ir::Node& node = graph.nodes[i];
      for (const ir::ValueId input : node.inputs) {
        int& last = last_solid_[at(input)];
        if (renames(node))
          last = std::max(last, last_solid_[at(node.first)]);
        else if (!joins_loops(node) && !(reduces(node) && joins_loops(graph.node_of(input))))
          last = std::max(last, static_cast<int>(i));
      }
    }
  }

  int level(int node) const { return level_[static_cast<std::size_t>(node)]; }
  const std::vector<int>& readers(ir::ValueId id) const { return readers_[at(id)]; }
  // The level of the loop that the value is made in: of its first reader, where it is made of streams alone.
  int home(ir::ValueId id) const {
    const std::size_t node = node_at(id);
    return lazy_[node] && !readers(id).empty() ? level(readers(id).front()) : level_[node];
  }
  bool is_free(ir::ValueId id) const { return is_leaf(id) || graph_.type(id).bytes() <= kSmall; }
  bool from_streams(ir::ValueId id) const { return lazy_[node_at(id)]; }
  bool waits_for(ir::ValueId id, int node) const { return last_solid_[at(id)] >= node; }

  // The nodes that make the value again at `node` from what is there anyway, in order; nothing where there is too much
  // to do, or something missing.
  std::optional<std::vector<int>> recipe(ir::ValueId id, int node) const {
    std::vector<int> nodes;
    if (!add(id, node, nodes)) return std::nullopt;
    return nodes;
  }

  // The most memory in use, and where.
  std::pair<std::size_t, int> peak() const {
    std::vector<std::ptrdiff_t> change(graph_.nodes.size() + 2, 0);
    std::vector<int> last(graph_.values.size(), -1);
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      const ir::Node& node = graph_.nodes[i];
      for (const ir::ValueId input : node.inputs) {
        const bool folded = reduces(node) && joins_loops(graph_.node_of(input));
        const int reader = renames(node) ? last[at(node.first)] : static_cast<int>(folded ? node_at(input) : i);
        last[at(input)] = std::max(last[at(input)], reader);
      }
      if (node.inputs.empty() || renames(node)) continue;
      for (int r = 0; r < node.outputs; ++r) {
        const ir::ValueId id = node.first + r;
        if (last_solid_[at(id)] == kNever || within_loop(id)) continue;
        const auto bytes = static_cast<std::ptrdiff_t>(graph_.type(id).bytes());
        const std::size_t end = static_cast<std::size_t>(std::max(last[at(id)], static_cast<int>(i)));
        change[i] += bytes;
        const ir::Node& reader = graph_.nodes[end];
        bool over = false;  // a loop writes over what it reads last
        for (int k = 0; k < reader.outputs && end > i; ++k)
          over = over || graph_.type(reader.first + k) == graph_.type(id);
        over = over && (joins_loops(reader) || primitives::is(reader, Op::fused));
        change[end + !over] -= bytes;
      }
    }
    std::ptrdiff_t now = 0, most = 0;
    int where = 0;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      now += change[i];
      if (now > most) most = now, where = static_cast<int>(i);
    }
    return {static_cast<std::size_t>(most), where};
  }

 private:
  static std::size_t at(ir::ValueId id) { return static_cast<std::size_t>(id); }
  std::size_t node_at(ir::ValueId id) const { return static_cast<std::size_t>(graph_.values[at(id)].node); }
  bool is_leaf(ir::ValueId id) const {
    const ir::Node& node = graph_.nodes[node_at(id)];
    return ir::is_input(node) || node.op->is(ir::kLeaf) || node.inputs.empty();
  }
  void keep(ir::ValueId id) { last_solid_[at(id)] = kNever; }
  bool within_loop(ir::ValueId id) const {
    if (!joins_loops(graph_.nodes[node_at(id)]) || readers(id).empty()) return false;
    return std::all_of(readers(id).begin(), readers(id).end(), [&](int reader) {
      const ir::Node& node = graph_.nodes[static_cast<std::size_t>(reader)];
      return reduces(node) || (joins_loops(node) && level(reader) == home(id));
    });
  }
  bool add(ir::ValueId id, int before, std::vector<int>& nodes) const {
    const std::size_t i = node_at(id);
    const ir::Node& node = graph_.nodes[i];
    if (std::find(nodes.begin(), nodes.end(), static_cast<int>(i)) != nodes.end()) return true;
    const bool can = node.op->is(ir::kRandom) || (joins_loops(node) && node.op->is(ir::kCheap));
    if (!can || static_cast<int>(nodes.size()) == kLargest) return false;
    for (const ir::ValueId input : node.inputs) {
      if (!is_free(input) && !waits_for(input, before) && !add(input, before, nodes)) return false;
    }
    nodes.push_back(static_cast<int>(i));
    return static_cast<int>(nodes.size()) <= kLargest;
  }

  const ir::Graph& graph_;
  std::vector<int> level_;
  std::vector<bool> lazy_;
  std::vector<std::vector<int>> readers_;  // in order
  std::vector<int> last_solid_;            // the last node that reads the value from memory, loops aside
};

// A value's late readers of one level, and how the value is made again for them.
struct Again {
  ir::ValueId value;
  int level;
  std::vector<int> recipe;
  int before;  // the node that it comes before
};

// Where a value made of streams comes: before the product or convolution that the reader's loop goes over, whose result
// then lies where the random numbers were.
int before_the_loop(const ir::Graph& graph, int reader) {
  int before = reader;
  for (const ir::ValueId input : graph.nodes[static_cast<std::size_t>(reader)].inputs) {
    const int from = graph.values[static_cast<std::size_t>(input)].node;
    if (graph.nodes[static_cast<std::size_t>(from)].op->is(ir::kFeedsLoops)) before = std::min(before, from);
  }
  return before;
}

std::vector<Again> find(const ir::Graph& graph, const Reading& reading, int peak) {
  std::vector<Again> found;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const ir::Node& node = graph.nodes[i];
    if (!joins_loops(node) || graph.type(node.first).bytes() < kLeast || reading.waits_for(node.first, kNever))
      continue;
    const int home = reading.home(node.first);
    int before = static_cast<int>(i);  // the last reader that stays
    std::map<int, int> first, last;    // of the late readers, by level
    for (const int reader : reading.readers(node.first)) {
      if (reading.level(reader) <= home) {
        before = std::max(before, reader);
        continue;
      }
      first.emplace(reading.level(reader), reader);
      last[reading.level(reader)] = reader;
    }
    for (const auto& [level, reader] : first) {
      if (before > peak || last[level] < peak) continue;
      auto recipe = reading.recipe(node.first, reader);
      if (!recipe) continue;
      const bool streams = reading.from_streams(node.first);
      found.push_back({node.first, level, std::move(*recipe), streams ? before_the_loop(graph, reader) : reader});
    }
  }
  return found;
}

class Rebuild {
 public:
  Rebuild(const ir::Graph& graph, const Reading& reading, const std::vector<Again>& again)
      : graph_(graph), reading_(reading), next_(graph) {
    for (const Again& a : again) before_.emplace(a.before, &a);
  }
  ir::Graph run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const ir::Node& node = graph_.nodes[i];
      if (ir::is_input(node)) continue;
      const auto [begin, end] = before_.equal_range(static_cast<int>(i));
      for (auto it = begin; it != end; ++it) make_again(*it->second);
      std::vector<ir::ValueId> operands;
      for (const ir::ValueId input : node.inputs) {
        const auto late = made_.find({input, reading_.level(static_cast<int>(i))});
        operands.push_back(late == made_.end() ? next_[input] : late->second);
      }
      const ir::ValueId first = next_.to.add(*node.op, node.attrs, std::move(operands));
      for (int r = 0; r < node.outputs; ++r) next_.map(node.first + r, first + r);
    }
    return ir::without_dead_nodes(next_.finish());
  }

 private:
  // A stop_gradient is another name for the same memory, and ends a loop: without it the new nodes would become a part
  // of the loop that makes what they read, as the old ones were.
  ir::ValueId from_memory(ir::ValueId id) { return next_.to.add(primitives::def(Op::stop_gradient), {}, {id}); }

  void make_again(const Again& again) {
    std::map<ir::ValueId, ir::ValueId> now;
    for (const int i : again.recipe) {
      const ir::Node& node = graph_.nodes[static_cast<std::size_t>(i)];
      std::vector<ir::ValueId> operands;
      for (const ir::ValueId input : node.inputs) {
        const auto mine = now.find(input);
        if (mine != now.end())
          operands.push_back(mine->second);
        else if (joins_loops(graph_.node_of(input)) && !reading_.is_free(input))
          operands.push_back(from_memory(next_[input]));
        else
          operands.push_back(next_[input]);
      }
      now[node.first] = next_.to.add(*node.op, node.attrs, std::move(operands));
    }
    // A mask is finished before the loop that reads it, so that the numbers it was made of are gone by then.
    const bool streams = reading_.from_streams(again.value);
    made_[{again.value, again.level}] = streams ? from_memory(now[again.value]) : now[again.value];
  }

  const ir::Graph& graph_;
  const Reading& reading_;
  Rewriter next_;
  std::multimap<int, const Again*> before_;
  std::map<std::pair<ir::ValueId, int>, ir::ValueId> made_;  // by value and level of the readers
};
}  // namespace

ir::Graph recompute(const ir::Graph& graph, const runtime::Target& target) {
  ir::Graph best = graph;
  bool changed = false;
  for (int round = 0; round < kRounds; ++round) {
    const Reading reading(best);
    const auto [bytes, where] = reading.peak();
    const std::vector<Again> again = find(best, reading, where);
    if (again.empty()) break;
    ir::Graph next = Rebuild(best, reading, again).run();
    if (Reading(next).peak().first >= bytes) break;
    best = std::move(next);
    changed = true;
  }
  if (!changed) return graph;
  // What was guessed about loops must hold for those that there will be.
  const std::size_t before = Reading(fuse(graph, target)).peak().first;
  return Reading(fuse(best, target)).peak().first < before - before / kWorth ? best : graph;
}

}  // namespace keras::compile
