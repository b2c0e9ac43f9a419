// The pipeline: the list of passes, in order.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "compile/compile.h"
#include "compile/passes.h"
#include "compile/plan.h"
#include "support/log.h"

namespace keras::compile {

namespace {
struct Pass {
  const char* name;
  ir::Graph (*run)(const ir::Graph& graph, const runtime::Target& target);
};
constexpr Pass kPasses[] = {
    {"dead", dead},           {"fold", fold},       {"simplify", simplify}, {"cse", cse},
    {"scans", scans},         {"touched", touched}, {"dead", dead},         {"order", order},
    {"recompute", recompute}, {"fuse", fuse},       {"segments", segments}, {"dead", dead},
};

// KERAS_PASSES=-fold,-fuse
bool switched_off(std::string_view pass) {
  static const std::string list = [] {
    const char* text = std::getenv("KERAS_PASSES");
    return text ? fmt::format(",{},", text) : std::string();
  }();
  return list.find(fmt::format(",-{},", pass)) != std::string::npos;
}
}  // namespace

ir::Graph run_passes(ir::Graph graph, const runtime::Target& target, const Options& options) {
  for (const Pass& pass : kPasses) {
    if (switched_off(pass.name)) continue;
    const auto begin = std::chrono::steady_clock::now();
    const std::size_t nodes = graph.nodes.size();
    graph = pass.run(graph, target);
#ifdef KERAS_VERIFY_PASSES
    ir::verify(graph);
#endif
    if (options.observe) options.observe(pass.name, graph);
    if (support::log_enabled("passes")) {
      const double us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
      support::log("passes", fmt::format("{}: {} -> {} nodes, {:.0f} us", pass.name, nodes, graph.nodes.size(), us));
    }
  }
  return graph;
}

std::shared_ptr<const runtime::Program> compile(ir::Graph graph, const runtime::Target& target,
                                                const Options& options) {
  const std::shared_ptr<runtime::Program> program =
      plan(run_passes(std::move(graph), target, options), target, options.guard);
  if (options.memory) program->memory = options.memory;
  program->what = options.what;
  return program;
}

}  // namespace keras::compile
