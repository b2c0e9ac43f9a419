// Matrix products through oneDNN's sgemm. It needs no primitive to be created beforehand, which takes about a
// millisecond, and on the shapes tried it was as fast as the matmul primitive or faster. It makes up to four small
// allocations a call, which we cannot give it memory for: products that our own kernel runs as fast are left to that
// one (see the cost).
#include "backends/onednn/onednn.h"

#include <dnnl.h>
#include <fmt/format.h>

#include <utility>

#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "tensor/settings.h"

namespace keras::backends::onednn {
namespace {

using primitives::Op;

struct Product {
  bool transpose_a = false, transpose_b = false;
  dnnl_dim_t batches = 1, m = 0, n = 0, k = 0;
  bool shared_b = false;  // one b for all batches
  double flops() const {
    return 2 * static_cast<double>(batches) * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  }
};

class Sgemm final : public runtime::Kernel {
 public:
  explicit Sgemm(const Product& product) : p_(product) {}
  void run(const runtime::Operands& operands, const runtime::Workspace&) const override {
    const auto* a = operands.as<const float>(0);
    const auto* b = operands.as<const float>(1);
    auto* c = operands.as<float>(2);
    for (dnnl_dim_t i = 0; i < p_.batches;
         ++i, a += p_.m * p_.k, b += p_.shared_b ? 0 : p_.k * p_.n, c += p_.m * p_.n) {
      dnnl_sgemm(p_.transpose_a ? 'T' : 'N', p_.transpose_b ? 'T' : 'N', p_.m, p_.n, p_.k, 1, a,
                 p_.transpose_a ? p_.m : p_.k, b, p_.transpose_b ? p_.k : p_.n, 0, c, p_.n);
    }
  }

 private:
  Product p_;
};

Product product_of(const ir::Graph& graph, const ir::Node& node) {
  const auto& attrs = node.attrs.as<primitives::MatmulAttrs>();
  const Shape& a = graph.type(node.inputs[0]).shape;
  const Shape& b = graph.type(node.inputs[1]).shape;
  const auto last = [](const Shape& shape, std::size_t from_end) { return shape[shape.size() - from_end].value(); };
  Product p;
  p.transpose_a = attrs.transpose_a;
  p.transpose_b = attrs.transpose_b;
  p.m = last(a, attrs.transpose_a ? 1 : 2);
  p.k = last(a, attrs.transpose_a ? 2 : 1);
  p.n = last(b, attrs.transpose_b ? 2 : 1);
  p.batches = a.slice(0, -2).elements();
  p.shared_b = b.rank() == 2;
  if (p.shared_b && !p.transpose_a) p.m *= std::exchange(p.batches, 1);  // one tall product
  return p;
}

// Of one core on large products, measured with AVX-512; the others in proportion.
double flops_per_ns() {
  const auto isa = static_cast<unsigned>(dnnl_get_effective_cpu_isa());
  const auto has = [isa](dnnl_cpu_isa_t other) {
    return (isa & static_cast<unsigned>(other)) == static_cast<unsigned>(other);
  };
  return has(dnnl_cpu_isa_avx512_core) ? 220 : has(dnnl_cpu_isa_avx2) ? 115 : 40;
}

class OneDnn final : public runtime::Backend {
 public:
  std::string_view name() const override { return "onednn"; }

  runtime::Offer candidate(const ir::Graph& graph, const ir::Node& node) const override {
    if (!primitives::is(node, Op::matmul)) return runtime::Offer::no("only matmul so far");
    const DType dtype = graph.type(node.first).dtype;
    if (!(dtype == DType::float32)) return runtime::Offer::no(fmt::format("only float32, not {}", dtype.name()));
    if (op_determinism()) return runtime::Offer::no("its sums depend on the number of threads");
    const Product p = product_of(graph, node);
    if (p.batches == 0 || p.m == 0 || p.n == 0 || p.k == 0) return runtime::Offer::no("an axis is empty");
    runtime::Candidate c;
    c.name = "onednn.sgemm";
    // Our own kernels are as fast on every shape tried, and take no memory in a step: this is for where they cannot
    // run.
    constexpr double kCall = 1500, kLastResort = 25;
    c.cost = kCall * static_cast<double>(p.batches) + p.flops() / flops_per_ns() * kLastResort;
    c.flops = p.flops();
    c.make = [p] { return std::make_unique<Sgemm>(p); };
    return runtime::Offer::yes(std::move(c));
  }
};

}  // namespace

const runtime::Backend& backend() {
  static const OneDnn backend;
  return backend;
}

}  // namespace keras::backends::onednn
