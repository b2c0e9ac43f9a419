// Depthwise conv and conv_transpose as sources: every channel by itself, so that vectors run over channels.
#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/costs.h"
#include "backends/cpu/kernels.h"
#include "backends/cpu/source.h"
#include "backends/cpu/window.h"

namespace keras::backends::cpu {
namespace {

constexpr std::size_t kMaxTaps = 256;
constexpr std::size_t kBlock = 8192;  // elements of a block of results

class DepthwiseSource final : public Source {
 public:
  DepthwiseSource(const ConvShape& shape, std::size_t multiplier)
      : axes_(shape.axes), multiplier_(multiplier), channels_(shape.out_channels) {
    const std::size_t pixels = axes_[0].result * axes_[1].result * axes_[2].result;
    rows = shape.images * pixels, cols = channels_;
    blocks_ = WindowBlocks(shape.images, axes_, channels_, kBlock);
    blocks = blocks_.count();
    largest_block = blocks_.rows * axes_[2].result * channels_;
    scratch = patch_floats(axes_, blocks_, channels_) * sizeof(float);
    flops = 2.0 * static_cast<double>(rows * channels_ * shape.window());
    cost = 200 + flops * 1.5 * kElementNs / kernels()->speed;
    name =
        fmt::format("{}({}x1->{}, depthwise)", shape.backward ? "conv_transpose" : "conv", shape.window(), channels_);
  }

  Rect rect(std::size_t block) const override {
    const WindowBlock b = blocks_.at(block);
    const std::size_t row = ((b.image * axes_[0].result + b.depth) * axes_[1].result + b.row) * axes_[2].result;
    return {row, row + (b.row_end - b.row) * axes_[2].result, 0, channels_};
  }

  void make(std::size_t block, const float* const* in, const std::byte*, float* out, std::size_t out_row,
            std::byte* scratch) const override {
    const WindowBlock b = blocks_.at(block);
    const Patch patch =
        make_patch(axes_, b, in[0], channels_ / multiplier_, multiplier_, reinterpret_cast<float*>(scratch));
    const auto& windows = *kernels()->windows;
    const auto source = [](std::size_t j, const WindowAxis& axis, const WindowAxis::TapAt& tap) {
      return static_cast<std::ptrdiff_t>(j * axis.source_step) + tap.offset;
    };
    const auto& pd = axes_[0].phases[b.depth % axes_[0].step];
    for (std::size_t h = b.row; h < b.row_end; ++h) {
      const auto& ph = axes_[1].phases[h % axes_[1].step];
      for (const auto& pw : axes_[2].phases) {
        std::ptrdiff_t offsets[kMaxTaps];
        std::size_t places[kMaxTaps], taps = 0;
        for (const auto& td : pd.taps) {
          for (const auto& th : ph.taps) {
            for (const auto& tw : pw.taps) {
              offsets[taps] = patch.at(source(b.depth / axes_[0].step, axes_[0], td),
                                       source(h / axes_[1].step, axes_[1], th), tw.offset, channels_);
              places[taps++] = (td.place * axes_[1].window + th.place) * axes_[2].window + tw.place;
            }
          }
        }
        // Backwards the places come in falling order: steps through the filter are equal, and may be negative.
        const bool even = std::ranges::adjacent_find(places, places + taps, [&](std::size_t a, std::size_t c) {
                            return c - a != places[1] - places[0];
                          }) == places + taps;
        const std::size_t step = taps > 1 ? places[1] - places[0] : 0;
        for (std::size_t j = 0; j < pw.count; ++j) {
          const float* x[kMaxTaps];
          for (std::size_t t = 0; t < taps; ++t) x[t] = patch.data + offsets[t] + j * axes_[2].source_step * channels_;
          float* y = out + ((h - b.row) * axes_[2].result + pw.first + j * axes_[2].step) * out_row;
          if (taps == 0) {
            std::fill_n(y, channels_, 0.0F);
          } else if (even) {
            windows.multiply(x, in[1] + places[0] * channels_, step * channels_, taps, y, channels_);
          } else {
            multiply_one_by_one(windows, x, in[1], places, taps, y);
          }
        }
      }
    }
  }

 private:
  // Taps that are not evenly spread over the filter.
  void multiply_one_by_one(const Windows& windows, const float* const* x, const float* filter,
                           const std::size_t* places, std::size_t taps, float* y) const {
    std::fill_n(y, channels_, 0.0F);
    for (std::size_t t = 0; t < taps; ++t)
      windows.multiply_add(x + t, filter + places[t] * channels_, 1, y, 0, channels_);
  }

  WindowAxes axes_;
  std::size_t multiplier_, channels_;
  WindowBlocks blocks_;
};

}  // namespace

std::unique_ptr<Source> depthwise_source(const ir::Graph& graph, const ir::Node& node, std::string& reason) {
  for (ir::ValueId id : {node.inputs[0], node.inputs[1], node.first}) {
    if (graph.type(id).shape.elements() != 0) continue;
    reason = "an empty array";
    return nullptr;
  }
  const ConvShape shape = conv_shape(graph, node);
  const bool single = shape.groups == shape.in_channels && shape.groups > 1;
  if (!single || shape.window() > kMaxTaps || (shape.backward && shape.out_channels != shape.in_channels))
    return nullptr;
  return std::make_unique<DepthwiseSource>(shape, shape.out_channels / shape.in_channels);
}

}  // namespace keras::backends::cpu
