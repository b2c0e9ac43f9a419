// The compiler: from a pure graph to a program, by a list of named passes and a choice of kernels. See
// docs/design/compile.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ir/graph.h"
#include "runtime/program.h"
#include "runtime/target.h"

namespace keras::compile {

struct Options {
  // Called after each pass, with its name: for people and tests.
  std::function<void(std::string_view pass, const ir::Graph& graph)> observe = {};
  // Of the program: the memory it shares with others (its own where null), and what messages call it.
  std::shared_ptr<runtime::MemoryPool> memory = {};
  std::string what = "an expression";
  std::optional<std::size_t> guard = {};  // see plan.h
};

// The passes alone, in the order of pipeline.cc. KERAS_PASSES=-fold,-fuse switches passes off by name.
ir::Graph run_passes(ir::Graph graph, const runtime::Target& target, const Options& options = {});

// Passes, kernels and the memory plan.
std::shared_ptr<const runtime::Program> compile(ir::Graph graph, const runtime::Target& target,
                                                const Options& options = {});

}  // namespace keras::compile
