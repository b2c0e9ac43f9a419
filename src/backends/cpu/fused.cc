// Fused loops as kernels: the compiler's groups, and single nodes as groups of one.
#include <fmt/format.h>

#include "backends/cpu/lower.h"
#include "backends/cpu/offers.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::backends::cpu {
namespace {

class FusedKernel final : public runtime::Kernel {
 public:
  explicit FusedKernel(std::shared_ptr<const Lowered> lowered) : lowered_(std::move(lowered)) {}
  void run(const runtime::Operands& operands, void* workspace) const override {
    const Plan* plan = &lowered_->plan;
    for (const auto& [operand, result] : lowered_->late) {
      if (operands[static_cast<std::size_t>(operand)] == operands[static_cast<std::size_t>(result)])
        plan = &lowered_->aside;
    }
    plan->run(operands, static_cast<std::byte*>(workspace));
  }

 private:
  std::shared_ptr<const Lowered> lowered_;
};

// A graph of this node alone.
ir::Graph alone(const ir::Graph& graph, const ir::Node& node) {
  ir::Graph body;
  std::vector<ir::ValueId> inputs;
  for (ir::ValueId id : node.inputs) inputs.push_back(body.add_input("", graph.type(id)));
  const ir::ValueId first = body.add(*node.op, node.attrs, std::move(inputs));
  for (int i = 0; i < node.outputs; ++i) body.outputs.push_back(first + i);
  return body;
}

}  // namespace

runtime::Offer offer_loop(const ir::Graph& graph, const ir::Node& node) {
  std::string reason;
  std::optional<Lowered> lowered;
  if (primitives::is(node, primitives::Op::fused)) {
    lowered = lower(*node.attrs.as<primitives::FusedAttrs>().body, *kernels(), reason);
  } else {
    lowered = lower(alone(graph, node), *kernels(), reason);
  }
  if (!lowered) return runtime::Offer::no(std::move(reason));
  runtime::Candidate c;
  c.name = fmt::format("cpu.{}", node.op->name);
  c.cost = lowered->cost;
  c.workspace = std::max(lowered->plan.workspace, lowered->aside.workspace);
  c.make = [shared = std::make_shared<const Lowered>(std::move(*lowered))] {
    return std::make_unique<FusedKernel>(shared);
  };
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
