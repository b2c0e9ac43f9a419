// matmul as kernels: one product, or one for each of the leading axes.
#include <fmt/format.h>

#include "backends/cpu/matmul.h"
#include "backends/cpu/offers.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::backends::cpu {
namespace {

class MatmulKernel final : public runtime::Kernel {
 public:
  MatmulKernel(Product product, std::size_t count, bool each_b) : product_(product), count_(count), each_b_(each_b) {}
  void run(const runtime::Operands& operands, void* workspace) const override {
    const auto *a = operands.as<const float>(0), *b = operands.as<const float>(1);
    auto* c = operands.as<float>(2);
    for (std::size_t i = 0; i < count_; ++i) {
      product_.run(*kernels(), a, b, c, static_cast<float*>(workspace));
      a += product_.m * product_.k, c += product_.m * product_.n;
      if (each_b_) b += product_.k * product_.n;
    }
  }

 private:
  Product product_;
  std::size_t count_;
  bool each_b_;
};

}  // namespace

runtime::Offer offer_matmul(const ir::Graph& graph, const ir::Node& node) {
  const ir::Type &a = graph.type(node.inputs[0]), &b = graph.type(node.inputs[1]), &c = graph.type(node.first);
  if (a.dtype != DType::float32 || b.dtype != DType::float32)
    return runtime::Offer::no(fmt::format("operands of {} and {}", a.dtype.name(), b.dtype.name()));
  const auto& attrs = node.attrs.as<primitives::MatmulAttrs>();
  const auto last = [](const Shape& shape, std::size_t back) {
    return static_cast<std::size_t>(shape[shape.size() - back].value());
  };
  Product p{last(c.shape, 2), last(c.shape, 1), last(a.shape, attrs.transpose_a ? 2 : 1), attrs.transpose_a,
            attrs.transpose_b};
  std::size_t count = 1;
  for (std::size_t d = 0; d + 2 < c.shape.size(); ++d) count *= static_cast<std::size_t>(c.shape[d].value());
  const bool each_b = b.shape.size() > 2;
  if (!each_b && !attrs.transpose_a) p.m *= count, count = 1;  // one tall product
  runtime::Candidate candidate;
  candidate.name = fmt::format("cpu.matmul({}x{}x{})", p.m, p.n, p.k);
  candidate.cost = p.cost() * static_cast<double>(count);
  candidate.workspace = p.workspace();
  candidate.flops =
      2.0 * static_cast<double>(count) * static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k);
  candidate.make = [p, count, each_b] { return std::make_unique<MatmulKernel>(p, count, each_b); };
  return runtime::Offer::yes(std::move(candidate));
}

}  // namespace keras::backends::cpu
