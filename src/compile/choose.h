// Kernel choice by estimated cost.
#pragma once

#include <memory>
#include <string>

#include "ir/graph.h"
#include "runtime/target.h"

namespace keras::compile {

struct Choice {
  std::shared_ptr<const runtime::Kernel> kernel;
  std::string name;
  std::string body;  // of a loop: the text of its program
  std::size_t workspace = 0, scratch = 0;
  double flops = 0, cost = 0;
};

// The cheapest candidate for a node; KERAS_LOG=dispatch prints what each backend answered. std::logic_error when none
// can.
Choice choose(const ir::Graph& graph, const ir::Node& node, const runtime::Target& target);

// "softmax f32[128,10] -> f32[128,10]"
std::string describe(const ir::Graph& graph, const ir::Node& node);

}  // namespace keras::compile
