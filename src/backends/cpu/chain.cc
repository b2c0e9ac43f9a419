// The optimizers' chains as kernels: all segments in one piece of work, cut evenly whatever their sizes.
#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/costs.h"
#include "backends/cpu/kernels.h"
#include "backends/cpu/offers.h"
#include "primitives/primitives.h"
#include "support/threads.h"

namespace keras::backends::cpu {
namespace {

constexpr int kMaxOperands = 16;
constexpr std::size_t kGrain = 8192;  // elements that are worth a piece of work

class ChainOpKernel final : public runtime::Kernel {
 public:
  ChainOpKernel(ChainKernel kernel, primitives::ChainInfo info, std::vector<std::size_t> ends)
      : kernel_(kernel), info_(info), ends_(std::move(ends)) {}
  void run(const runtime::Operands& operands, const runtime::Workspace&) const override {
    const std::size_t scalars_at = ends_.size() * static_cast<std::size_t>(info_.full);
    const float* scalars[kMaxOperands];
    for (int i = 0; i < info_.scalars; ++i)
      scalars[i] = operands.as<const float>(scalars_at + static_cast<std::size_t>(i));
    support::parallel_for(static_cast<std::int64_t>(ends_.back()), kGrain, [&](std::int64_t begin, std::int64_t end) {
      piece(operands, scalars, static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
    });
  }

 private:
  // The elements [begin, end) of all segments, one behind the other.
  void piece(const runtime::Operands& operands, const float* const* scalars, std::size_t begin, std::size_t end) const {
    const std::size_t results_at =
        ends_.size() * static_cast<std::size_t>(info_.full) + static_cast<std::size_t>(info_.scalars);
    auto s = static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), begin) - ends_.begin());
    for (; begin < end; ++s) {
      const std::size_t first = s == 0 ? 0 : ends_[s - 1], at = begin - first, n = std::min(end, ends_[s]) - begin;
      const float* full[kMaxOperands];
      float* results[kMaxOperands];
      for (int i = 0; i < info_.full; ++i)
        full[i] = operands.as<const float>(s * static_cast<std::size_t>(info_.full) + static_cast<std::size_t>(i)) + at;
      for (int i = 0; i < info_.results; ++i)
        results[i] =
            operands.as<float>(results_at + s * static_cast<std::size_t>(info_.results) + static_cast<std::size_t>(i)) +
            at;
      kernel_(full, scalars, results, n);
      begin += n;
    }
  }

  ChainKernel kernel_;
  primitives::ChainInfo info_;
  std::vector<std::size_t> ends_;  // of each segment, counted in elements from the first
};

}  // namespace

runtime::Offer offer_chain(const ir::Graph& graph, const ir::Node& node) {
  const int which = node.op->code - kRows;
  for (ir::ValueId id : node.inputs) {
    if (graph.type(id).dtype != DType::float32)
      return runtime::Offer::no(fmt::format("operands of {}", graph.type(id).dtype.name()));
  }
  const primitives::ChainInfo info = *primitives::chain(*node.op);
  if (info.full > kMaxOperands || info.scalars > kMaxOperands) return runtime::Offer::no("too many operands");
  std::vector<std::size_t> ends;
  const auto full = static_cast<std::size_t>(info.full);
  for (std::size_t i = 0; i + static_cast<std::size_t>(info.scalars) < node.inputs.size(); i += full) {
    ends.push_back((ends.empty() ? 0 : ends.back()) +
                   static_cast<std::size_t>(graph.type(node.inputs[i]).shape.elements()));
  }
  runtime::Candidate c;
  c.name = fmt::format("cpu.{}", node.op->name);
  c.cost =
      15 + 5 * static_cast<double>(ends.size()) + static_cast<double>(ends.back()) * 5 * kElementNs / kernels()->speed;
  c.make = [kernel = kernels()->chains->chain[which], info, ends] {
    return std::make_unique<ChainOpKernel>(kernel, info, ends);
  };
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
