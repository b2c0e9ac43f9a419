#include "compile/choose.h"

#include <fmt/format.h>

#include <optional>
#include <stdexcept>
#include <utility>

#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "support/log.h"

namespace keras::compile {

namespace {
const ir::Graph* body_of(const ir::Node& node) {
  if (primitives::is(node, primitives::Op::fused)) return node.attrs.as<primitives::FusedAttrs>().body.get();
  if (primitives::is(node, primitives::Op::scan)) return node.attrs.as<primitives::ScanAttrs>().body.get();
  return nullptr;
}
}  // namespace

std::string describe(const ir::Graph& graph, const ir::Node& node) {
  std::string text(node.op->name);
  if (const ir::Graph* const inner = body_of(node)) {
    const ir::Graph& body = *inner;
    text += "(";
    const char* separator = "";
    for (const ir::Node& inner : body.nodes) {
      if (inner.op->is(ir::kLeaf)) continue;
      text += fmt::format("{}{}", separator, inner.op->name);
      separator = ", ";
    }
    text += ")";
  } else if (const std::string attrs = node.attrs.str(); !attrs.empty()) {
    text += " " + attrs;
  }
  for (std::size_t i = 0; i < node.inputs.size(); ++i) text += (i ? ", " : " ") + graph.type(node.inputs[i]).str();
  text += " ->";
  for (int i = 0; i < node.outputs; ++i) text += (i ? ", " : " ") + graph.type(node.first + i).str();
  return text;
}

Choice choose(const ir::Graph& graph, const ir::Node& node, const runtime::Target& target) {
  std::optional<runtime::Candidate> best;
  std::string answers;
  const bool logging = support::log_enabled("dispatch");
  for (const runtime::Backend* backend : target.backends) {
    runtime::Offer offer = backend->candidate(graph, node);
    if (logging) {
      answers += offer.candidate ? fmt::format("\n    {} {:.0f} ns", offer.candidate->name, offer.candidate->cost)
                                 : fmt::format("\n    {} no: {}", backend->name(), offer.reason);
    }
    const auto rank = [](const runtime::Candidate& c) { return std::pair(c.last_resort, c.cost); };
    if (offer.candidate && (!best || rank(*offer.candidate) < rank(*best))) best = std::move(offer.candidate);
  }
  if (!best) throw std::logic_error(fmt::format("no backend runs {}", describe(graph, node)));
  if (logging) support::log("dispatch", fmt::format("{}: {}{}", describe(graph, node), best->name, answers));
  return {best->make(), best->name, {}, best->workspace, best->scratch, best->flops, best->cost};
}

}  // namespace keras::compile
