// Reductions of whole arrays, where the reduced axes lie together: [outer, count, inner] to [outer, inner].
#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/costs.h"
#include "backends/cpu/kernels.h"
#include "backends/cpu/offers.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::backends::cpu {
namespace {

using primitives::Op;

class ReductionKernel final : public runtime::Kernel {
 public:
  std::size_t outer = 1, count = 1, inner = 1;
  ReduceKernel columns = nullptr;
  ReduceRowsKernel rows = nullptr;
  bool mean = false;

  void run(const runtime::Operands& operands, const runtime::Workspace&) const override {
    const auto* x = operands.as<const float>(0);
    auto* y = operands.as<float>(1);
    if (inner == 1)
      rows(x, y, outer, count);
    else
      columns(x, y, outer, count, inner);
    if (!mean) return;
    const auto divisor = static_cast<float>(count);
    for (std::size_t i = 0; i < outer * inner; ++i) y[i] /= divisor;
  }
};

}  // namespace

runtime::Offer offer_reduction(const ir::Graph& graph, const ir::Node& node) {
  const ir::Type& x = graph.type(node.inputs[0]);
  if (x.dtype != DType::float32) return runtime::Offer::no(fmt::format("{} of {}", node.op->name, x.dtype.name()));
  if (x.shape.elements() == 0) return runtime::Offer::no("an empty array");
  const auto& axes = node.attrs.as<primitives::ReduceAttrs>().axes;
  ReductionKernel kernel;
  bool seen = false, ended = false;
  for (std::size_t d = 0; d < x.shape.size(); ++d) {
    const auto size = static_cast<std::size_t>(x.shape[d].value());
    if (size == 1) continue;
    if (std::ranges::find(axes, static_cast<std::int64_t>(d)) != axes.end()) {
      if (ended)
        return runtime::Offer::no(fmt::format("{} of {} over axes that do not lie together", node.op->name, x.str()));
      seen = true;
      kernel.count *= size;
    } else {
      ended = seen;
      (seen ? kernel.inner : kernel.outer) *= size;
    }
  }
  const Reductions& table = *kernels()->reductions;
  kernel.mean = primitives::is(node, Op::mean);
  if (kernel.mean || primitives::is(node, Op::sum))
    kernel.columns = table.sum, kernel.rows = table.row_sum;
  else if (primitives::is(node, Op::reduce_max))
    kernel.columns = table.max, kernel.rows = table.row_max;
  else if (primitives::is(node, Op::reduce_min))
    kernel.columns = table.min, kernel.rows = table.row_min;
  else
    return runtime::Offer::no(fmt::format("no kernel for {}", node.op->name));
  runtime::Candidate c;
  c.name = fmt::format("cpu.{}", node.op->name);
  const auto outer = static_cast<double>(kernel.outer), vectors = static_cast<double>((kernel.inner + 15) / 16);
  c.cost = 15 + 4 * outer +
           outer * vectors * static_cast<double>(kernel.count) * (kernel.inner == 1 ? 1.0 : 16.0) * kElementNs /
               kernels()->speed;
  c.make = [kernel] { return std::make_unique<ReductionKernel>(kernel); };
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
