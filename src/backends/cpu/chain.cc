// The optimizers' chains as kernels: operands are the arrays, then the scalars.
#include <fmt/format.h>

#include "backends/cpu/costs.h"
#include "backends/cpu/kernels.h"
#include "backends/cpu/offers.h"
#include "primitives/primitives.h"

namespace keras::backends::cpu {
namespace {

constexpr int kMaxOperands = 16;

struct ChainSizes {
  int full, scalars, results;
};
constexpr ChainSizes kSizes[] = {
#define KERAS_CHAIN(name, full, scalars, results, ...) {full, scalars, results},
#include "primitives/chains.def"
};

class ChainOpKernel final : public runtime::Kernel {
 public:
  ChainOpKernel(ChainKernel kernel, ChainSizes sizes, std::size_t n) : kernel_(kernel), sizes_(sizes), n_(n) {}
  void run(const runtime::Operands& operands, const runtime::Workspace&) const override {
    const float *full[kMaxOperands], *scalars[kMaxOperands];
    float* results[kMaxOperands];
    std::size_t next = 0;
    for (int i = 0; i < sizes_.full; ++i) full[i] = operands.as<const float>(next++);
    for (int i = 0; i < sizes_.scalars; ++i) scalars[i] = operands.as<const float>(next++);
    for (int i = 0; i < sizes_.results; ++i) results[i] = operands.as<float>(next++);
    kernel_(full, scalars, results, n_);
  }

 private:
  ChainKernel kernel_;
  ChainSizes sizes_;
  std::size_t n_;
};

}  // namespace

runtime::Offer offer_chain(const ir::Graph& graph, const ir::Node& node) {
  const int which = node.op->code - kRows;
  for (ir::ValueId id : node.inputs) {
    if (graph.type(id).dtype != DType::float32)
      return runtime::Offer::no(fmt::format("operands of {}", graph.type(id).dtype.name()));
  }
  const ChainSizes sizes = kSizes[which];
  if (sizes.full > kMaxOperands || sizes.scalars > kMaxOperands) return runtime::Offer::no("too many operands");
  const auto n = static_cast<std::size_t>(graph.type(node.inputs[0]).shape.elements());
  runtime::Candidate c;
  c.name = fmt::format("cpu.{}", node.op->name);
  c.cost = 15 + static_cast<double>(n) * 5 * kElementNs / kernels()->speed;
  c.make = [kernel = kernels()->chains->chain[which], sizes, n] {
    return std::make_unique<ChainOpKernel>(kernel, sizes, n);
  };
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
