// Source: work that makes a matrix block by block (a product, a convolution, a pooling), so that the blocks can be
// spread over threads, and a fused loop can go over each while it is in the cache.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "ir/graph.h"

namespace keras::backends::cpu {

struct Rect {  // of the result: rows [r0, r1), columns [c0, c1)
  std::size_t r0, r1, c0, c1;
};

class Source {
 public:
  virtual ~Source() = default;

  std::string name;
  int operands = 1;
  std::size_t rows = 1, cols = 1;             // of the result seen as a matrix; an image's pixels are rows
  std::size_t workspace = 0, scratch = 0;     // bytes that prepare() fills; bytes for each thread
  std::size_t blocks = 1, largest_block = 0;  // how many; elements of the largest
  bool whole_rows = true;                     // blocks have all columns
  double flops = 0, cost = 0;                 // cost: estimated nanoseconds on one thread

  // The blocks cover the result, each element once, whatever the number of threads.
  virtual Rect rect(std::size_t block) const = 0;
  // What all blocks need: operands packed for the kernels. May use the pool.
  virtual void prepare(const float* const* in, std::byte* workspace) const { (void)in, (void)workspace; }
  // Writes the block's elements; rows lie `row` floats apart.
  virtual void make(std::size_t block, const float* const* in, const std::byte* workspace, float* out, std::size_t row,
                    std::byte* scratch) const = 0;
};

// The source of a node whose operands are float32; nullptr with the reason when there is none. whole_rows: its blocks
// must have all columns.
std::unique_ptr<Source> make_source(const ir::Graph& graph, const ir::Node& node, bool whole_rows, std::string& reason);
bool is_source(const ir::Node& node);

// In files of their own.
std::unique_ptr<Source> product_source(const ir::Graph& graph, const ir::Node& node, bool whole_rows);
std::unique_ptr<Source> conv_source(const ir::Graph& graph, const ir::Node& node, bool whole_rows, std::string& reason);
std::unique_ptr<Source> depthwise_source(const ir::Graph& graph, const ir::Node& node, std::string& reason);
std::unique_ptr<Source> pool_source(const ir::Graph& graph, const ir::Node& node, std::string& reason);

}  // namespace keras::backends::cpu
