// For the tests of backends: runs one node's kernel on Arrays, and compares results.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>

#include "ir/graph.h"
#include "primitives/attrs.h"
#include "primitives/build.h"
#include "primitives/interpret.h"
#include "primitives/primitives.h"
#include "runtime/target.h"
#include "support/rng.h"

namespace keras::backends::testing {

// Runs the node's kernel. Result i lies over operand `over[i]` where that is not -1.
inline std::vector<Array> run_kernel(const runtime::Candidate& candidate, const std::vector<Array>& inputs,
                                     const std::vector<ir::Type>& results, std::vector<int> over = {}) {
  over.resize(results.size(), -1);
  std::vector<Array> operands, out;
  for (const Array& x : inputs) operands.push_back(x.copy());
  std::vector<void*> slots;
  for (Array& x : operands) slots.push_back(x.mutable_data());
  out.reserve(results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    out.emplace_back(results[i].shape, results[i].dtype);
    std::memset(out[i].mutable_data(), 0x7B, out[i].nbytes());  // kernels write everything
    slots.push_back(over[i] >= 0 ? slots[static_cast<std::size_t>(over[i])] : out[i].mutable_data());
  }
  std::vector<std::int32_t> index(slots.size());
  std::iota(index.begin(), index.end(), 0);
  // A guard byte lies behind each piece of memory.
  const std::size_t shared = (candidate.workspace + 64) / 64 * 64 + 64,
                    stride = (candidate.scratch + 64) / 64 * 64 + 64;
  const auto kernel = candidate.make();
  support::in_pool([&] {
    const auto pieces = static_cast<std::size_t>(support::pool_width());
    std::vector<std::byte> memory(64 + shared + pieces * stride, std::byte{0x5A});
    auto* begin = reinterpret_cast<std::byte*>((reinterpret_cast<std::uintptr_t>(memory.data()) + 63) / 64 * 64);
    kernel->run(runtime::Operands(slots.data(), index.data()), {begin, begin + shared, stride});
    EXPECT_EQ(begin[candidate.workspace], std::byte{0x5A}) << candidate.name << " writes beyond its workspace";
    for (std::size_t i = 0; i < pieces; ++i) {
      EXPECT_EQ(begin[shared + i * stride + candidate.scratch], std::byte{0x5A})
          << candidate.name << " writes beyond its scratch";
    }
  });
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (over[i] >= 0) out[i] = operands[static_cast<std::size_t>(over[i])].copy();
  }
  return out;
}

inline std::vector<ir::Type> results_of(const ir::Graph& graph, const ir::Node& node) {
  std::vector<ir::Type> types;
  for (int i = 0; i < node.outputs; ++i) types.push_back(graph.type(node.first + i));
  return types;
}

// |a - b| <= relative * max |b| + absolute, NaN and infinities alike; other dtypes exactly.
inline void expect_close(const Array& a, const Array& b, double relative, const std::string& what) {
  ASSERT_EQ(a.shape(), b.shape()) << what;
  ASSERT_TRUE(a.dtype() == b.dtype()) << what;
  if (a.dtype() != DType::float32) {
    EXPECT_TRUE(identical(a, b)) << what << "\n" << a.str() << "\nfor\n" << b.str();
    return;
  }
  const auto x = a.values<float>(), y = b.values<float>();
  double scale = 0;
  for (float v : y) scale = std::isfinite(v) ? std::max(scale, std::abs(static_cast<double>(v))) : scale;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool same = x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]));
    ASSERT_TRUE(same || std::abs(static_cast<double>(x[i]) - y[i]) <= relative * scale)
        << what << ": element " << i << " is " << x[i] << " for " << y[i];
  }
}

inline Array noise(const ir::Type& type, std::uint64_t seed, double low = -2, double high = 2) {
  Array values(type.shape, DType::float64);
  std::uint64_t i = 0;
  for (double& v : values.mutable_values<double>()) v = low + (high - low) * support::uniform64_at(seed, 0, i++);
  if (type.dtype == DType::boolean) {
    for (double& v : values.mutable_values<double>()) v = v > 0;
  }
  return values.astype(type.dtype);
}

// A body as a fused node of a graph of its own.
inline ir::Graph fused(std::shared_ptr<ir::Graph> body) {
  ir::Graph graph;
  std::vector<ir::ValueId> inputs;
  for (const ir::Input& input : body->inputs) inputs.push_back(graph.add_input(input.name, body->type(input.value)));
  graph.add(primitives::def(primitives::Op::fused), primitives::FusedAttrs{body}, inputs);
  return graph;
}

}  // namespace keras::backends::testing
