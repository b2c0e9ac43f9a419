// conv_filter: for each place of the window a product of the source's channels with the gradient's, whose depth runs
// over the images' pixels. Small results are made in parts, by images, each in memory of its own, and added up in
// order; the parts depend on the sizes alone.
#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/kernels.h"
#include "backends/cpu/offers.h"
#include "backends/cpu/product.h"
#include "backends/cpu/window.h"

namespace keras::backends::cpu {
namespace {

constexpr std::size_t kPixels = 512;            // of a slab, at most: its gradients stay in the second-level cache
constexpr std::size_t kTasks = 16;              // wanted
constexpr std::size_t kPartBytes = 256u << 10;  // of a result that is worth copies
constexpr std::size_t kMaxTaps = 256;
constexpr std::size_t kFewChannels = 8;  // less than this, it pays to treat the pixels at the borders apart

class ConvFilter final : public runtime::Kernel {
 public:
  explicit ConvFilter(const ConvShape& shape)
      : c_(shape),
        in_(shape.in_channels),
        out_(shape.out_channels),
        in_group_(in_ / shape.groups),
        out_group_(out_ / shape.groups),
        panels_(out_group_),
        size_(shape.window() * in_group_ * out_) {
    const WindowAxes& a = c_.axes;
    slab_rows_ = std::clamp<std::size_t>(kPixels / a[2].result, 1, std::min(a[1].result, kMaxTaps));
    slabs_ = (a[1].result + slab_rows_ - 1) / slab_rows_;
    slab_rows_ = (a[1].result + slabs_ - 1) / slabs_;
    units_ = c_.images * a[0].result * slabs_;
    in_tiles_ = in_group_ > 64 ? (in_group_ + 63) / 64 : 1;
    // Columns of taps whose pixels all lie inside, so that places which follow each other are one run of channels.
    const auto reads = a[2].reads(0, a[2].result);
    const bool inside = reads.begin >= 0 && reads.end <= static_cast<std::ptrdiff_t>(a[2].source);
    merged_ = (in_group_ < kFewChannels || inside) && in_tiles_ == 1 && c_.groups == 1 &&
              a[2].phases[0].taps.size() > 1 && a[2].phases[0].taps[1].offset - a[2].phases[0].taps[0].offset == 1;
    const std::size_t grid = in_tiles_ * panels_.count * c_.groups;
    parts_ = size_ * sizeof(float) <= kPartBytes ? std::clamp<std::size_t>(kTasks / grid, 1, units_) : 1;
  }
  std::size_t workspace() const { return parts_ > 1 ? (parts_ - 1) * size_ * sizeof(float) : 0; }
  double flops() const {
    const WindowAxes& a = c_.axes;
    return 2.0 * static_cast<double>(size_) * static_cast<double>(c_.images * a[0].result * a[1].result * a[2].result);
  }
  double cost() const {
    return 300 + flops() * (in_group_ < kFewChannels ? 3 : 1) / kernels()->gemm->flops_per_ns +
           static_cast<double>(workspace()) * 0.05;
  }

  void run(const runtime::Operands& operands, const runtime::Workspace& workspace) const override {
    const auto *x = operands.as<const float>(0), *g = operands.as<const float>(1);
    auto* dw = operands.as<float>(2);
    const std::size_t grid = in_tiles_ * panels_.count * c_.groups;
    const auto total = static_cast<std::int64_t>(grid * parts_);
    support::parallel_for(total, 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto task = static_cast<std::size_t>(begin); task < static_cast<std::size_t>(end); ++task) {
        const std::size_t part = task / grid;
        float* to = part == 0 ? dw : workspace.as<float>() + (part - 1) * size_;
        make(task % grid, units_ * part / parts_, units_ * (part + 1) / parts_, x, g, to);
      }
    });
    if (parts_ == 1) return;
    constexpr std::int64_t kGrain = 16384;
    support::parallel_for(static_cast<std::int64_t>(size_), kGrain, [&](std::int64_t begin, std::int64_t end) {
      for (std::size_t part = 1; part < parts_; ++part) {
        const float* from = workspace.as<const float>() + (part - 1) * size_;
        for (std::int64_t i = begin; i < end; ++i) dw[i] += from[i];
      }
    });
  }

 private:
  // One tile of the grid, over the pixels of some units.
  void make(std::size_t at, std::size_t begin, std::size_t end, const float* x, const float* g, float* dw) const {
    const std::size_t in_tile = at % in_tiles_, panel = at / in_tiles_ % panels_.count,
                      group = at / in_tiles_ / panels_.count;
    const std::size_t c0 = in_group_ * in_tile / in_tiles_, c1 = in_group_ * (in_tile + 1) / in_tiles_;
    const std::size_t column = group * out_group_ + panels_.begin(panel);
    for (std::size_t unit = begin; unit < end; ++unit)
      slab(unit, unit == begin, group, c0, c1, column, panels_.size(panel), x, g, dw);
  }

  void slab(std::size_t unit, bool first, std::size_t group, std::size_t c0, std::size_t c1, std::size_t column,
            std::size_t columns, const float* x, const float* g, float* dw) const {
    const Gemm& gemm = *kernels()->gemm;
    const WindowAxes& a = c_.axes;
    const std::size_t row = unit % slabs_ * slab_rows_, plane = unit / slabs_ % a[0].result,
                      image = unit / slabs_ / a[0].result, row_end = std::min(row + slab_rows_, a[1].result);
    const std::size_t vectors = (columns + gemm.vector - 1) / gemm.vector;
    const auto tile_rows = static_cast<std::size_t>(gemm.rows);
    const auto in = static_cast<std::ptrdiff_t>(in_);
    Tap taps[kMaxTaps];
    GemmTile t{};
    t.taps = taps;
    t.a_row = 1, t.a_step = a[2].source_step * in_;
    t.b_row = out_, t.c_row = out_;
    t.last = columns - (vectors - 1) * gemm.vector;
    const auto& wide = a[2].phases[0].taps;
    // Adds the pixels [p0, p1) of each row to the results of `places` places from `kw` on.
    const auto add = [&](std::size_t kd, std::size_t kh, std::size_t kw, std::size_t places, std::size_t p0,
                         std::size_t p1, bool begins) {
      float* c = dw + (((kd * a[1].window + kh) * a[2].window + kw) * in_group_ + c0) * out_ + column;
      t.add = !begins;
      t.tap_count = 0;
      t.depth = p1 - p0;
      const auto source_plane = static_cast<std::ptrdiff_t>(plane * a[0].source_step) + a[0].phases[0].taps[kd].offset;
      if (p0 < p1 && source_plane >= 0 && source_plane < static_cast<std::ptrdiff_t>(a[0].source)) {
        for (std::size_t r = row; r < row_end; ++r) {
          const auto source_row = static_cast<std::ptrdiff_t>(r * a[1].source_step) + a[1].phases[0].taps[kh].offset;
          if (source_row < 0 || source_row >= static_cast<std::ptrdiff_t>(a[1].source)) continue;
          const auto pixel = static_cast<std::ptrdiff_t>(p0 * a[2].source_step) + wide[kw].offset;
          taps[t.tap_count++] = {(((static_cast<std::ptrdiff_t>(image * a[0].source) + source_plane) *
                                       static_cast<std::ptrdiff_t>(a[1].source) +
                                   source_row) *
                                      static_cast<std::ptrdiff_t>(a[2].source) +
                                  pixel) *
                                     in,
                                 static_cast<std::ptrdiff_t>(
                                     (((image * a[0].result + plane) * a[1].result + r) * a[2].result + p0) * out_)};
        }
      }
      if (t.tap_count == 0 && t.add) return;
      t.b = g + column;
      const std::size_t height = places * (c1 - c0);
      in_equal_parts(height, tile_rows, [&](std::size_t i, std::size_t count) {
        t.a = x + group * in_group_ + c0 + i;
        t.c = c + i * out_;
        gemm.tile[count - 1][vectors - 1](t);
      });
    };
    // The pixels that read place kw inside the source.
    const auto range = [&](std::size_t kw) {
      const auto step = static_cast<std::ptrdiff_t>(a[2].source_step), offset = wide[kw].offset;
      const auto low = offset < 0 ? (-offset + step - 1) / step : 0;
      const auto room = static_cast<std::ptrdiff_t>(a[2].source) - 1 - offset;
      const auto high =
          room < 0 ? 0 : std::min<std::ptrdiff_t>(room / step + 1, static_cast<std::ptrdiff_t>(a[2].result));
      return std::pair{static_cast<std::size_t>(low), static_cast<std::size_t>(std::max(low, high))};
    };
    for (std::size_t kd = 0; kd < a[0].window; ++kd) {
      for (std::size_t kh = 0; kh < a[1].window; ++kh) {
        if (!merged_) {
          for (std::size_t kw = 0; kw < a[2].window; ++kw) {
            const auto [p0, p1] = range(kw);
            add(kd, kh, kw, 1, p0, p1, first);
          }
          continue;
        }
        const std::size_t inside0 = range(0).first, inside1 = std::max(inside0, range(a[2].window - 1).second);
        add(kd, kh, 0, a[2].window, inside0, inside1, first);
        for (std::size_t kw = 0; kw < a[2].window; ++kw) {  // the pixels beside them
          const auto [p0, p1] = range(kw);
          add(kd, kh, kw, 1, p0, std::min(p1, inside0), false);
          add(kd, kh, kw, 1, std::max(p0, inside1), std::max(p1, inside1), false);
        }
      }
    }
  }

  ConvShape c_;
  std::size_t in_, out_, in_group_, out_group_;
  Panels panels_;
  std::size_t size_, slab_rows_ = 1, slabs_ = 1, units_ = 1, in_tiles_ = 1, parts_ = 1;
  bool merged_ = false;
};

}  // namespace

runtime::Offer offer_conv_filter(const ir::Graph& graph, const ir::Node& node) {
  for (ir::ValueId id : node.inputs) {
    if (graph.type(id).dtype != DType::float32)
      return runtime::Offer::no(fmt::format("{} of {}", node.op->name, graph.type(id).str()));
    if (graph.type(id).shape.elements() == 0) return runtime::Offer::no("an empty array");
  }
  if (graph.type(node.first).shape.elements() == 0) return runtime::Offer::no("an empty array");
  const ConvShape shape = conv_filter_shape(graph, node);
  const ConvFilter kernel(shape);
  runtime::Candidate c;
  c.name =
      fmt::format("cpu.conv_filter({}x{}->{})", shape.window(), shape.in_channels / shape.groups, shape.out_channels);
  c.cost = kernel.cost();
  c.workspace = kernel.workspace();
  c.flops = kernel.flops();
  c.make = [kernel] { return std::make_unique<ConvFilter>(kernel); };
  return runtime::Offer::yes(std::move(c));
}

}  // namespace keras::backends::cpu
