// Plan: a fused loop as a flat list of tile kernel calls over registers of one tile each, and how it goes over the
// tiles of a part of its space.
#pragma once

#include <cstdint>
#include <vector>

#include "backends/cpu/kernels.h"
#include "backends/cpu/source.h"
#include "backends/cpu/space.h"
#include "runtime/kernel.h"

namespace keras::backends::cpu {

// Where a step's operand lies. Offsets are bytes of the workspace or the operand, or floats of the constants.
struct Slot {
  enum class Place : std::uint8_t { none, constant, scalar_input, workspace, operand, source, column_sum };
  Place place = Place::none;
  DType dtype = {};          // of a scalar_input
  std::int32_t operand = 0;  // which, for operand and scalar_input; of a column_sum the number
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

struct ColumnSum {  // a reduction of the columns: doubles, in the accumulators
  std::int32_t operand;
  double divisor;
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
  std::vector<ColumnSum> column_sums;
  std::vector<ScalarResult> results;
  std::vector<float> constants;  // splats
  std::size_t workspace = 0;     // bytes of the registers
  std::int32_t home = -1;        // the result over whose place the source may be made, as it is read no later; or none

  // What the totals and column sums of one part of the space add up to: doubles, the totals first.
  std::size_t accumulators() const { return totals.size() + column_sums.size() * cols; }

  // One thread's way through a part.
  class Run {
   public:
    // `memory` has `workspace` bytes.
    Run(const Plan& plan, const runtime::Operands& operands, std::byte* memory, double* accumulators);
    void start();                                    // the accumulators are empty
    void tiles(std::size_t begin, std::size_t end);  // by number, row by row
    // The rows and columns of a block, whose source lies at `source`, rows `row` floats apart.
    void block(const Rect& block, const float* source, std::size_t row);
    void finish();  // the totals are in the accumulators
    void write_scalars(const runtime::Operands& operands) const;

   private:
    void rectangle(const Rect& r);
    const Plan& plan_;
    Operand s_[kMaxSlots];
    std::uint8_t moving_[kMaxSlots];  // the slots whose address follows the tile
    char* base_[kMaxSlots];
    std::size_t row_bytes_[kMaxSlots];
    std::size_t movers_ = 0;
    double* accumulators_;
    bool prefetch_ = false;
  };
  std::size_t tile_count() const { return ((rows + tile_rows - 1) / tile_rows) * ((cols + tile_cols - 1) / tile_cols); }
  // Adds up the parts' accumulators, in order, and writes what they are.
  void combine(const runtime::Operands& operands, const double* accumulators, std::size_t parts) const;
};

}  // namespace keras::backends::cpu
