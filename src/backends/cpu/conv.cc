// conv and conv_transpose as sources: each row of results is a matrix product whose depth runs over the window and the
// channels, read where they lie (no im2col). Filters of several panels, and those of conv_transpose, are packed first.
#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/kernels.h"
#include "backends/cpu/product.h"
#include "backends/cpu/window.h"
#include "support/threads.h"

namespace keras::backends::cpu {
namespace {

constexpr std::size_t kMaxTaps = 1024;
constexpr std::size_t kBlock = 8192;    // elements of a block of results: half the first-level cache
constexpr std::size_t kPackFrom = 256;  // results for which packing pays
constexpr std::size_t kPixels = 48;     // a block has at least: the filter streams by once for each block

class ConvSource final : public Source {
 public:
  ConvSource(const ConvShape& shape, bool all_columns)
      : c_(shape),
        in_(shape.backward ? shape.out_channels : shape.in_channels),
        out_(shape.backward ? shape.in_channels : shape.out_channels),
        in_group_(in_ / shape.groups),
        out_group_(out_ / shape.groups),
        panels_(out_group_) {
    const WindowAxes& axes = c_.axes;
    const std::size_t pixels = axes[0].result * axes[1].result * axes[2].result;
    rows = c_.images * pixels, cols = out_;
    blocks_ = WindowBlocks(c_.images, axes, out_, std::max(kBlock, kPixels * out_));
    const std::size_t all_panels = panels_.count * c_.groups;
    if (c_.groups == 1 && !all_columns) {  // few blocks: cut by columns too
      while (blocks_.count() < 16 && blocks_.across < all_panels) ++blocks_.across;
    }
    blocks = blocks_.count();
    panels_in_block_ = (all_panels + blocks_.across - 1) / blocks_.across;
    whole_rows = blocks_.across == 1;
    largest_block = blocks_.rows * axes[2].result * (whole_rows ? out_ : panels_in_block_ * panels_.width);
    scratch = patch_floats(axes, blocks_, in_) * sizeof(float);
    find_taps();
    packs_ = c_.backward || (panels_.count > 1 && rows >= kPackFrom);
    if (packs_) {
      panel_floats_ = c_.window() * in_group_ * panels_.width;
      workspace = panel_floats_ * all_panels * sizeof(float);
    }
    double products = 0;
    for (const Phase& phase : phases_) {
      products += static_cast<double>(phase.places.size()) * static_cast<double>(c_.axes[0].phases[phase.at[0]].count) *
                  static_cast<double>(c_.axes[1].phases[phase.at[1]].count) *
                  static_cast<double>(c_.axes[2].phases[phase.at[2]].count);
    }
    flops = 2 * products * static_cast<double>(c_.images * in_group_ * out_);
    const Gemm& g = *kernels()->gemm;
    const auto vector = static_cast<double>(g.vector), width = static_cast<double>(out_group_);
    const double waste = std::max(1.0, (width + vector - 1) / width) * (in_group_ < 8 ? 3 : 1);
    cost = 200 + flops * waste / g.flops_per_ns + static_cast<double>(workspace) * 0.05;
    name = fmt::format("{}({}x{}->{})", c_.backward ? "conv_transpose" : "conv", c_.window(), in_group_, out_);
  }

  bool fits(std::string& reason) const {
    if (c_.window() <= kMaxTaps) return true;
    reason = fmt::format("a window of {} places, more than {}", c_.window(), kMaxTaps);
    return false;
  }

  Rect rect(std::size_t block) const override {
    const WindowBlock b = blocks_.at(block);
    const WindowAxes& axes = c_.axes;
    const std::size_t row = ((b.image * axes[0].result + b.depth) * axes[1].result + b.row) * axes[2].result;
    const auto [p0, p1] = panels_of(block);
    return {row, row + (b.row_end - b.row) * axes[2].result, column(p0), whole_rows ? out_ : column(p1)};
  }

  void prepare(const float* const* in, std::byte* workspace) const override {
    if (!packs_) return;
    auto* panels = reinterpret_cast<float*>(workspace);
    const auto count = static_cast<std::int64_t>(panels_.count * c_.groups);
    support::parallel_for(count, 1, [&](std::int64_t begin, std::int64_t end) {
      for (auto p = static_cast<std::size_t>(begin); p < static_cast<std::size_t>(end); ++p)
        pack(in[1], p, panels + p * panel_floats_);
    });
  }

  void make(std::size_t block, const float* const* in, const std::byte* workspace, float* out, std::size_t out_row,
            std::byte* scratch) const override {
    const Gemm& g = *kernels()->gemm;
    const WindowAxes& axes = c_.axes;
    const WindowBlock b = blocks_.at(block);
    const auto [p0, p1] = panels_of(block);
    const std::size_t first_column = column(p0);
    const Patch patch = make_patch(axes, b, in[0], in_, 1, reinterpret_cast<float*>(scratch));
    const auto pixel_step = static_cast<std::ptrdiff_t>(axes[2].source_step * in_);
    GemmTile t{};
    t.a_row = axes[2].source_step * in_, t.a_step = 1;
    t.c_row = axes[2].step * out_row;
    Tap taps[kMaxTaps];
    t.taps = taps;
    for (const Phase& phase : phases_) {
      const auto &pd = axes[0].phases[phase.at[0]], &ph = axes[1].phases[phase.at[1]],
                 &pw = axes[2].phases[phase.at[2]];
      if (b.depth % axes[0].step != pd.first) continue;
      const std::size_t jd = b.depth / axes[0].step;
      t.tap_count = 0, t.depth = in_group_ * phase.run;
      const std::size_t b_row = packs_ ? panels_.width : out_;
      for (std::size_t i = 0; i < phase.places.size(); i += phase.run) {
        const Place& place = phase.places[i];
        taps[t.tap_count++] = {
            patch.at(place.offset[0] + patch.origin[0], place.offset[1] + patch.origin[1],
                     place.offset[2] + patch.origin[2], in_),
            static_cast<std::ptrdiff_t>((packs_ ? phase.begin + i : place.place) * in_group_ * b_row)};
      }
      for (std::size_t p = p0; p < p1; ++p) {
        const std::size_t group = p / panels_.count, columns = panels_.size(p % panels_.count);
        const std::size_t vectors = (columns + g.vector - 1) / g.vector;
        const auto tile_rows = static_cast<std::size_t>(g.rows);
        t.last = columns - (vectors - 1) * g.vector;
        t.b = packs_ ? reinterpret_cast<const float*>(workspace) + p * panel_floats_ : in[1] + column(p);
        t.b_row = b_row;
        for (std::size_t h = b.row + ph.first; h < b.row_end; h += axes[1].step) {
          const std::size_t jh = h / axes[1].step;
          const float* a = patch.data +
                           patch.at(static_cast<std::ptrdiff_t>(jd * axes[0].source_step),
                                    static_cast<std::ptrdiff_t>(jh * axes[1].source_step), 0, in_) +
                           group * in_group_;
          float* c = out + ((h - b.row) * axes[2].result + pw.first) * out_row + (column(p) - first_column);
          in_equal_parts(pw.count, tile_rows, [&](std::size_t j, std::size_t count) {
            t.a = a + static_cast<std::ptrdiff_t>(j) * pixel_step;
            t.c = c + j * t.c_row;
            g.tile[count - 1][vectors - 1](t);
          });
        }
      }
    }
  }

 private:
  struct Place {
    std::size_t place;                     // in the window
    std::array<std::ptrdiff_t, 3> offset;  // of what it reads
  };
  struct Phase {
    std::array<std::size_t, 3> at;  // the axes' phases
    std::vector<Place> places;
    std::size_t begin;  // of its places in a packed panel
    std::size_t run;    // places that follow each other in the source and in the filter: one tap
  };

  std::size_t column(std::size_t panel) const {
    return panel / panels_.count * out_group_ + panels_.begin(panel % panels_.count);
  }
  std::pair<std::size_t, std::size_t> panels_of(std::size_t block) const {
    const std::size_t all = panels_.count * c_.groups, begin = block % blocks_.across * panels_in_block_;
    return {std::min(begin, all), std::min(begin + panels_in_block_, all)};
  }

  void find_taps() {
    const WindowAxes& axes = c_.axes;
    std::size_t begin = 0;
    for (std::size_t d = 0; d < axes[0].phases.size(); ++d) {
      for (std::size_t h = 0; h < axes[1].phases.size(); ++h) {
        for (std::size_t w = 0; w < axes[2].phases.size(); ++w) {
          Phase phase{{d, h, w}, {}, begin, 1};
          for (const auto& td : axes[0].phases[d].taps) {
            for (const auto& th : axes[1].phases[h].taps) {
              for (const auto& tw : axes[2].phases[w].taps) {
                phase.places.push_back({(td.place * axes[1].window + th.place) * axes[2].window + tw.place,
                                        {td.offset, th.offset, tw.offset}});
              }
            }
          }
          const auto& taps = axes[2].phases[w].taps;
          bool together = c_.groups == 1;
          for (std::size_t i = 1; i < taps.size(); ++i) together = together && taps[i].offset == taps[i - 1].offset + 1;
          if (together) phase.run = std::max<std::size_t>(1, taps.size());
          begin += phase.places.size();
          phases_.push_back(std::move(phase));
        }
      }
    }
  }

  // The rows of a panel are the places in the order of the phases, and within each the source's channels.
  void pack(const float* filter, std::size_t p, float* panel) const {
    const Gemm& g = *kernels()->gemm;
    const std::size_t group = p / panels_.count, columns = panels_.size(p % panels_.count);
    const std::size_t filters = c_.out_channels, depth = c_.in_channels / c_.groups;  // [place][depth][filters]
    for (const Phase& phase : phases_) {
      for (const Place& place : phase.places) {
        const float* from = filter + place.place * depth * filters;
        if (c_.backward) {
          g.pack_transposed(from + panels_.begin(p % panels_.count) * filters + group * in_group_, filters, columns,
                            in_group_, panel, panels_.width);
        } else {
          for (std::size_t i = 0; i < depth; ++i)
            std::copy_n(from + i * filters + column(p), columns, panel + i * panels_.width);
        }
        panel += in_group_ * panels_.width;
      }
    }
  }

  ConvShape c_;
  std::size_t in_, out_, in_group_, out_group_;
  Panels panels_;
  WindowBlocks blocks_;
  std::vector<Phase> phases_;
  std::size_t panels_in_block_ = 1, panel_floats_ = 0;
  bool packs_ = false;
};

bool has_empty(const ir::Graph& graph, const ir::Node& node) {
  return std::ranges::any_of(node.inputs, [&](ir::ValueId id) { return graph.type(id).shape.elements() == 0; }) ||
         graph.type(node.first).shape.elements() == 0;
}

}  // namespace

std::unique_ptr<Source> conv_source(const ir::Graph& graph, const ir::Node& node, bool whole_rows,
                                    std::string& reason) {
  if (has_empty(graph, node)) {
    reason = "an empty array";
    return nullptr;
  }
  auto source = std::make_unique<ConvSource>(conv_shape(graph, node), whole_rows);
  return source->fits(reason) ? std::move(source) : nullptr;
}

}  // namespace keras::backends::cpu
