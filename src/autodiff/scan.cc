// The gradient of scan: a scan the other way, whose body is the gradient of the body. What that needs of each step is
// kept by a second scan over the same operands, which the compiler makes one with the first. What flows to an operand
// that is the same in all steps is a sum over time: of products, it is one product of what they multiply, stacked; else
// it is added up in a carry.
#include "primitives/scan.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "autodiff/gradients.h"
#include "primitives/build.h"
#include "primitives/value.h"

namespace keras::autodiff {
namespace {

using primitives::Ints;
using primitives::Op;
using primitives::ScanAttrs;

std::size_t at(std::int64_t v) { return static_cast<std::size_t>(v); }

class ScanGradient {
 public:
  explicit ScanGradient(const ir::VjpContext& c)
      : c_(c), a_(c.as<ScanAttrs>()), work_(*a_.body), extended_(*a_.body), forward_nodes_(work_.nodes.size()) {}

  std::vector<ir::Value> run() {
    const std::vector<ir::Value> grads = differentiate();
    find_varying();
    std::vector<Late> results(c_.in.size());
    for (std::size_t j = 0; j < carries(); ++j) {
      if (!seeds_[j]) continue;
      const ir::ValueId next = grads[j] ? resolve(grads[j].id) : zeros(body_type(j));
      results[j] = from_result(
          add_carry(map_.at(seeds_[j].id), c_.grad[j] ? c_.grad[j] : primitives::zeros_like(c_.in[j]), next));
    }
    for (std::size_t i = carries(); i < c_.in.size(); ++i) {
      if (!grads[i]) continue;
      if (i < carries() + at(a_.slices)) {
        results[i] = stacked(resolve(grads[i].id));
        continue;
      }
      results[i] = sum_over_time(grads[i].id);
      if (!results[i]) results[i] = add_up(grads[i].id);
    }
    emit();
    std::vector<ir::Value> out;
    for (const Late& result : results) out.push_back(result ? result() : ir::Value());
    return out;
  }

 private:
  using Late = std::function<ir::Value()>;  // a value of the outer graph, once the scans are there
  struct Carry {
    ir::ValueId in, out;
    ir::Value initial;
  };
  struct Operand {
    ir::ValueId inside;
    Late outside;
  };

  std::size_t carries() const { return at(a_.carries); }
  const ir::Type& body_type(std::size_t input) const { return a_.body->type(a_.body->inputs[input].value); }
  bool is_slice(std::size_t input) const { return input >= carries() && input < carries() + at(a_.slices); }

  // The body with the nodes of its gradient behind it: what flows to each of its inputs.
  std::vector<ir::Value> differentiate() {
    std::vector<ir::Value> outputs, seeds;
    seeds_.resize(carries());
    for (std::size_t k = 0; k < work_.outputs.size(); ++k) {
      const ir::Type type = work_.type(work_.outputs[k]);
      if (!type.dtype.is_floating() || (k >= carries() && !c_.grad[k])) continue;
      outputs.push_back(work_.at(work_.outputs[k]));
      seeds.push_back(work_.at(work_.add_input("gradient", type)));
      const ir::ValueId inside = back_.add_input("gradient", type);
      map_[seeds.back().id] = inside;
      if (k < carries())
        seeds_[k] = seeds.back();
      else
        slices_.push_back({inside, [g = c_.grad[k]] { return g; }});
    }
    std::vector<ir::ValueId> wrt;
    for (const ir::Input& input : a_.body->inputs) wrt.push_back(input.value);
    return gradients(work_, outputs, seeds, wrt);
  }

  // Which values are not the same in all steps.
  void find_varying() {
    varying_.assign(work_.values.size(), false);
    const std::size_t fixed = carries() + at(a_.slices);
    for (std::size_t i = 0; i < work_.inputs.size(); ++i)
      varying_[at(work_.inputs[i].value)] = i < fixed || i >= a_.body->inputs.size();
    for (const ir::Node& node : work_.nodes) {
      for (const ir::ValueId v : node.inputs) {
        if (!varying_[at(v)]) continue;
        for (int r = 0; r < node.outputs; ++r) varying_[at(node.first + r)] = true;
      }
    }
  }

  // A value of `work_` in the body of the gradient.
  ir::ValueId resolve(ir::ValueId v) {
    if (const auto known = map_.find(v); known != map_.end()) return known->second;
    const auto n = at(work_.values[at(v)].node);
    const ir::Node node = work_.nodes[n];
    if (ir::is_input(node)) return map_[v] = operand(v);
    if (n < forward_nodes_ && !cheap(v, kDeep)) return map_[v] = kept(v);
    std::vector<ir::ValueId> inputs;
    for (const ir::ValueId input : node.inputs) inputs.push_back(resolve(input));
    const ir::ValueId first = back_.add(*node.op, node.attrs, std::move(inputs));
    for (int r = 0; r < node.outputs; ++r) map_[node.first + r] = first + r;
    return map_.at(v);
  }

  // Whether a value of the forward body is better computed again than kept.
  bool cheap(ir::ValueId v, int depth) const {
    const ir::Node& node = work_.node_of(v);
    if (ir::is_input(node) || !varying_[at(v)]) return true;
    if (depth == 0 || !node.op->is(ir::kCheap)) return false;
    return std::all_of(node.inputs.begin(), node.inputs.end(), [&](ir::ValueId i) { return cheap(i, depth - 1); });
  }

  ir::ValueId operand(ir::ValueId v) {  // an input of the body
    std::size_t i = 0;
    while (work_.inputs[i].value != v) ++i;
    if (i < carries()) return kept(v);
    const ir::ValueId inside = back_.add_input(work_.inputs[i].name, work_.type(v));
    (is_slice(i) ? slices_ : fixed_).push_back({inside, [g = c_.in[i]] { return g; }});
    return inside;
  }

  ir::ValueId kept(ir::ValueId v) {  // stacked by the extended forward scan
    const ir::ValueId inside = back_.add_input("kept", work_.type(v));
    slices_.push_back({inside, [this, k = extended_.outputs.size()] { return result(extended_first_, k); }});
    extended_.outputs.push_back(v);
    return inside;
  }

  std::size_t add_carry(ir::ValueId in, ir::Value initial, ir::ValueId next) {
    carries_.push_back({in, next, initial});
    return carries_.size() - 1;
  }
  Late from_result(std::size_t k) {
    return [this, k] { return result(back_first_, k); };
  }
  Late stacked(ir::ValueId inside) {
    stacks_.push_back(inside);
    return [this, k = stacks_.size() - 1] { return result(back_first_, carries_.size() + k); };
  }
  ir::Value result(ir::ValueId first, std::size_t k) { return c_.graph.at(first + static_cast<ir::ValueId>(k)); }
  ir::ValueId zeros(const ir::Type& type) { return primitives::splat(back_, 0, type.dtype, type.shape).id; }

  Late add_up(ir::ValueId v) {
    const ir::Type type = work_.type(v);
    const ir::ValueId so_far = back_.add_input("sum", type), next = (back_.at(so_far) + back_.at(resolve(v))).id;
    const ir::Value nothing = primitives::splat(c_.graph, 0, type.dtype, type.shape);
    return from_result(add_carry(so_far, nothing, next));
  }

  // The sum over time of a value of `work_`, computed from stacks once the scan is done; empty where that is no better
  // than a carry.
  Late sum_over_time(ir::ValueId v) {
    const ir::Node node = work_.node_of(v);
    const auto is = [&](Op op) { return primitives::is(node, op); };
    if (!varying_[at(v)] || node.inputs.empty()) return {};
    if (is(Op::add)) {
      const Late a = sum_over_time(node.inputs[0]), b = a ? sum_over_time(node.inputs[1]) : Late();
      if (!b) return {};
      return [a, b] { return a() + b(); };
    }
    if (is(Op::reshape) || is(Op::transpose) || is(Op::pad) || is(Op::negative)) {  // linear
      const Late x = sum_over_time(node.inputs[0]);
      if (!x || (is(Op::pad) && node.attrs.as<primitives::PadAttrs>().value != 0)) return {};
      return [this, node, x] { return c_.graph.at(c_.graph.add(*node.op, node.attrs, {x().id})); };
    }
    if (is(Op::sum)) {
      const Late x = stack_of(node.inputs[0]);
      if (!x) return {};
      return [x, a = node.attrs.as<primitives::ReduceAttrs>(), shape = work_.type(v).shape] {
        Ints axes{0};
        for (const std::int64_t axis : a.axes) axes.push_back(axis + 1);
        return primitives::reshape(primitives::sum(x(), axes, false), shape);
      };
    }
    const bool rows = is(Op::matmul) && work_.type(v).shape.rank() == 2 &&
                      node.attrs.as<primitives::MatmulAttrs>().transpose_a &&
                      !node.attrs.as<primitives::MatmulAttrs>().transpose_b;
    if (!rows) return {};
    const Late a = stack_of(node.inputs[0]), b = a ? stack_of(node.inputs[1]) : Late();
    if (!b) return {};
    return [a, b] {  // the rows of all steps below each other
      const auto flat = [](ir::Value x) {
        const Shape shape = x.type().shape;
        return primitives::reshape(x, {shape[0] * shape[1], shape[2]});
      };
      return primitives::matmul(flat(a()), flat(b()), {true, false});
    };
  }

  Late stack_of(ir::ValueId v) {
    if (!varying_[at(v)]) return {};
    const ir::ValueId inside = resolve(v);
    for (const Operand& slice : slices_) {
      if (slice.inside == inside) return slice.outside;
    }
    return stacked(inside);
  }

  void emit() {
    const bool keeps = extended_.outputs.size() > a_.body->outputs.size();
    if (keeps) {
      ScanAttrs attrs = a_;
      attrs.body = std::make_shared<const ir::Graph>(std::move(extended_));
      extended_first_ = primitives::node(Op::scan, c_.in, attrs).id;
    }
    ScanAttrs attrs = a_;
    attrs.reverse = !a_.reverse;
    attrs.carries = static_cast<std::int64_t>(carries_.size());
    attrs.slices = static_cast<std::int64_t>(slices_.size());
    std::vector<ir::Value> operands;
    std::vector<ir::Input> inputs;
    const auto take = [&](ir::ValueId inside, ir::Value outside) {
      inputs.push_back({inside, back_.input_of(inside)->name, false});
      operands.push_back(outside);
    };
    for (const Carry& carry : carries_) take(carry.in, carry.initial);
    for (const Operand& slice : slices_) take(slice.inside, slice.outside());
    for (const Operand& fixed : fixed_) take(fixed.inside, fixed.outside());
    for (const Carry& carry : carries_) back_.outputs.push_back(carry.out);
    for (const ir::ValueId stack : stacks_) back_.outputs.push_back(stack);
    back_.inputs = std::move(inputs);
    if (back_.outputs.empty()) return;
    attrs.body = std::make_shared<const ir::Graph>(std::move(back_));
    back_first_ = primitives::node(Op::scan, operands, attrs).id;
  }

  static constexpr int kDeep = 4;

  const ir::VjpContext& c_;
  const ScanAttrs& a_;
  ir::Graph work_;      // the body, then its gradient
  ir::Graph extended_;  // the body with what is kept among its outputs
  ir::Graph back_;      // the body of the gradient
  std::size_t forward_nodes_;
  std::vector<ir::Value> seeds_;  // of the carries
  std::vector<bool> varying_;
  std::map<ir::ValueId, ir::ValueId> map_;  // from work_ to back_
  std::vector<Carry> carries_;
  std::vector<Operand> slices_, fixed_;
  std::vector<ir::ValueId> stacks_;
  ir::ValueId extended_first_ = -1, back_first_ = -1;
};

}  // namespace
}  // namespace keras::autodiff

namespace keras::primitives {

std::vector<ir::Value> scan_vjp(const ir::VjpContext& c) { return autodiff::ScanGradient(c).run(); }

}  // namespace keras::primitives
