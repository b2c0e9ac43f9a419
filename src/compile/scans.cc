// Loops over time, as far as they can be less. Scans over the same operands become one, so that what a gradient needs
// is kept by the loop that is run anyway. What nobody reads is neither carried nor stacked. What is the same in all
// steps is computed once, and a product of each slice with the same matrix becomes one product of all slices: before
// the loop where it depends on nothing else, behind it where nothing in the loop reads it.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>

#include "compile/passes.h"
#include "compile/rewrite.h"
#include "primitives/attrs.h"
#include "primitives/build.h"
#include "primitives/primitives.h"

namespace keras::compile {

namespace {
using primitives::Op;
using primitives::ScanAttrs;

std::size_t at(std::int64_t v) { return static_cast<std::size_t>(v); }
bool is_scan(const ir::Node& node) { return primitives::is(node, Op::scan); }

// ---- one scan for several
bool same_nodes(const ir::Graph& a, const ir::Graph& b) {
  if (&a == &b) return true;
  const auto same = [](const ir::Node& x, const ir::Node& y) {
    return x.op == y.op && x.inputs == y.inputs && x.attrs == y.attrs;
  };
  return a.inputs.size() == b.inputs.size() &&
         std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(), same);
}

// Whether two scans do the same, whatever each of them stacks.
bool mergeable(const ir::Node& x, const ir::Node& y) {
  const auto &a = x.attrs.as<ScanAttrs>(), &b = y.attrs.as<ScanAttrs>();
  return x.inputs == y.inputs && a.carries == b.carries && a.slices == b.slices && a.length == b.length &&
         a.reverse == b.reverse && same_nodes(*a.body, *b.body) &&
         std::equal(a.body->outputs.begin(), a.body->outputs.begin() + a.carries, b.body->outputs.begin());
}

ir::Graph merge(const ir::Graph& graph) {
  Rewriter next(graph);
  std::vector<bool> done(graph.nodes.size(), false);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const ir::Node& node = graph.nodes[n];
    if (ir::is_input(node) || done[n]) continue;
    if (!is_scan(node)) {
      next.keep(node);
      continue;
    }
    ScanAttrs attrs = node.attrs.as<ScanAttrs>();
    ir::Graph body = *attrs.body;
    std::vector<std::pair<ir::ValueId, std::size_t>> results;  // an old result, and which of the new ones it is
    for (std::size_t m = n; m < graph.nodes.size(); ++m) {
      const ir::Node& other = graph.nodes[m];
      if (!is_scan(other) || !mergeable(node, other)) continue;
      done[m] = true;
      const ir::Graph& its = *other.attrs.as<ScanAttrs>().body;
      for (std::size_t k = 0; k < its.outputs.size(); ++k) {
        std::size_t place = k;
        if (k >= at(attrs.carries)) {
          const auto begin = body.outputs.begin() + attrs.carries;
          place = at(std::find(begin, body.outputs.end(), its.outputs[k]) - body.outputs.begin());
          if (place == body.outputs.size()) body.outputs.push_back(its.outputs[k]);
        }
        results.emplace_back(other.first + static_cast<ir::ValueId>(k), place);
      }
    }
    attrs.body = std::make_shared<const ir::Graph>(std::move(body));
    const ir::ValueId first = next.to.add(*node.op, attrs, next.operands(node));
    for (const auto& [old, place] : results) next.map(old, first + static_cast<ir::ValueId>(place));
  }
  return next.finish();
}

// ---- one loop, taken apart
class Loop {
 public:
  // `used[k]`: whether result k is read.
  Loop(const ScanAttrs& attrs, const std::vector<ir::ValueId>& operands, const std::vector<bool>& used,
       ir::Graph& outside, const runtime::Target& target)
      : attrs_(attrs), outside_(outside), body_(*attrs.body) {
    for (std::size_t k = 0; k < body_.outputs.size(); ++k) results_.push_back({used[k], at_none, {}});
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const ir::ValueId inside = body_.inputs[i].value;
      if (i < at(attrs.carries))
        carries_.push_back({inside, operands[i], body_.outputs[i], i});
      else
        (i < at(attrs.carries + attrs.slices) ? slices_ : fixed_).push_back({inside, operands[i]});
    }
    for (std::size_t k = at(attrs.carries); k < body_.outputs.size(); ++k) {
      if (used[k]) stacks_.push_back({body_.outputs[k], k});
    }
    prune();
    simplify_body(target);
  }

  // Adds the loop to the graph outside; the ids of its results, -1 for those that nobody reads.
  std::vector<ir::ValueId> rewrite() {
    find_dependence();
    hoist_fixed();
    turn_matrices();
    hoist_before();
    hoist_behind();
    merge_last();
    prune();
    return emit();
  }

 private:
  static constexpr std::size_t at_none = SIZE_MAX;
  using Late = std::function<ir::Value()>;
  struct Carry {
    ir::ValueId inside, initial, next;
    std::size_t result;
  };
  struct Operand {
    ir::ValueId inside, outside;
  };
  struct Stack {
    ir::ValueId value;
    std::size_t result;
  };
  struct Result {
    bool used;
    std::size_t place;  // among the results of the new loop
    Late late;          // or how it is computed behind it
  };

  // A carry that no step reads is, at the end, what another one is that has the same value.
  void merge_last() {
    if (attrs_.length == 0) return;
    std::vector<int> readers(body_.values.size(), 0);
    for (const ir::Node& node : body_.nodes) {
      for (const ir::ValueId v : node.inputs) ++readers[at(v)];
    }
    for (const Carry& carry : carries_) ++readers[at(carry.next)];
    for (const Stack& stack : stacks_) ++readers[at(stack.value)];
    std::erase_if(carries_, [&](const Carry& last) {
      if (readers[at(last.inside)] > 0) return false;
      const auto other = std::find_if(carries_.begin(), carries_.end(), [&](const Carry& carry) {
        return carry.next == last.next && readers[at(carry.inside)] > 0;
      });
      if (other == carries_.end() || !results_[last.result].used) return false;
      results_[other->result].used = true;
      results_[last.result].late = [this, k = other->result] {
        return outside_.at(first_ + static_cast<ir::ValueId>(results_[k].place));
      };
      return true;
    });
  }

  // Drops the carries, slices and operands that nothing needs which is read outside.
  void prune() {
    std::vector<bool> needed(body_.values.size(), false), live(carries_.size(), false);
    const auto need = [&](ir::ValueId root) {
      std::vector<ir::ValueId> pending{root};
      while (!pending.empty()) {
        const ir::ValueId v = pending.back();
        pending.pop_back();
        if (needed[at(v)]) continue;
        const ir::Node& node = body_.node_of(v);
        for (int r = 0; r < node.outputs; ++r) needed[at(node.first + r)] = true;
        pending.insert(pending.end(), node.inputs.begin(), node.inputs.end());
      }
    };
    for (const Stack& stack : stacks_) need(stack.value);
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t j = 0; j < carries_.size(); ++j) {
        const Carry& carry = carries_[j];
        if (live[j] || (!results_[carry.result].used && !needed[at(carry.inside)])) continue;
        live[j] = changed = true;
        need(carry.next);
      }
    }
    std::vector<Carry> carries;
    for (std::size_t j = 0; j < carries_.size(); ++j) {
      if (live[j]) carries.push_back(carries_[j]);
    }
    carries_ = std::move(carries);
    const auto unread = [&](const Operand& operand) { return !needed[at(operand.inside)]; };
    std::erase_if(slices_, unread);
    std::erase_if(fixed_, unread);
  }

  // The passes that make nodes equal that are, and drop what they leave.
  void simplify_body(const runtime::Target& target) {
    face();
    body_ = dead(cse(simplify(fold(body_, target), target), target), target);
    refresh();
  }
  // Inputs and outputs of the body as the lists say: carries, slices, fixed; carries, stacks.
  void face() {
    std::vector<ir::Input> inputs;
    std::vector<ir::ValueId> wanted;
    for (const Carry& carry : carries_) wanted.push_back(carry.inside);
    for (const Operand& slice : slices_) wanted.push_back(slice.inside);
    for (const Operand& fixed : fixed_) wanted.push_back(fixed.inside);
    body_.outputs.clear();
    for (const Carry& carry : carries_) body_.outputs.push_back(carry.next);
    for (const Stack& stack : stacks_) body_.outputs.push_back(stack.value);
    body_ = extract(body_, wanted);
    refresh();
  }
  void refresh() {  // the lists as the body says
    std::size_t i = 0, k = 0;
    for (Carry& carry : carries_) carry.inside = body_.inputs[i++].value, carry.next = body_.outputs[k++];
    for (Operand& slice : slices_) slice.inside = body_.inputs[i++].value;
    for (Operand& fixed : fixed_) fixed.inside = body_.inputs[i++].value;
    for (Stack& stack : stacks_) stack.value = body_.outputs[k++];
  }
  // What leads from these inputs to the outputs.
  static ir::Graph extract(const ir::Graph& from, const std::vector<ir::ValueId>& inputs) {
    ir::Graph out;
    std::vector<ir::ValueId> map(from.values.size(), -1);
    for (const ir::ValueId v : inputs) map[at(v)] = out.add_input(from.input_of(v)->name, from.type(v));
    std::vector<bool> needed(from.nodes.size(), false);
    for (const ir::ValueId v : from.outputs) needed[at(from.values[at(v)].node)] = true;
    for (std::size_t n = from.nodes.size(); n-- > 0;) {
      if (!needed[n]) continue;
      for (const ir::ValueId v : from.nodes[n].inputs) needed[at(from.values[at(v)].node)] = true;
    }
    for (std::size_t n = 0; n < from.nodes.size(); ++n) {
      const ir::Node& node = from.nodes[n];
      if (!needed[n] || ir::is_input(node)) continue;
      std::vector<ir::ValueId> operands;
      for (const ir::ValueId v : node.inputs) operands.push_back(map[at(v)]);
      const ir::ValueId first = out.add(*node.op, node.attrs, std::move(operands));
      for (int r = 0; r < node.outputs; ++r) map[at(node.first + r)] = first + r;
    }
    for (const ir::ValueId v : from.outputs) out.outputs.push_back(map[at(v)]);
    return out;
  }

  // ---- what depends on what
  void find_dependence() {
    varying_.assign(body_.values.size(), false);
    carried_.assign(body_.values.size(), false);
    readers_.assign(body_.values.size(), 0);
    for (const Carry& carry : carries_) varying_[at(carry.inside)] = carried_[at(carry.inside)] = true;
    for (const Operand& slice : slices_) varying_[at(slice.inside)] = true;
    for (const ir::Node& node : body_.nodes) {
      bool varying = false, carried = false;
      for (const ir::ValueId v : node.inputs) {
        varying = varying || varying_[at(v)];
        carried = carried || carried_[at(v)];
        ++readers_[at(v)];
      }
      for (int r = 0; r < node.outputs && !node.inputs.empty(); ++r) {
        varying_[at(node.first + r)] = varying;
        carried_[at(node.first + r)] = carried;
      }
    }
    for (const Carry& carry : carries_) ++readers_[at(carry.next)];
  }
  bool is(ir::ValueId v, Op op) const { return primitives::is(body_.node_of(v), op); }
  bool is_leaf(ir::ValueId v) const { return body_.node_of(v).inputs.empty(); }

  // A value that is the same in all steps, outside.
  ir::ValueId outside(ir::ValueId v) {
    if (const auto known = outside_of_.find(v); known != outside_of_.end()) return known->second;
    for (const Operand& fixed : fixed_) {
      if (fixed.inside == v) return outside_of_[v] = fixed.outside;
    }
    const ir::Node node = body_.node_of(v);
    std::vector<ir::ValueId> operands;
    for (const ir::ValueId input : node.inputs) operands.push_back(outside(input));
    const ir::ValueId first = outside_.add(*node.op, node.attrs, std::move(operands));
    for (int r = 0; r < node.outputs; ++r) outside_of_[node.first + r] = first + r;
    return outside_of_.at(v);
  }

  // In place of a value of the body, an input.
  void replace(ir::ValueId v, ir::ValueId input) {
    for (ir::Node& node : body_.nodes) {
      if (&node != &body_.nodes[at(body_.values[at(input)].node)])
        std::replace(node.inputs.begin(), node.inputs.end(), v, input);
    }
    for (Carry& carry : carries_) {
      if (carry.next == v) carry.next = input;
    }
    for (Stack& stack : stacks_) {
      if (stack.value == v) stack.value = input;
    }
  }

  // What is spread or renamed costs nothing where it is read; anything else that stays the same is computed once.
  void hoist_fixed() {
    const std::size_t count = body_.nodes.size();
    for (std::size_t n = 0; n < count; ++n) {
      const ir::Node node = body_.nodes[n];
      if (node.inputs.empty() || node.outputs != 1 || varying_[at(node.first)] || is_free(node.first)) continue;
      const bool inner = std::none_of(body_.nodes.begin(), body_.nodes.end(), [&](const ir::Node& reader) {
        return std::count(reader.inputs.begin(), reader.inputs.end(), node.first) > 0 &&
               (varying_[at(reader.first)] || is_free(reader.first));
      });
      const bool output =
          std::any_of(stacks_.begin(), stacks_.end(), [&](const Stack& s) { return s.value == node.first; });
      if (inner && !output) continue;
      const ir::ValueId value = outside(node.first), input = body_.add_input("same", body_.type(node.first));
      grow();
      fixed_.push_back({input, value});
      replace(node.first, input);
    }
    reorder();
  }
  // Products in the loop read their matrix as it lies: it is transposed once.
  void turn_matrices() {
    const std::size_t count = body_.nodes.size();
    for (std::size_t n = 0; n < count; ++n) {
      if (ir::is_input(body_.nodes[n]) || !is_product(body_.nodes[n].first) || !carried_[at(body_.nodes[n].first)])
        continue;
      const auto attrs = body_.nodes[n].attrs.as<primitives::MatmulAttrs>();
      if (!attrs.transpose_b) continue;
      const ir::Value turned = primitives::transpose(outside_.at(outside(body_.nodes[n].inputs[1])), {1, 0});
      const ir::ValueId input = body_.add_input("turned", turned.type());
      grow();
      fixed_.push_back({input, turned.id});
      body_.nodes[n].inputs[1] = input;
      body_.nodes[n].attrs = primitives::MatmulAttrs{false, false};
    }
    reorder();
  }
  bool is_free(ir::ValueId v) const { return is(v, Op::broadcast) || is(v, Op::reshape) || is(v, Op::stop_gradient); }

  // Values that were added stand behind those that read them: the body in order again.
  void reorder() {
    face();
    outside_of_.clear();
    find_dependence();
  }
  void grow() {
    varying_.resize(body_.values.size(), false);
    carried_.resize(body_.values.size(), false);
    readers_.resize(body_.values.size(), 0);
  }

  // A product of something with a matrix that stays the same.
  bool is_product(ir::ValueId v) const {
    if (!is(v, Op::matmul)) return false;
    const ir::Node& node = body_.node_of(v);
    return !varying_[at(node.inputs[1])] && varying_[at(node.inputs[0])] && body_.type(v).shape.rank() == 2 &&
           !node.attrs.as<primitives::MatmulAttrs>().transpose_a;
  }
  struct Matrix {  // what a product multiplies by, outside
    ir::Value value;
    bool transposed;
  };
  Matrix matrix_of(ir::ValueId product) {
    const ir::Node node = body_.node_of(product);
    return {outside_.at(outside(node.inputs[1])), node.attrs.as<primitives::MatmulAttrs>().transpose_b};
  }
  // The product of all rows of a stack.
  static ir::Value times(ir::Value stack, const Matrix& matrix) {
    const Shape shape = stack.type().shape;
    const Dim width = matrix.value.type().shape[matrix.transposed ? 0 : 1];
    const ir::Value rows = primitives::reshape(stack, {shape[0] * shape[1], shape[2]});
    return primitives::reshape(primitives::matmul(rows, matrix.value, {false, matrix.transposed}),
                               {shape[0], shape[1], width});
  }
  // A value that is the same in all steps, stacked.
  ir::Value repeated(ir::ValueId v) {
    const ir::Value same = outside_.at(outside(v));
    return primitives::broadcast(same, same.type().shape.with_front(Dim(attrs_.length)));
  }
  // A value that depends on slices only, as a stack outside; nothing where it is more than products and elementwise
  // ops.
  ir::Value stack_outside(ir::ValueId v) {
    for (const Operand& slice : slices_) {
      if (slice.inside == v) return outside_.at(slice.outside);
    }
    const ir::Node node = body_.node_of(v);
    if (carried_[at(v)]) return {};
    if (!varying_[at(v)]) return repeated(v);
    if (is_product(v)) {
      const ir::Value x = stack_outside(node.inputs[0]);
      return x ? times(x, matrix_of(v)) : ir::Value();
    }
    if (!node.op->is(ir::kElementwise) || node.outputs != 1) return {};
    std::vector<ir::Value> operands;
    for (const ir::ValueId input : node.inputs) {
      operands.push_back(stack_outside(input));
      if (!operands.back()) return {};
    }
    return primitives::node(static_cast<Op>(node.op->code), operands, node.attrs);
  }

  // x(t) W for all t at once.
  void hoist_before() {
    const std::size_t count = body_.nodes.size();
    for (std::size_t n = 0; n < count; ++n) {
      const ir::ValueId v = body_.nodes[n].first;
      if (ir::is_input(body_.nodes[n]) || !is_product(v) || carried_[at(v)]) continue;
      const ir::Value stack = stack_outside(v);
      if (!stack) continue;
      const ir::ValueId input = body_.add_input("product", body_.type(v));
      grow();
      slices_.push_back({input, stack.id});
      replace(v, input);
    }
    reorder();
  }

  // How a stack of `v` is computed behind the loop, by a product at least; empty where it is made in the loop.
  Late behind(ir::ValueId v) {
    const ir::Node node = body_.node_of(v);
    if (ir::is_input(node) || node.outputs != 1) return {};
    if (is_product(v)) {
      Late x = behind(node.inputs[0]);
      if (!x) x = stacked(node.inputs[0]);
      return [x, matrix = matrix_of(v)] { return times(x(), matrix); };
    }
    if (!node.op->is(ir::kElementwise)) return {};
    std::vector<Late> operands;
    bool product = false;
    for (const ir::ValueId input : node.inputs) {
      if (varying_[at(input)]) {
        operands.push_back(readers_[at(input)] == 1 ? behind(input) : Late());
        if (!operands.back()) return {};
        product = true;
      } else {
        operands.push_back([same = repeated(input)] { return same; });
      }
    }
    if (!product) return {};
    return [operands, node] {
      std::vector<ir::Value> values;
      for (const Late& operand : operands) values.push_back(operand());
      return primitives::node(static_cast<Op>(node.op->code), values, node.attrs);
    };
  }
  Late stacked(ir::ValueId v) {
    for (std::size_t i = 0; i < slices_.size(); ++i) {
      if (slices_[i].inside == v) return [this, id = slices_[i].outside] { return outside_.at(id); };
    }
    results_.push_back({true, at_none, {}});
    const std::size_t result = results_.size() - 1;
    extra_.push_back({v, result});
    return [this, result] { return outside_.at(first_ + static_cast<ir::ValueId>(results_[result].place)); };
  }
  void hoist_behind() {
    std::vector<Stack> kept;
    for (const Stack& stack : stacks_) {
      if (readers_[at(stack.value)] == 0 && std::count_if(stacks_.begin(), stacks_.end(), [&](const Stack& other) {
                                              return other.value == stack.value;
                                            }) == 1) {
        if (Late late = behind(stack.value)) {
          results_[stack.result].late = std::move(late);
          continue;
        }
      }
      kept.push_back(stack);
    }
    stacks_ = std::move(kept);
    stacks_.insert(stacks_.end(), extra_.begin(), extra_.end());
  }

  std::vector<ir::ValueId> emit() {
    std::vector<ir::ValueId> ids(results_.size(), -1);
    if (!carries_.empty() || !stacks_.empty()) {
      if (carries_.empty() && slices_.empty() && fixed_.empty()) {  // a loop takes something
        const ir::ValueId inside = body_.add_input("index", {DType::int64, {}});
        slices_.push_back({inside, primitives::iota(outside_, {0, 1, 0, DType::int64, {attrs_.length}}).id});
      }
      ir::Graph body = body_;
      std::vector<ir::ValueId> operands, wanted;
      for (const Carry& carry : carries_) operands.push_back(carry.initial), wanted.push_back(carry.inside);
      for (const Operand& slice : slices_) operands.push_back(slice.outside), wanted.push_back(slice.inside);
      for (const Operand& fixed : fixed_) operands.push_back(fixed.outside), wanted.push_back(fixed.inside);
      body.outputs.clear();
      for (const Carry& carry : carries_) body.outputs.push_back(carry.next);
      for (Stack& stack : stacks_) {  // each value once
        const auto begin = body.outputs.begin() + static_cast<std::ptrdiff_t>(carries_.size());
        const auto same = std::find(begin, body.outputs.end(), stack.value);
        results_[stack.result].place = at(same - body.outputs.begin());
        if (same == body.outputs.end()) body.outputs.push_back(stack.value);
      }
      for (std::size_t j = 0; j < carries_.size(); ++j) results_[carries_[j].result].place = j;
      ScanAttrs attrs = attrs_;
      attrs.carries = static_cast<std::int64_t>(carries_.size());
      attrs.slices = static_cast<std::int64_t>(slices_.size());
      attrs.body = std::make_shared<const ir::Graph>(extract(body, wanted));
      first_ = outside_.add(primitives::def(Op::scan), attrs, std::move(operands));
    }
    for (std::size_t k = 0; k < ids.size(); ++k) {
      if (!results_[k].used) continue;
      if (results_[k].late)
        ids[k] = results_[k].late().id;
      else if (results_[k].place != at_none)
        ids[k] = first_ + static_cast<ir::ValueId>(results_[k].place);
    }
    return ids;
  }

  const ScanAttrs attrs_;
  ir::Graph& outside_;
  ir::Graph body_;
  std::vector<Carry> carries_;
  std::vector<Operand> slices_, fixed_;
  std::vector<Stack> stacks_, extra_;
  std::vector<Result> results_;
  std::vector<bool> varying_, carried_;  // not the same in all steps; depends on a carry
  std::vector<int> readers_;
  std::map<ir::ValueId, ir::ValueId> outside_of_;
  ir::ValueId first_ = -1;
};

}  // namespace

ir::Graph scans(const ir::Graph& given, const runtime::Target& target) {
  if (std::none_of(given.nodes.begin(), given.nodes.end(), is_scan)) return given;
  const ir::Graph graph = ir::without_dead_nodes(merge(given));
  std::vector<bool> used(graph.values.size(), false);
  for (const ir::Node& node : graph.nodes) {
    for (const ir::ValueId v : node.inputs) used[at(v)] = true;
  }
  for (const ir::ValueId v : graph.outputs) used[at(v)] = true;
  for (const ir::Update& update : graph.updates) used[at(update.value)] = true;

  Rewriter next(graph);
  for (const ir::Node& node : graph.nodes) {
    if (ir::is_input(node)) continue;
    if (!is_scan(node)) {
      next.keep(node);
      continue;
    }
    const std::vector<bool> results(used.begin() + node.first, used.begin() + node.first + node.outputs);
    const std::vector<ir::ValueId> ids =
        Loop(node.attrs.as<ScanAttrs>(), next.operands(node), results, next.to, target).rewrite();
    for (int k = 0; k < node.outputs; ++k) {
      if (results[at(k)]) next.map(node.first + k, ids[at(k)]);
    }
  }
  return next.finish();
}

}  // namespace keras::compile
