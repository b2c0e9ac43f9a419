#include "backends/cpu/cpu.h"

#include <fmt/format.h>

#include "backends/cpu/kernels.h"
#include "backends/cpu/offers.h"
#include "backends/cpu/source.h"
#include "primitives/primitives.h"

namespace keras::backends::cpu {
namespace {

using primitives::Op;

class CpuBackend final : public runtime::Backend {
 public:
  std::string_view name() const override { return "cpu"; }

  runtime::Offer candidate(const ir::Graph& graph, const ir::Node& node) const override {
    if (!kernels())
      return runtime::Offer::no(
          "no level of this machine is allowed: it lacks SSE4.2, or KERAS_MAX_ISA is \"reference\"");
    if (primitives::chain(*node.op)) return offer_chain(graph, node);
    if (is_source(node)) return offer_source(graph, node);
    switch (static_cast<Op>(node.op->code)) {
      case Op::random_uniform:
        return offer_uniform(graph, node);
      case Op::update_rows:
        return offer_update_rows(graph, node);
      case Op::conv_filter:
        return offer_conv_filter(graph, node);
      case Op::gather:
      case Op::scatter_add:
      case Op::one_hot:
      case Op::argmax:
      case Op::argmin:
        return offer_indexed(graph, node);
      case Op::reshape:
      case Op::stop_gradient:
      case Op::transpose:
      case Op::slice:
      case Op::strided_slice:
      case Op::reverse:
      case Op::pad:
      case Op::concatenate:
        return offer_move(graph, node);
      case Op::broadcast:
        return either(offer_loop(graph, node), offer_move(graph, node));
      case Op::sum:
      case Op::mean:
      case Op::reduce_max:
      case Op::reduce_min:
        return either(offer_loop(graph, node), offer_reduction(graph, node));
      default:
        break;
    }
    if (is_fusible(node) || primitives::is(node, Op::fused)) return offer_loop(graph, node);
    return runtime::Offer::no(fmt::format("no kernel for {}", node.op->name));
  }

  bool fuses(const ir::Graph& graph, const ir::Node& node, std::string* reason) const override {
    std::string why = fmt::format("{} has no part in loops", node.op->name);
    bool fits = kernels() && is_fusible(node);
    if (fits) {
      runtime::Offer offer = offer_loop(graph, node);
      fits = offer.candidate.has_value();
      why = std::move(offer.reason);
    }
    if (!fits && reason) *reason = std::move(why);
    return fits;
  }

  bool feeds(const ir::Graph& graph, const ir::Node& node) const override {
    std::string reason;
    return kernels() && is_source(node) && make_source(graph, node, false, reason) != nullptr;
  }

 private:
  static bool is_fusible(const ir::Node& node) {
    if (primitives::elementwise(*node.op)) return true;
    switch (static_cast<Op>(node.op->code)) {
      case Op::broadcast:
      case Op::cast:
      case Op::log_softmax:
      case Op::mean:
      case Op::reduce_max:
      case Op::reduce_min:
      case Op::slice:
      case Op::softmax:
      case Op::sum:
        return true;
      default:
        return false;
    }
  }
  static runtime::Offer either(runtime::Offer a, runtime::Offer b) {
    if (!a.candidate) return b;
    return b.candidate && b.candidate->cost < a.candidate->cost ? std::move(b) : std::move(a);
  }
};

}  // namespace

const runtime::Backend& backend() {
  static const CpuBackend backend;
  return backend;
}

}  // namespace keras::backends::cpu
