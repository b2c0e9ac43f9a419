// update_rows: the indices are sorted, so that each row is updated once, by one thread, with the sum of its gradients.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "backends/cpu/costs.h"
#include "backends/cpu/kernels.h"
#include "backends/cpu/offers.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"
#include "support/threads.h"

namespace keras::backends::cpu {
namespace {

constexpr std::size_t kMost = 16;        // operands of a chain
constexpr std::size_t kBlock = 1024;     // floats of a row at a time
constexpr std::uint64_t kPlaces = 32;    // bits of a key for the place of an index; those above are the row
constexpr std::size_t kGrain = 1 << 14;  // floats that are worth a piece of work

struct UpdateRowsKernel final : runtime::Kernel {
  ChainKernel chain = nullptr;
  std::size_t states = 0, scalars = 0, rows = 0, inner = 0, count = 0;
  DType indices;

  void run(const runtime::Operands& operands, const runtime::Workspace& workspace) const override {
    for (std::size_t s = 0; s < states; ++s) {
      const void* from = operands[s];
      void* to = operands[states + 2 + scalars + s];
      if (from != to) std::memcpy(to, from, rows * inner * sizeof(float));
    }
    auto* keys = workspace.as<std::uint64_t>();
    std::size_t found = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const std::int64_t at = index(operands[states], k);
      if (at >= 0) keys[found++] = static_cast<std::uint64_t>(at) << kPlaces | k;
    }
    std::sort(keys, keys + found);  // within a row in the order of the indices
    const auto grain = static_cast<std::int64_t>(std::max<std::size_t>(1, kGrain / std::max<std::size_t>(1, inner)));
    support::parallel_for(static_cast<std::int64_t>(found), grain, [&](std::int64_t begin, std::int64_t end) {
      auto k = static_cast<std::size_t>(begin);
      // A row belongs to the piece that its first key lies in.
      while (k > 0 && k < found && row_of(keys[k]) == row_of(keys[k - 1])) ++k;
      while (k < static_cast<std::size_t>(end)) {
        std::size_t last = k + 1;
        while (last < found && row_of(keys[last]) == row_of(keys[k])) ++last;
        update(operands, keys + k, last - k);
        k = last;
      }
    });
  }

 private:
  static std::size_t row_of(std::uint64_t key) { return static_cast<std::size_t>(key >> kPlaces); }

  std::int64_t index(const void* p, std::size_t k) const {
    std::int64_t at = indices == DType::uint8   ? static_cast<const std::uint8_t*>(p)[k]
                      : indices == DType::int64 ? static_cast<const std::int64_t*>(p)[k]
                                                : static_cast<const std::int32_t*>(p)[k];
    const auto n = static_cast<std::int64_t>(rows);
    if (at < 0) at += n;
    return at >= 0 && at < n ? at : -1;
  }

  void update(const runtime::Operands& operands, const std::uint64_t* keys, std::size_t n) const {
    const std::size_t row = row_of(keys[0]);
    const float* k[kMost];
    for (std::size_t i = 0; i < scalars; ++i) k[i] = operands.as<const float>(states + 2 + i);
    alignas(64) float sum[kBlock + kSplat];
    for (std::size_t begin = 0; begin < inner; begin += kBlock) {
      const std::size_t width = std::min(kBlock, inner - begin);
      std::memset(sum, 0, width * sizeof(float));
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t at = keys[i] & ((std::uint64_t{1} << kPlaces) - 1);
        const float* gradient = operands.as<const float>(states + 1) + at * inner + begin;
        for (std::size_t j = 0; j < width; ++j) sum[j] += gradient[j];
      }
      const float* full[kMost];
      float* results[kMost];
      for (std::size_t s = 0; s < states; ++s)
        full[s] = results[s] = operands.as<float>(states + 2 + scalars + s) + row * inner + begin;
      full[states] = sum;
      chain(full, k, results, width);
    }
  }
};

}  // namespace

runtime::Offer offer_update_rows(const ir::Graph& graph, const ir::Node& node) {
  const ir::OpDef& op = *primitives::find(node.attrs.as<primitives::UpdateRowsAttrs>().chain);
  const primitives::ChainInfo info = *primitives::chain(op);
  UpdateRowsKernel k;
  k.states = static_cast<std::size_t>(info.results), k.scalars = static_cast<std::size_t>(info.scalars);
  const ir::Type &table = graph.type(node.inputs[0]), &indices = graph.type(node.inputs[k.states]);
  const bool takes = indices.dtype == DType::uint8 || indices.dtype == DType::int32 || indices.dtype == DType::int64;
  if (table.dtype != DType::float32 || !takes)
    return runtime::Offer::no(fmt::format("{} with indices {}", table.str(), indices.str()));
  k.rows = static_cast<std::size_t>(table.shape[0].value());
  k.inner = static_cast<std::size_t>(table.shape.slice(1).elements());
  k.count = static_cast<std::size_t>(indices.shape.elements());
  if (k.rows >= std::uint64_t{1} << kPlaces || k.count >= std::uint64_t{1} << kPlaces || k.scalars > kMost ||
      k.states >= kMost)
    return runtime::Offer::no("too many rows or operands");
  k.indices = indices.dtype;
  k.chain = kernels()->chains->chain[op.code - kRows];
  runtime::Candidate c;
  c.name = "cpu.update_rows";
  c.cost = 20 + static_cast<double>(k.count) * (60 + static_cast<double>(k.inner) * 5 * kElementNs / kernels()->speed);
  c.workspace = k.count * sizeof(std::uint64_t);
  c.make = [k] { return std::make_unique<UpdateRowsKernel>(k); };
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
