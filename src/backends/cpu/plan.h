// Plan: a fused loop as a flat list of tile kernel calls over registers of one tile each, and how a run goes through
// the tiles.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/cpu/kernels.h"
#include "backends/cpu/space.h"
#include "runtime/kernel.h"

namespace keras::backends::cpu {

// Where a step's operand lies. Offsets are bytes of the workspace, or floats of the constants.
struct Slot {
  enum class Place : std::uint8_t { none, constant, scalar_input, workspace, operand };
  Place place = Place::none;
  DType dtype = {};          // of a scalar_input
  std::int32_t operand = 0;  // which, for operand and scalar_input
  std::size_t offset = 0;
  std::size_t walks = 0;
  std::size_t row_bytes = 0, col_bytes = 0;  // how the address moves with the tile
  bool read = false;                         // worth prefetching
};

struct Total {        // a reduction of everything
  std::uint8_t slot;  // holds a double
  std::int32_t operand;
  enum class Kind : std::uint8_t { sum, max, min } kind;
  double divisor;
};
struct ScalarResult {
  std::uint8_t slot;
  std::int32_t operand;
  DType dtype;
};

class Plan {
 public:
  static constexpr std::size_t kMaxSlots = 128, kMaxRow = 16384;

  std::size_t rows = 1, cols = 1;
  std::size_t tile_rows = 1, tile_cols = 1;  // a tile is a piece of one row, or several whole rows
  std::vector<Slot> slots;                   // slot 0 is none
  std::vector<Step> once;                    // between scalars, and rows repeated over a tile: before the first tile
  std::vector<Step> body;
  std::vector<Total> totals;
  std::vector<ScalarResult> results;
  std::vector<float> constants;  // splats
  std::size_t workspace = 0;     // bytes

  void run(const runtime::Operands& operands, std::byte* workspace) const;
};

}  // namespace keras::backends::cpu
