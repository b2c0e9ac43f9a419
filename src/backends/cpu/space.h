// The iteration space of a fused loop: a body's shapes seen as two dimensions, so that every value is a scalar, a row,
// a column or full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace keras::backends::cpu {

enum class Extent : std::uint8_t { unknown, scalar, row, column, full };  // [1, 1] [1, cols] [rows, 1] [rows, cols]

// How a node's result lies in the space of its operand. of_columns, of_all: reductions to one row and to one number,
// which leave the loop. source: what the loop goes over (see source.h). view: a slice, read where it lies. The operands
// of these two have no part in the space.
enum class Relation : std::uint8_t {
  same,
  from_scalar,
  from_row,
  from_column,
  of_rows,
  of_columns,
  of_all,
  source,
  view
};

struct Space {
  std::size_t rows = 1, cols = 1;
  std::vector<Extent> extents;      // of each value, as far as its shape tells
  std::vector<Relation> relations;  // of each node
  std::vector<bool> inside;         // of each value: not only an operand of sources and views
};

// Where the elements of a slice lie in its operand: `rows` rows of `cols`, `pitch` elements apart, the first at
// `offset`.
struct View {
  std::size_t rows, cols, pitch, offset;
};
bool is_view(const ir::Node& node);
// nullopt when they are no such rows.
std::optional<View> view_of(const ir::Graph& body, const ir::Node& node);

// False, with the reason, when the body's shapes do not fit into one such space.
bool find_space(const ir::Graph& body, Space& space, std::string& reason);

}  // namespace keras::backends::cpu
