// Fused loops as kernels: the compiler's groups, and single nodes as groups of one. The space is cut into parts, by its
// size alone, which the threads of the pool share; what the parts' reductions give is added up in order.
#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/lower.h"
#include "backends/cpu/offers.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::backends::cpu {
namespace {

constexpr double kPartNs = 12e3;                // what is worth a part of its own
constexpr std::size_t kMostParts = 32;          // of a loop
constexpr std::size_t kMostDoubles = 1u << 17;  // of all parts' accumulators

std::size_t up(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

class FusedKernel final : public runtime::Kernel {
 public:
  explicit FusedKernel(std::shared_ptr<const Lowered> lowered) : lowered_(std::move(lowered)) {
    const Plan& plan = lowered_->plan;
    const std::size_t pieces = source() ? source()->blocks : plan.tile_count();
    parts_ = static_cast<std::size_t>(std::clamp(lowered_->cost / kPartNs, 1.0, double{kMostParts}));
    const std::size_t doubles = plan.accumulators();
    if (doubles == 0 && source()) parts_ = pieces;  // the pool hands them out one by one
    if (doubles > 0) parts_ = std::min(parts_, std::max<std::size_t>(1, kMostDoubles / doubles));
    parts_ = std::clamp<std::size_t>(parts_, 1, std::max<std::size_t>(1, pieces));
    registers_ = up(std::max(plan.workspace, lowered_->aside.workspace));
  }

  // The source's own comes first.
  std::size_t workspace() const { return accumulators_at() + parts_ * lowered_->plan.accumulators() * sizeof(double); }
  std::size_t scratch() const {
    return registers_ + (source() ? up(source()->largest_block * sizeof(float)) + source()->scratch : 0);
  }

  void run(const runtime::Operands& operands, const runtime::Workspace& workspace) const override {
    const Plan* plan = &lowered_->plan;
    for (const auto& [operand, result] : lowered_->late) {
      if (operands[static_cast<std::size_t>(operand)] == operands[static_cast<std::size_t>(result)])
        plan = &lowered_->aside;
    }
    const float* in[4] = {};
    for (std::size_t i = 0; i < lowered_->source_operands.size(); ++i)
      in[i] = operands.as<const float>(static_cast<std::size_t>(lowered_->source_operands[i]));
    if (source()) source()->prepare(in, workspace.shared);
    auto* const home = source() ? find_home(*plan, operands) : nullptr;
    auto* accumulators = reinterpret_cast<double*>(workspace.shared + accumulators_at());
    if (parts_ == 1) {
      Plan::Run run(*plan, operands, workspace.mine(), accumulators);
      run_part(run, *plan, 0, in, home, workspace);
      plan->combine(operands, accumulators, 1);
      return run.write_scalars(operands);
    }
    support::parallel_for(static_cast<std::int64_t>(parts_), 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto part = static_cast<std::size_t>(begin); part < static_cast<std::size_t>(end); ++part) {
        Plan::Run run(*plan, operands, workspace.mine(), accumulators + part * plan->accumulators());
        run_part(run, *plan, part, in, home, workspace);
      }
    });
    if (plan->results.empty()) return plan->combine(operands, accumulators, parts_);
    // Scalars are written last: they may lie over scalars that the parts read.
    const Plan::Run scalars(*plan, operands, workspace.mine(), nullptr);
    plan->combine(operands, accumulators, parts_);
    scalars.write_scalars(operands);
  }

 private:
  const Source* source() const { return lowered_->source.get(); }
  std::size_t accumulators_at() const { return source() ? up(source()->workspace) : 0; }

  // Where the source is made: in the memory of a result that nothing else lies in, so that the memory is fetched while
  // the source is computed; nullptr: in a block of its own.
  float* find_home(const Plan& plan, const runtime::Operands& operands) const {
    if (plan.home < 0) return nullptr;
    auto* const home = operands.as<float>(static_cast<std::size_t>(plan.home));
    for (std::size_t i = 0; i < lowered_->operands; ++i) {
      if (operands[i] == home) return nullptr;
    }
    return home;
  }

  void run_part(Plan::Run& run, const Plan& plan, std::size_t part, const float* const* in, float* home,
                const runtime::Workspace& workspace) const {
    run.start();
    if (const Source* from = source()) {
      std::byte* const memory = workspace.mine() + registers_;
      auto* made = reinterpret_cast<float*>(memory);
      std::byte* const scratch = memory + up(from->largest_block * sizeof(float));
      for (std::size_t block = from->blocks * part / parts_; block < from->blocks * (part + 1) / parts_; ++block) {
        const Rect r = from->rect(block);
        float* const to = home ? home + r.r0 * plan.cols + r.c0 : made;
        const std::size_t row = home ? plan.cols : r.c1 - r.c0;
        from->make(block, in, workspace.shared, to, row, scratch);
        run.block(r, to, row);
      }
    } else {
      const std::size_t tiles = plan.tile_count();
      run.tiles(tiles * part / parts_, tiles * (part + 1) / parts_);
    }
    run.finish();
  }

  std::shared_ptr<const Lowered> lowered_;
  std::size_t parts_ = 1, registers_ = 0;
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
  const auto shared = std::make_shared<const Lowered>(std::move(*lowered));
  const FusedKernel kernel(shared);
  runtime::Candidate c;
  c.name = shared->source ? fmt::format("cpu.{}+", shared->source->name) : fmt::format("cpu.{}", node.op->name);
  c.cost = shared->cost;
  c.workspace = kernel.workspace();
  c.scratch = kernel.scratch();
  c.flops = shared->source ? shared->source->flops : 0;
  c.make = [kernel] { return std::make_unique<FusedKernel>(kernel); };
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
