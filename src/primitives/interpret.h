// Running ops by their reference functions: one op with everything prepared, and a whole graph. The reference backend,
// fused bodies, constant folding and tests all run ops this way; 16-bit floats pass through float32 here, so that no
// record sees them.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "ir/graph.h"

namespace keras::primitives {

constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

// Memory for what runs once: what runs more often brings its own.
class Workspace {
 public:
  explicit Workspace(std::size_t bytes) : lines_(bytes / sizeof(Line) + 1) {}
  std::byte* data() { return lines_.front().bytes; }

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> lines_;
};

// One op with its attributes and types. Immutable: any number of threads may run it, each with a workspace of its own.
class Call {
 public:
  Call(const ir::OpDef& op, ir::Attrs attrs, std::vector<ir::Type> in, std::vector<ir::Type> out);
  ~Call();
  Call(Call&&) noexcept;
  std::size_t workspace() const { return workspace_; }  // bytes, to be aligned to 64
  // Allocates nothing. Results may not overlap operands unless the op is elementwise.
  void run(const void* const* in, void* const* out, std::byte* workspace) const;

 private:
  struct Buffer {
    std::size_t place;   // in the list of operands and results
    std::size_t offset;  // of its float32 form in the workspace
    std::int64_t count;
    DType dtype;
  };
  const ir::OpDef* op_;
  ir::Attrs attrs_;
  std::vector<ir::Type> in_, out_;
  std::vector<Buffer> buffers_;
  std::unique_ptr<class Interpreter> body_;  // of a fused op
  std::unique_ptr<class ScanInterpreter> loop_;
  std::size_t workspace_ = 0;
};

// A graph, node by node. Operands are the graph's inputs in order; results its outputs. Updates are results too, behind
// them.
class Interpreter {
 public:
  explicit Interpreter(const ir::Graph& graph);
  std::size_t workspace() const { return workspace_; }
  void run(const void* const* in, void* const* out, std::byte* workspace) const;
  // The same with Arrays: allocates.
  std::vector<Array> run(std::span<const Array> inputs) const;

 private:
  struct Step {
    Call call;
    std::size_t first;  // its operands, then its results, in places_
    std::size_t operands;
  };
  struct Result {
    std::size_t value, bytes;
  };
  std::vector<ir::Type> input_types_, output_types_;
  std::vector<std::size_t> inputs_;   // the value each input is
  std::vector<std::size_t> offsets_;  // of each value in the workspace
  std::vector<Step> steps_;
  std::vector<std::size_t> places_;
  std::vector<Result> results_;
  std::size_t values_ = 0, most_operands_ = 0, scratch_ = 0, workspace_ = 0;
};

}  // namespace keras::primitives
