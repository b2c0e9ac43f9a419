// The OpDefs made from the rows of keras/elementwise.def and from chains.def, in the order of the lists: for table.cc.
#pragma once

#include <vector>

#include "primitives/primitives.h"

namespace keras::primitives {

struct ElementwiseDef {
  ir::OpDef def;
  ElementwiseInfo info;
};
std::vector<ElementwiseDef> elementwise_defs();
std::vector<ir::OpDef> chain_defs();

}  // namespace keras::primitives
