// From a fused node's body to a Plan.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "backends/cpu/plan.h"

namespace keras::backends::cpu {

struct Lowered {
  std::shared_ptr<const Source> source;       // or none
  std::vector<std::int32_t> source_operands;  // which of the node's operands it takes
  std::size_t operands = 0;                   // of the node; its results follow them
  Plan plan;
  Plan
      aside;  // the same with every result written at the end of its tile, for results that lie over operands read late
  // (operand, result): where they are the same memory, `aside` must run.
  std::vector<std::pair<std::int32_t, std::int32_t>> late;
  double cost = 0;  // estimated nanoseconds
};

// nullopt, with the reason, when the body does not make a loop of ours.
std::optional<Lowered> lower(const ir::Graph& body, const Kernels& kernels, std::string& reason);

}  // namespace keras::backends::cpu
