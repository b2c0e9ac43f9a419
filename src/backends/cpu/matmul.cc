// matmul as a source: one product, or one for each of the leading axes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "backends/cpu/product.h"
#include "primitives/attrs.h"

namespace keras::backends::cpu {
namespace {

constexpr double kBlockNs = 15e3;       // what is worth a block of its own
constexpr std::size_t kMaxBlocks = 64;  // of one product

class ProductSource final : public Source {
 public:
  ProductSource(Product product, std::size_t count, bool each_b, bool all_columns) : p_(product), each_b_(each_b) {
    name = fmt::format("matmul({}x{}x{})", p_.m, p_.n, p_.k);
    rows = count * p_.m, cols = p_.n;
    flops = p_.flops() * static_cast<double>(count);
    cost = p_.cost() * static_cast<double>(count);
    if (p_.m == 0 || p_.n == 0) {
      blocks = 0;
      return;
    }
    // Columns first: what is cut by rows reads all of b again for each block.
    const auto ceil_div = [](std::size_t x, std::size_t y) { return (x + y - 1) / y; };
    const auto wanted = static_cast<std::size_t>(std::clamp(p_.cost() / kBlockNs, 1.0, double{kMaxBlocks}));
    const Panels panels(p_.n);
    panels_ = ceil_div(panels.count, all_columns || p_.m > 4 * p_.n ? 1 : std::min(wanted, panels.count));
    across_ = ceil_div(panels.count, panels_);
    const std::size_t down = std::max(ceil_div(wanted, across_), ceil_div(p_.m, kMaxRows));
    rows_ = std::min(p_.m, ceil_div(ceil_div(p_.m, down), kRowUnit) * kRowUnit);
    down_ = ceil_div(p_.m, rows_);
    breadth_ = panels_ * panels.width;
    blocks = count * across_ * down_;
    scratch = p_.scratch(rows_);
    largest_block = rows_ * std::min(breadth_, cols);
    whole_rows = across_ == 1;
  }

  Rect rect(std::size_t block) const override {
    const std::size_t batch = block / (across_ * down_), at = block % (across_ * down_);
    const Rect r = inside(at);
    return {batch * p_.m + r.r0, batch * p_.m + r.r1, r.c0, r.c1};
  }
  void make(std::size_t block, const float* const* in, const std::byte*, float* out, std::size_t row,
            std::byte* scratch) const override {
    const std::size_t batch = block / (across_ * down_), at = block % (across_ * down_);
    p_.make(inside(at), in[0] + batch * p_.m * p_.k, in[1] + (each_b_ ? batch * p_.k * p_.n : 0), out, row,
            reinterpret_cast<float*>(scratch));
  }

 private:
  static constexpr std::size_t kMaxRows = 1024,
                               kRowUnit = 48;  // a multiple of the tiles' rows; fewer would read b too often

  Rect inside(std::size_t at) const {
    const std::size_t i = at / across_ * rows_, j = at % across_ * breadth_;
    return {i, std::min(i + rows_, p_.m), j, std::min(j + breadth_, p_.n)};
  }

  Product p_;
  bool each_b_;
  std::size_t panels_ = 1, across_ = 1, down_ = 1, rows_ = 1, breadth_ = 1;
};

}  // namespace

std::unique_ptr<Source> product_source(const ir::Graph& graph, const ir::Node& node, bool whole_rows) {
  const ir::Type &a = graph.type(node.inputs[0]), &b = graph.type(node.inputs[1]), &c = graph.type(node.first);
  const auto& attrs = node.attrs.as<primitives::MatmulAttrs>();
  const auto last = [](const Shape& shape, std::size_t back) {
    return static_cast<std::size_t>(shape[shape.size() - back].value());
  };
  Product p{last(c.shape, 2), last(c.shape, 1), last(a.shape, attrs.transpose_a ? 2 : 1), attrs.transpose_a,
            attrs.transpose_b};
  std::size_t count = 1;
  for (std::size_t d = 0; d + 2 < c.shape.size(); ++d) count *= static_cast<std::size_t>(c.shape[d].value());
  const bool each_b = b.shape.size() > 2;
  if (!each_b && !attrs.transpose_a) p.m *= count, count = 1;  // one tall product
  return std::make_unique<ProductSource>(p, count, each_b, whole_rows);
}

}  // namespace keras::backends::cpu
