// A graph for fewer rows: where each row of its results depends on the same row of its operands only, parts of a batch
// can be computed apart.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"

namespace keras::compile {

struct Rows {
  ir::Graph graph;        // the same for `to` rows
  std::vector<bool> cut;  // the inputs of which each part takes its own rows; the others are the same for all
};
// `cut` says which inputs have rows along axis 0, `from` of them; others may turn out to have some too. Nothing where
// some result is not made row by row, or an op is met of which that is not known.
std::optional<Rows> with_rows(const ir::Graph& graph, std::vector<bool> cut, std::int64_t from, std::int64_t to);

}  // namespace keras::compile
