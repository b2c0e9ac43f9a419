// A kernel for any node: its record's reference function with types and buffers prepared.
#include "backends/reference/reference.h"

#include <fmt/format.h>

#include "primitives/attrs.h"
#include "primitives/interpret.h"
#include "primitives/primitives.h"

namespace keras::backends::reference {
namespace {

class ReferenceKernel final : public runtime::Kernel {
 public:
  ReferenceKernel(std::shared_ptr<const primitives::Call> call, std::size_t operands, std::size_t results)
      : call_(std::move(call)), operands_(operands), results_(results) {}

  void run(const runtime::Operands& operands, const runtime::Workspace& workspace) const override {
    auto* pointers = workspace.as<void*>();
    for (std::size_t i = 0; i < operands_ + results_; ++i) pointers[i] = operands[i];
    call_->run(pointers, pointers + operands_, workspace.shared + pointer_bytes(operands_ + results_));
  }

  static std::size_t pointer_bytes(std::size_t count) { return (count * sizeof(void*) + 63) / 64 * 64; }

 private:
  std::shared_ptr<const primitives::Call> call_;
  std::size_t operands_, results_;
};

class ReferenceBackend final : public runtime::Backend {
 public:
  std::string_view name() const override { return "reference"; }

  runtime::Offer candidate(const ir::Graph& graph, const ir::Node& node) const override {
    if (!node.op->reference) return runtime::Offer::no(fmt::format("{} is no computation", node.op->name));
    std::vector<ir::Type> in, out;
    double elements = 0;
    for (const ir::ValueId v : node.inputs) in.push_back(graph.type(v));
    for (ir::ValueId v = node.first; v < node.first + node.outputs; ++v) out.push_back(graph.type(v));
    for (const auto& types : {in, out}) {
      for (const ir::Type& t : types) elements += static_cast<double>(t.shape.elements());
    }
    const bool product = primitives::is(node, primitives::Op::matmul);
    const double work = product ? multiplications(node, in, out[0]) : elements;
    const std::size_t operands = in.size(), results = out.size();
    const auto call = std::make_shared<const primitives::Call>(*node.op, node.attrs, std::move(in), std::move(out));
    runtime::Candidate c;
    c.name = fmt::format("reference.{}", node.op->name);
    c.cost = 200 + 5 * work;
    c.last_resort = true;
    c.flops = product ? 2 * work : 0;
    c.workspace = ReferenceKernel::pointer_bytes(operands + results) + call->workspace();
    c.make = [call, operands, results] { return std::make_unique<ReferenceKernel>(call, operands, results); };
    return runtime::Offer::yes(std::move(c));
  }

 private:
  static double multiplications(const ir::Node& node, const std::vector<ir::Type>& in, const ir::Type& out) {
    const Shape& x = in[0].shape;
    const bool transposed = node.attrs.as<primitives::MatmulAttrs>().transpose_a;
    return static_cast<double>(out.shape.elements()) * static_cast<double>(x[x.size() - (transposed ? 2 : 1)].value());
  }
};

}  // namespace

const runtime::Backend& backend() {
  static const ReferenceBackend backend;
  return backend;
}

}  // namespace keras::backends::reference
