// Sources as kernels of their own: each block written where it belongs.
#include "backends/cpu/source.h"

#include <fmt/format.h>

#include "backends/cpu/offers.h"
#include "primitives/primitives.h"

namespace keras::backends::cpu {
namespace {

using primitives::Op;

class SourceKernel final : public runtime::Kernel {
 public:
  explicit SourceKernel(std::shared_ptr<const Source> source) : source_(std::move(source)) {}
  void run(const runtime::Operands& operands, const runtime::Workspace& workspace) const override {
    const float* const in[] = {operands.as<const float>(0), operands.as<const float>(1)};
    auto* out = operands.as<float>(static_cast<std::size_t>(source_->operands));
    source_->prepare(in, workspace.shared);
    support::parallel_for(static_cast<std::int64_t>(source_->blocks), 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto block = static_cast<std::size_t>(begin); block < static_cast<std::size_t>(end); ++block) {
        const Rect r = source_->rect(block);
        source_->make(block, in, workspace.shared, out + r.r0 * source_->cols + r.c0, source_->cols, workspace.mine());
      }
    });
  }

 private:
  std::shared_ptr<const Source> source_;
};

}  // namespace

bool is_source(const ir::Node& node) { return node.op->is(ir::kFeedsLoops); }

std::unique_ptr<Source> make_source(const ir::Graph& graph, const ir::Node& node, bool whole_rows,
                                    std::string& reason) {
  for (ir::ValueId id : node.inputs) {
    const ir::Type& type = graph.type(id);
    reason = fmt::format("{} of {}", node.op->name, type.dtype.name());
    if (type.dtype != DType::float32) return nullptr;
  }
  std::unique_ptr<Source> source;
  switch (static_cast<Op>(node.op->code)) {
    case Op::matmul:
      source = product_source(graph, node, whole_rows);
      break;
    case Op::conv:
    case Op::conv_transpose:
      source = depthwise_source(graph, node, reason);
      if (!source) source = conv_source(graph, node, whole_rows, reason);
      break;
    default:
      source = pool_source(graph, node, reason);
  }
  if (source) source->operands = static_cast<int>(node.inputs.size());
  return source;
}

runtime::Offer offer_source(const ir::Graph& graph, const ir::Node& node) {
  std::string reason;
  std::shared_ptr<const Source> source = make_source(graph, node, false, reason);
  if (!source) return runtime::Offer::no(std::move(reason));
  runtime::Candidate c;
  c.name = "cpu." + source->name;
  c.cost = source->cost;
  c.workspace = source->workspace;
  c.scratch = source->scratch;
  c.flops = source->flops;
  c.make = [source] { return std::make_unique<SourceKernel>(source); };
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
