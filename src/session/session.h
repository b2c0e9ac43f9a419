// The session: the backends that are built in, and the cache of compiled programs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ir/graph.h"
#include "runtime/program.h"
#include "runtime/target.h"

namespace keras::session {

const runtime::Target& target();  // of the CPU: onednn (where built in), cpu, reference

// What the compiler made of a graph, for people: kept as the traced graph, compiled to texts when asked.
class Stages {
 public:
  explicit Stages(ir::Graph traced) : traced_(std::move(traced)) {}
  // "grad": as traced, with gradients and updates; "fused": after the passes; "program": kernels and memory.
  std::string text(const std::string& stage) const;
  const ir::Graph& traced() const { return traced_; }

 private:
  ir::Graph traced_;
};

// `memory` is shared with other programs, `what` names the program in messages, `guard` is one of its outputs: see
// compile::Options.
std::shared_ptr<const runtime::Program> compile(const ir::Graph& graph,
                                                std::shared_ptr<runtime::MemoryPool> memory = nullptr,
                                                std::string what = "an expression",
                                                std::optional<std::size_t> guard = {});
// The same through a cache by structure: 512 programs, least recently used out. They share the session's memory.
std::shared_ptr<const runtime::Program> compile_cached(const ir::Graph& graph);

}  // namespace keras::session
