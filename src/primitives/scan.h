// scan beyond its record: a prepared loop over the interpreted body, and its gradient, which needs those of the body.
#pragma once

#include <vector>

#include "primitives/attrs.h"
#include "primitives/interpret.h"

namespace keras::primitives {

std::vector<ir::Value> scan_vjp(const ir::VjpContext& context);  // defined in autodiff/scan.cc

class ScanInterpreter {
 public:
  ScanInterpreter(const ScanAttrs& attrs, const std::vector<ir::Type>& in, const std::vector<ir::Type>& out);
  std::size_t workspace() const { return workspace_; }
  void run(const void* const* in, void* const* out, std::byte* workspace) const;  // allocates nothing

 private:
  Interpreter body_;
  std::size_t carries_, slices_, length_;
  bool reverse_;
  std::vector<std::size_t> in_bytes_, out_bytes_;  // of one step
  std::size_t buffers_ = 0, memory_ = 0, workspace_ = 0;
};

}  // namespace keras::primitives
