#include "compile/choose.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "compile/tuning.h"
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

// The fastest where a tuner measures or a tuning tells, else the one with the lowest estimate.
const runtime::Candidate* best_of(const std::vector<runtime::Candidate>& candidates, const ir::Graph& graph,
                                  const ir::Node& node) {
  if (candidates.size() > 1) {
    if (Tuner* const tuner = Tuner::current())
      return &candidates[tuner->fastest(describe(graph, node), graph, node, candidates)];
    if (const int told = is_tuned() ? tuned(describe(graph, node), candidates) : -1; told >= 0)
      return &candidates[static_cast<std::size_t>(told)];
  }
  const auto best = std::min_element(candidates.begin(), candidates.end(),
                                     [](const auto& a, const auto& b) { return a.cost < b.cost; });
  return best == candidates.end() ? nullptr : &*best;
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
  std::vector<runtime::Candidate> candidates;
  std::string answers;
  const bool logging = support::log_enabled("dispatch");
  for (const runtime::Backend* backend : target.backends) {
    runtime::Offer offer = backend->candidate(graph, node);
    if (logging) {
      answers += offer.candidate ? fmt::format("\n    {} {:.0f} ns", offer.candidate->name, offer.candidate->cost)
                                 : fmt::format("\n    {} no: {}", backend->name(), offer.reason);
    }
    if (offer.candidate) candidates.push_back(std::move(*offer.candidate));
  }
  if (std::any_of(candidates.begin(), candidates.end(), [](const auto& c) { return !c.last_resort; }))
    std::erase_if(candidates, [](const runtime::Candidate& c) { return c.last_resort; });
  const runtime::Candidate* const best = best_of(candidates, graph, node);
  if (!best) throw std::logic_error(fmt::format("no backend runs {}", describe(graph, node)));
  if (logging) support::log("dispatch", fmt::format("{}: {}{}", describe(graph, node), best->name, answers));
  return {best->make(), best->name, {}, best->workspace, best->scratch, best->flops, best->cost};
}

}  // namespace keras::compile
