// The iteration space of a fused loop: a body's shapes seen as two dimensions, so that every value is a scalar, a row,
// a column or full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace keras::backends::cpu {

enum class Extent : std::uint8_t { unknown, scalar, row, column, full };  // [1, 1] [1, cols] [rows, 1] [rows, cols]

// How a node's result lies in the space of its operand. of_columns, of_all: reductions to one row and to one number,
// which leave the loop. source: what the loop goes over (see source.h); its operands have no part in the space.
enum class Relation : std::uint8_t { same, from_scalar, from_row, from_column, of_rows, of_columns, of_all, source };

struct Space {
  std::size_t rows = 1, cols = 1;
  std::vector<Extent> extents;      // of each value, as far as its shape tells
  std::vector<Relation> relations;  // of each node
};

// False, with the reason, when the body's shapes do not fit into one such space.
bool find_space(const ir::Graph& body, Space& space, std::string& reason);

}  // namespace keras::backends::cpu
