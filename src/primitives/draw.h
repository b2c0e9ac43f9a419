// Samples made concrete: operands drawn for them, their graph, the same in double. For tests and benchmarks.
#pragma once

#include <vector>

#include "ir/graph.h"

namespace keras::primitives {

// The sample with float64 for float32 everywhere: in operands, attributes and fused bodies.
ir::Sample in_double(const ir::Sample& sample);

// Operands of the sample: the same for the same seed, and exact in float32 whatever their dtype.
std::vector<Array> draw(const ir::Sample& sample, std::uint64_t seed);

// A graph whose inputs are the sample's operands and whose outputs are the op's results.
ir::Graph graph_of(const ir::OpDef& op, const ir::Sample& sample);

}  // namespace keras::primitives
