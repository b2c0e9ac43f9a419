#include "compile/plan.h"

#include <algorithm>
#include <map>

#include "compile/choose.h"
#include "compile/scan.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::compile {

namespace {
using primitives::Op;
using runtime::Slot;

constexpr int kForever = 1 << 30;
constexpr std::size_t kNone = SIZE_MAX;
using runtime::aligned;
using runtime::kAlign;

// Blocks of the arena, each for a span of steps. Where they lie is decided when all are known: the largest first, each
// in the lowest gap among those it meets in time.
class Arena {
 public:
  std::size_t take(std::size_t bytes, int step) {
    blocks_.push_back({std::max(aligned(bytes), kAlign), step, kForever, 0});
    return blocks_.size() - 1;
  }
  void give(std::size_t block, int step) { blocks_[block].last = step; }
  std::size_t offset(std::size_t block) const { return blocks_[block].offset; }

  std::size_t place() {              // returns the size of the whole
    std::vector<Block*> todo, done;  // done: by offset
    for (Block& block : blocks_) todo.push_back(&block);
    std::stable_sort(todo.begin(), todo.end(), [](const Block* a, const Block* b) { return a->bytes > b->bytes; });
    std::size_t size = 0;
    for (Block* block : todo) {
      std::size_t best = 0, best_gap = SIZE_MAX, end = 0;
      for (const Block* other : done) {
        if (other->first > block->last || other->last < block->first) continue;
        if (other->offset >= end + block->bytes && other->offset - end < best_gap) {
          best = end;
          best_gap = other->offset - end;
        }
        end = std::max(end, other->offset + other->bytes);
      }
      block->offset = best_gap == SIZE_MAX ? end : best;
      size = std::max(size, block->offset + block->bytes);
      done.insert(std::upper_bound(done.begin(), done.end(), block,
                                   [](const Block* a, const Block* b) { return a->offset < b->offset; }),
                  block);
    }
    return size;
  }

 private:
  struct Block {
    std::size_t bytes;
    int first, last;  // steps
    std::size_t offset;
  };
  std::vector<Block> blocks_;
};

// Memory that one or several values (a value and its reshapes) live in.
struct Storage {
  Slot slot;
  int last = -1;       // the last step that reads it
  bool owned = false;  // a block of the arena that can be given back
};

// Whether the node reads operand `operand` only at the element it writes: then the result may lie over it. A fused loop
// does, of all but what its product or convolution takes.
bool works_in_place(const ir::Graph& graph, const ir::Node& node, std::size_t operand, int result) {
  if (graph.type(node.inputs[operand]) != graph.type(node.first + result)) return false;
  if (const primitives::ChainInfo* chain = primitives::chain(*node.op))  // of the same segment
    return static_cast<int>(operand) / chain->full == result / chain->results;
  if (primitives::is(node, Op::update_rows)) return static_cast<int>(operand) == result;
  if (node.op->is(ir::kElementwise) || node.op->is(ir::kInPlace)) return true;
  if (!primitives::is(node, Op::fused)) return false;
  const ir::Graph& body = *node.attrs.as<primitives::FusedAttrs>().body;
  const ir::ValueId input = body.inputs[operand].value;
  return std::none_of(body.nodes.begin(), body.nodes.end(), [&](const ir::Node& inner) {
    return inner.op->is(ir::kFeedsLoops) && std::count(inner.inputs.begin(), inner.inputs.end(), input) > 0;
  });
}

class Planner {
 public:
  Planner(const ir::Graph& graph, const runtime::Target& target, std::optional<std::size_t> guard)
      : graph_(graph),
        target_(target),
        guard_(guard),
        storage_of_(graph.values.size(), -1),
        program_(std::make_shared<runtime::Program>()) {}

  std::shared_ptr<runtime::Program> run() {
    bind_inputs();
    number_steps();
    if (guard_) find_guard(graph_.outputs[*guard_]);
    find_last_readers();
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (step_of_[i] >= 0) place_step(graph_.nodes[i], step_of_[i]);
    }
    finish();
    return program_;
  }

 private:
  Storage& storage(ir::ValueId id) {
    return storages_[static_cast<std::size_t>(storage_of_[static_cast<std::size_t>(id)])];
  }
  std::int32_t add_storage(ir::ValueId id, Storage storage) {
    storage.slot.bytes = graph_.type(id).bytes();
    storages_.push_back(storage);
    return storage_of_[static_cast<std::size_t>(id)] = static_cast<std::int32_t>(storages_.size()) - 1;
  }

  void bind_inputs() {
    for (const ir::Input& input : graph_.inputs) {
      auto& types = input.state ? program_->states : program_->inputs;
      auto& names = input.state ? program_->state_names : program_->input_names;
      add_storage(input.value,
                  {{input.state ? Slot::Place::state : Slot::Place::input, static_cast<std::int32_t>(types.size())}});
      types.push_back(graph_.type(input.value));
      names.push_back(input.name);
    }
    for (ir::ValueId output : graph_.outputs) program_->outputs.push_back(graph_.type(output));
  }

  // A node becomes a step unless it only renames memory.
  static bool renames(const ir::Node& node) {
    return primitives::is(node, Op::reshape) || primitives::is(node, Op::stop_gradient);
  }
  static bool is_constant(const ir::Node& node) {
    return primitives::is(node, Op::constant) || primitives::is(node, Op::splat);
  }

  void number_steps() {
    int steps = 0;
    for (const ir::Node& node : graph_.nodes) {
      step_of_.push_back(ir::is_input(node) || renames(node) || is_constant(node) ? -1 : steps++);
    }
  }

  // The last step that the guard needs.
  void find_guard(ir::ValueId id) {
    const auto at = static_cast<std::size_t>(graph_.values[static_cast<std::size_t>(id)].node);
    if (renames(graph_.nodes[at])) return find_guard(graph_.nodes[at].inputs[0]);
    program_->guard_step = step_of_[at];
  }

  // By value first; reshapes pass the readers on to what they rename.
  void find_last_readers() {
    last_.assign(graph_.values.size(), -1);
    for (ir::ValueId output : graph_.outputs) last_[static_cast<std::size_t>(output)] = kForever;
    for (const ir::Update& update : graph_.updates) last_[static_cast<std::size_t>(update.value)] = kForever;
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      const ir::Node& node = graph_.nodes[i];
      const int reader = renames(node) ? last_[static_cast<std::size_t>(node.first)] : step_of_[i];
      for (ir::ValueId input : node.inputs) {
        int& last = last_[static_cast<std::size_t>(input)];
        last = std::max(last, reader);
      }
    }
    for (const ir::Input& input : graph_.inputs)
      storage(input.value).last = last_[static_cast<std::size_t>(input.value)];
  }

  void prepare_operand(ir::ValueId id) {
    if (storage_of_[static_cast<std::size_t>(id)] >= 0) return;
    const ir::Node& node = graph_.node_of(id);
    if (renames(node)) {
      prepare_operand(node.inputs[0]);
      storage_of_[static_cast<std::size_t>(id)] = storage_of_[static_cast<std::size_t>(node.inputs[0])];
      return;
    }
    program_->constants.push_back(constant(node));
    Storage constant{{Slot::Place::constant, static_cast<std::int32_t>(program_->constants.size()) - 1}};
    constant.last = kForever;
    add_storage(id, constant);
  }

  static Array constant(const ir::Node& node) {
    if (primitives::is(node, Op::constant)) return node.attrs.as<primitives::ConstantAttrs>().value;
    const auto& attrs = node.attrs.as<primitives::SplatAttrs>();
    return full(attrs.shape, attrs.value, attrs.dtype);
  }

  // The state whose new value this is, when the old one can be overwritten by step `step`.
  std::int32_t state_to_overwrite(ir::ValueId value, const ir::Node& node, int result, int step) {
    if (step <= program_->guard_step) return -1;
    for (const ir::Update& update : graph_.updates) {
      if (update.value != value) continue;
      const Storage& state = storage(update.state);
      if (overwritten_.count(state.slot.index)) continue;
      bool free = state.last < step;
      if (state.last == step) free = reads_only_in_place(node, update.state, result);
      if (free) return storage_of_[static_cast<std::size_t>(update.state)];
    }
    return -1;
  }
  // Every operand of the node that lies in the memory of `id` is read at the written element only.
  bool reads_only_in_place(const ir::Node& node, ir::ValueId id, int result) {
    const std::int32_t at = storage_of_[static_cast<std::size_t>(id)];
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (storage_of_[static_cast<std::size_t>(node.inputs[i])] == at && !works_in_place(graph_, node, i, result))
        return false;
    }
    return true;
  }

  void place_result(const ir::Node& node, int result, int step) {
    const ir::ValueId id = node.first + result;
    const int last = last_[static_cast<std::size_t>(id)];
    if (const std::int32_t state = state_to_overwrite(id, node, result, step); state >= 0) {
      storage_of_[static_cast<std::size_t>(id)] = state;
      overwritten_.emplace(storages_[static_cast<std::size_t>(state)].slot.index, id);
      storages_[static_cast<std::size_t>(state)].last = kForever;
      return;
    }
    for (std::size_t k = 0; k < graph_.outputs.size(); ++k) {
      if (graph_.outputs[k] != id || written_.count(static_cast<std::int32_t>(k))) continue;
      add_storage(id, {{Slot::Place::output, static_cast<std::int32_t>(k)}, kForever});
      written_.emplace(static_cast<std::int32_t>(k), id);
      return;
    }
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {  // over an operand that dies here
      const std::int32_t at = storage_of_[static_cast<std::size_t>(node.inputs[i])];
      Storage& operand = storages_[static_cast<std::size_t>(at)];
      if (!operand.owned || operand.last != step || !works_in_place(graph_, node, i, result)) continue;
      if (std::count(taken_over_.begin(), taken_over_.end(), at) > 0) continue;
      if (!reads_only_in_place(node, node.inputs[i], result)) continue;
      operand.last = std::max(last, step);
      storage_of_[static_cast<std::size_t>(id)] = at;
      taken_over_.push_back(at);
      return;
    }
    // Slots hold the number of their block until all blocks have a place.
    Storage mine{{Slot::Place::arena, 0, arena_.take(graph_.type(id).bytes(), step)}, std::max(last, step), true};
    add_storage(id, mine);
  }

  void place_step(const ir::Node& node, int step) {
    for (ir::ValueId input : node.inputs) prepare_operand(input);
    Choice choice = primitives::is(node, Op::scan) ? choose_scan(node, target_) : choose(graph_, node, target_);
    taken_over_.clear();
    for (int i = 0; i < node.outputs; ++i) place_result(node, i, step);
    const std::size_t workspace = choice.workspace > 0 ? arena_.take(choice.workspace, step) : kNone;

    runtime::Step out;
    out.kernel = choice.kernel;
    out.operands = static_cast<std::int32_t>(program_->operands.size());
    for (ir::ValueId input : node.inputs) program_->operands.push_back(storage_of_[static_cast<std::size_t>(input)]);
    for (int i = 0; i < node.outputs; ++i)
      program_->operands.push_back(storage_of_[static_cast<std::size_t>(node.first + i)]);
    out.count = static_cast<std::int32_t>(node.inputs.size()) + node.outputs;
    out.workspace = workspace;
    out.name = choice.name;
    out.body = choice.body;
    out.text = describe(graph_, node);
    out.flops = choice.flops;
    for (ir::ValueId input : node.inputs) out.bytes += static_cast<double>(graph_.type(input).bytes());
    for (int i = 0; i < node.outputs; ++i) out.bytes += static_cast<double>(graph_.type(node.first + i).bytes());
    program_->steps.push_back(std::move(out));
    program_->scratch_bytes = std::max(program_->scratch_bytes, choice.scratch);
    program_->cost += choice.cost;

    if (choice.workspace > 0) arena_.give(workspace, step);
    for (Storage& s : storages_) {
      if (!s.owned || s.last > step) continue;
      arena_.give(s.slot.offset, step);
      s.owned = false;
    }
  }

  // Outputs and new states that lie elsewhere are copied at the end. States first move into the arena where another
  // state's copy would overwrite them.
  void finish() {
    for (const ir::Update& update : graph_.updates) prepare_operand(update.value);
    for (ir::ValueId output : graph_.outputs) prepare_operand(output);
    std::vector<runtime::Copy> into_states;
    for (const ir::Update& update : graph_.updates) {
      const std::int32_t to = storage_of_[static_cast<std::size_t>(update.state)];
      std::int32_t from = storage_of_[static_cast<std::size_t>(update.value)];
      if (from == to) continue;
      const std::size_t bytes = graph_.type(update.state).bytes();
      if (storages_[static_cast<std::size_t>(from)].slot.place ==
          Slot::Place::state) {  // one state's old value is another's new one
        Storage aside{{Slot::Place::arena, 0, arena_.take(bytes, kForever - 1), bytes}, kForever, false};
        storages_.push_back(aside);
        const auto moved = static_cast<std::int32_t>(storages_.size()) - 1;
        program_->copies.push_back({from, moved, bytes});
        from = moved;
      }
      into_states.push_back({from, to, bytes});
    }
    for (std::size_t k = 0; k < graph_.outputs.size(); ++k) {
      const std::int32_t from = storage_of_[static_cast<std::size_t>(graph_.outputs[k])];
      const Slot slot = storages_[static_cast<std::size_t>(from)].slot;
      if (slot.place == Slot::Place::output && slot.index == static_cast<std::int32_t>(k)) continue;
      storages_.push_back({{Slot::Place::output, static_cast<std::int32_t>(k), 0, slot.bytes}, kForever, false});
      program_->copies.push_back({from, static_cast<std::int32_t>(storages_.size()) - 1, slot.bytes});
    }
    program_->copies.insert(program_->copies.end(), into_states.begin(), into_states.end());
    if (guard_) program_->guard_slot = storage_of_[static_cast<std::size_t>(graph_.outputs[*guard_])];
    program_->arena_bytes = arena_.place();
    for (const Storage& s : storages_) {
      program_->slots.push_back(s.slot);
      if (s.slot.place == Slot::Place::arena) program_->slots.back().offset = arena_.offset(s.slot.offset);
    }
    for (runtime::Step& step : program_->steps)
      step.workspace = step.workspace == kNone ? 0 : arena_.offset(step.workspace);
  }

  const ir::Graph& graph_;
  const runtime::Target& target_;
  const std::optional<std::size_t> guard_;
  std::vector<Storage> storages_;
  std::vector<std::int32_t> storage_of_, taken_over_;
  std::vector<int> step_of_, last_;
  std::map<std::int32_t, ir::ValueId> overwritten_, written_;  // states and outputs that have their value
  Arena arena_;
  std::shared_ptr<runtime::Program> program_;
};
}  // namespace

std::shared_ptr<runtime::Program> plan(const ir::Graph& graph, const runtime::Target& target,
                                       std::optional<std::size_t> guard) {
  return Planner(graph, target, guard).run();
}

}  // namespace keras::compile
