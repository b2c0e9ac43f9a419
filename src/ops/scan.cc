// ops::scan: traces a step once and makes it the body of a loop.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>
#include <unordered_map>

#include "ops/record.h"
#include "ops/trace.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::ops {

namespace {
using primitives::Op;
using StepFunction = std::function<ScanStep(const std::vector<Tensor>& carry, const std::vector<Tensor>& slices)>;
using Kind = TensorNode::Kind;

// The graph of what depends on some placeholders; all else becomes inputs behind them.
class Body {
 public:
  explicit Body(const std::vector<Tensor>& inputs) {
    for (const Tensor& input : inputs) {
      depends_[input.node().get()] = true;
      known_[input.node().get()] = graph_->add_input(input.node()->name, input.node()->type);
    }
  }

  bool depends(const NodePtr& root) {
    std::vector<const TensorNode*> pending{root.get()};
    while (!pending.empty()) {
      const TensorNode* const node = pending.back();
      const std::size_t before = pending.size();
      bool any = false;
      if (!depends_.contains(node) && !node->evaluated) {
        for (const NodePtr& input : node->inputs) {
          const auto of = depends_.find(input.get());
          if (of == depends_.end()) pending.push_back(input.get());
          any = any || (of != depends_.end() && of->second);
        }
      }
      if (pending.size() != before) continue;
      depends_.emplace(node, any);
      pending.pop_back();
    }
    return depends_.at(root.get());
  }

  void add_output(const Tensor& tensor) {
    kept_.push_back(tensor);
    graph_->outputs.push_back(lower(tensor.node()));
  }
  std::shared_ptr<const ir::Graph> graph() const { return graph_; }
  const std::vector<Tensor>& others() const { return others_; }

 private:
  ir::ValueId lower(const NodePtr& root) {
    std::vector<NodePtr> pending{root};
    while (!pending.empty()) {
      const NodePtr node = pending.back();
      if (known_.contains(node.get())) {
        pending.pop_back();
        continue;
      }
      const std::size_t before = pending.size();
      if (depends(node)) {
        for (auto it = node->inputs.rbegin(); it != node->inputs.rend(); ++it) {
          if (!known_.contains(it->get())) pending.push_back(*it);
        }
        if (pending.size() != before) continue;  // the operands first
      }
      known_[node.get()] = emit(node);
      pending.pop_back();
    }
    return known_.at(root.get());
  }

  // Costs nothing where it is read, and memory where it is not.
  static bool spreads(const NodePtr& node) {
    return node->kind == Kind::op && !node->evaluated && node->op->code == static_cast<int>(Op::broadcast);
  }

  ir::ValueId emit(const NodePtr& node) {
    if (node->kind == Kind::integer || node->kind == Kind::real)
      return emit(materialize(Tensor(node), node->type.dtype).node());
    if (!depends(node)) {
      if (node->kind == Kind::op && node->op->code == static_cast<int>(Op::splat))
        return graph_->add(*node->op, node->attrs, {});
      if (spreads(node)) return graph_->add(*node->op, node->attrs, {lower(node->inputs[0])});
      others_.emplace_back(node);
      return graph_->add_input("same", node->type);
    }
    if (node->kind == Kind::projection) return known_.at(node->inputs[0].get()) + node->index;
    std::vector<ir::ValueId> inputs;
    for (const NodePtr& input : node->inputs) inputs.push_back(known_.at(input.get()));
    return graph_->add(*node->op, node->attrs, std::move(inputs));
  }

  std::shared_ptr<ir::Graph> graph_ = std::make_shared<ir::Graph>();
  std::unordered_map<const TensorNode*, bool> depends_;
  std::unordered_map<const TensorNode*, ir::ValueId> known_;
  std::vector<Tensor> others_, kept_;
};

std::string types_of(const std::vector<Tensor>& tensors) {
  std::vector<std::string> texts;
  for (const Tensor& tensor : tensors) texts.push_back(node_of(tensor)->type.str());
  return fmt::format("{}", fmt::join(texts, ", "));
}

Dim length_of(const std::vector<Tensor>& xs, const ScanOptions& options) {
  Dim length = options.length ? Dim(*options.length) : None;
  for (const Tensor& x : xs) {
    if (x.ndim() == 0) throw ValueError("ops::scan: a scalar has no slices to go over. Give it as a carry.");
    if (length.known() && x.shape(0).known() && length != x.shape(0)) {
      throw ValueError(fmt::format("ops::scan: what is gone over must have one size along axis 0{}. Received: {}.",
                                   options.length ? fmt::format(", length={}", *options.length) : "", types_of(xs)));
    }
    if (!length.known()) length = x.shape(0);
  }
  if (xs.empty() && !options.length) {
    throw ValueError("ops::scan: there is nothing to go over, so the number of steps must be given as .length.");
  }
  return length;
}

void check_carry(const std::vector<Tensor>& before, const std::vector<Tensor>& after) {
  const auto same = [](const Tensor& a, const Tensor& b) { return a.dtype() == b.dtype() && a.shape() == b.shape(); };
  if (std::equal(before.begin(), before.end(), after.begin(), after.end(), same)) return;
  throw ValueError(
      fmt::format("ops::scan: a step must give the carries that it took, with the dtypes and shapes they had: {}. "
                  "Received: {}. Start with a carry of that dtype and shape, or cast in the step.",
                  types_of(before), after.empty() ? "none" : types_of(after)));
}

std::vector<Tensor> numbers_met(std::vector<Tensor> tensors) {
  for (Tensor& tensor : tensors) tensor = materialize(tensor, node_of(tensor)->type.dtype);
  return tensors;
}

// The slice of `x` at a step.
Tensor slice_at(const Tensor& x, std::int64_t index) { return take(x, Tensor(index), 0); }

ScanStep unrolled(const StepFunction& step, std::vector<Tensor> carry, const std::vector<Tensor>& xs, Dim length,
                  bool reverse) {
  if (!length.known()) throw ValueError("ops::scan: unroll needs a known number of steps.");
  const std::int64_t steps = length.value();
  std::vector<std::vector<Tensor>> made;
  for (std::int64_t t = 0; t < steps; ++t) {
    std::vector<Tensor> slices;
    for (const Tensor& x : xs) slices.push_back(slice_at(x, reverse ? steps - 1 - t : t));
    ScanStep next = step(carry, slices);
    next.carry = numbers_met(std::move(next.carry));
    check_carry(carry, next.carry);
    carry = std::move(next.carry);
    made.resize(next.made.size());
    for (std::size_t k = 0; k < next.made.size(); ++k) made[k].push_back(next.made[k]);
  }
  ScanStep result{std::move(carry), {}};
  for (std::vector<Tensor>& stack_of : made) {
    if (reverse) std::reverse(stack_of.begin(), stack_of.end());
    result.made.push_back(stack(stack_of, 0));
  }
  return result;
}

ScanStep loop(const StepFunction& step, const std::vector<Tensor>& init, std::vector<Tensor> xs, Dim length,
              bool reverse) {
  Trace* const trace = Trace::current();
  std::vector<Tensor> carry, slices;
  for (const Tensor& tensor : init) carry.push_back(placeholder(node_of(tensor)->type, "carry"));
  for (const Tensor& x : xs) slices.push_back(placeholder({x.dtype(), x.shape().slice(1)}, "slice"));

  // Random numbers are drawn for the step of the loop too.
  const Tensor index = placeholder({DType::int64, {}}, "index"), outer = trace ? trace->step() : Tensor();
  const bool counts = trace && !outer.empty() && length.known();
  if (counts) trace->set_step(outer * length.value() + index);
  std::vector<Tensor> losses = trace ? trace->take_losses() : std::vector<Tensor>();
  ScanStep traced;
  try {
    traced = step(carry, slices);
  } catch (...) {
    if (counts) trace->set_step(outer);
    throw;
  }
  if (counts) trace->set_step(outer);
  traced.carry = numbers_met(std::move(traced.carry));
  traced.made = numbers_met(std::move(traced.made));
  check_carry(carry, traced.carry);
  const std::size_t made = traced.made.size();

  std::vector<Tensor> inputs = carry;
  inputs.insert(inputs.end(), slices.begin(), slices.end());
  if (counts) {
    inputs.push_back(index);
    xs.push_back(arange(0, length.value(), 1, DType::int64));
  }
  Body body(inputs);
  std::vector<Tensor> added = trace ? trace->take_losses() : std::vector<Tensor>();
  for (const Tensor& loss : added) {  // in each step
    if (body.depends(node_of(loss)))
      traced.made.push_back(loss);
    else
      losses.push_back(loss);
  }
  if (trace) {
    for (const auto& [variable, value] : trace->updates()) {
      if (!body.depends(node_of(value))) continue;
      throw ValueError(
          fmt::format("ops::scan: Variable \"{}\" was assigned in a step, where it cannot change. Make it a "
                      "carry, and assign the last one after the loop.",
                      variable->path.empty() ? variable->name : variable->path));
    }
  }
  for (const Tensor& tensor : traced.carry) body.add_output(tensor);
  for (const Tensor& tensor : traced.made) body.add_output(tensor);

  std::vector<Tensor> operands = init;
  operands.insert(operands.end(), xs.begin(), xs.end());
  operands.insert(operands.end(), body.others().begin(), body.others().end());
  primitives::ScanAttrs attrs{body.graph(), static_cast<std::int64_t>(init.size()),
                              static_cast<std::int64_t>(xs.size()), length.raw(), reverse};
  const std::vector<Tensor> results = apply_all(primitives::def(Op::scan), std::move(attrs), operands);
  const auto last = results.begin() + static_cast<std::ptrdiff_t>(init.size());
  const auto end = last + static_cast<std::ptrdiff_t>(made);
  for (auto it = end; it != results.end(); ++it) losses.push_back(sum(*it, {0}));
  for (const Tensor& loss : losses) trace->add_loss(loss);
  return {{results.begin(), last}, {last, end}};
}

}  // namespace

ScanStep scan(const StepFunction& step, const std::vector<Tensor>& init, const std::vector<Tensor>& xs,
              const ScanOptions& options) {
  std::vector<Tensor> all = init;
  all.insert(all.end(), xs.begin(), xs.end());
  const auto count = static_cast<std::ptrdiff_t>(init.size());
  const auto parts = [count](const std::vector<Tensor>& tensors) {
    return std::pair(std::vector(tensors.begin(), tensors.begin() + count),
                     std::vector(tensors.begin() + count, tensors.end()));
  };
  if (recording(all)) {
    const std::vector<Tensor> results =
        record_op("scan", all, [step, parts, options](const std::vector<Tensor>& given) {
          const auto [carry, slices] = parts(given);
          ScanStep done = scan(step, carry, slices, options);
          done.carry.insert(done.carry.end(), done.made.begin(), done.made.end());
          return done.carry;
        });
    const auto [carry, made] = parts(results);
    return {carry, made};
  }
  const Dim length = length_of(xs, options);
  const std::vector<Tensor> carry = numbers_met(init);
  if (options.unroll) return unrolled(step, carry, xs, length, options.reverse);
  return loop(step, carry, xs, length, options.reverse);
}

}  // namespace keras::ops
