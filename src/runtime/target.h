// Target: the compiler's only door to a backend. A backend answers which kernel it has for a node, and which nodes it
// would run inside one fused loop.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "ir/graph.h"
#include "runtime/kernel.h"

namespace keras::runtime {

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view name() const = 0;
  virtual Offer candidate(const ir::Graph& graph, const ir::Node& node) const = 0;
  // Whether the node could be part of a fused loop of this backend (primitives::Op::fused); the reason if not.
  virtual bool fuses(const ir::Graph& graph, const ir::Node& node, std::string* reason) const {
    (void)graph, (void)node;
    if (reason) *reason = "this backend has no fused loops";
    return false;
  }
  // Whether such a loop could go over the node's result block by block as it is made (a product, a convolution).
  virtual bool feeds(const ir::Graph& graph, const ir::Node& node) const {
    (void)graph, (void)node;
    return false;
  }
};

// The backends of a device, best first; the last one runs everything.
struct Target {
  std::vector<const Backend*> backends;
};

}  // namespace keras::runtime
