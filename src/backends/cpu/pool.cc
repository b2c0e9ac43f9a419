// Pooling as sources, forwards by windows, backwards by the windows that meet a block of the image.
#include <fmt/format.h>

#include <algorithm>

#include "backends/cpu/costs.h"
#include "backends/cpu/kernels.h"
#include "backends/cpu/source.h"
#include "backends/cpu/window.h"
#include "primitives/attrs.h"
#include "primitives/primitives.h"

namespace keras::backends::cpu {
namespace {

using primitives::Op;

constexpr std::size_t kMaxTaps = 512;
constexpr std::size_t kBlock = 8192;  // elements of a block of results

struct PoolAxis {
  std::size_t image = 1, windows = 1, window = 1, stride = 1, before = 0;
  // The part of window o that lies in the image's [low, high), as places of the image.
  std::pair<std::size_t, std::size_t> inside(std::size_t o, std::size_t low, std::size_t high) const {
    const auto begin = static_cast<std::ptrdiff_t>(o * stride) - static_cast<std::ptrdiff_t>(before);
    const auto clip = [&](std::ptrdiff_t i) {
      return static_cast<std::size_t>(
          std::clamp(i, static_cast<std::ptrdiff_t>(low), static_cast<std::ptrdiff_t>(high)));
    };
    return {clip(begin), clip(begin + static_cast<std::ptrdiff_t>(window))};
  }
  std::pair<std::size_t, std::size_t> inside(std::size_t o) const { return inside(o, 0, image); }
  // The windows that lie in the image entirely.
  std::pair<std::size_t, std::size_t> whole() const {
    const std::size_t begin = std::min((before + stride - 1) / stride, windows);
    const std::size_t end = image + before < window ? 0 : std::min((image + before - window) / stride + 1, windows);
    return {begin, std::max(begin, end)};
  }
  bool tiles() const {
    return stride == window && before == 0 && windows * window == image;
  }  // each place in one window
  // The windows that may meet the image's places [low, high).
  std::pair<std::size_t, std::size_t> meeting(std::size_t low, std::size_t high) const {
    const std::size_t first = low + before < window ? 0 : (low + before - window) / stride + 1;
    return {std::min(first, windows), std::min(windows, (high - 1 + before) / stride + 1)};
  }
};
using PoolAxes = std::array<PoolAxis, 3>;

class PoolSource final : public Source {
 public:
  PoolSource(Op op, const PoolAxes& axes, std::size_t images, std::size_t channels)
      : op_(op),
        axes_(axes),
        channels_(channels),
        backward_(op == Op::max_pool_scatter || op == Op::average_pool_transpose) {
    WindowAxes shape;
    for (std::size_t d = 0; d < 3; ++d) shape[d].result = backward_ ? axes_[d].image : axes_[d].windows;
    // A block backwards ends where windows end, so that few windows are seen twice.
    if (backward_) shape[1].step = std::min(axes_[1].stride, axes_[1].image);
    blocks_ = WindowBlocks(images, shape, channels, kBlock);
    rows = images * shape[0].result * shape[1].result * shape[2].result, cols = channels;
    blocks = blocks_.count();
    largest_block = blocks_.rows * shape[2].result * channels;
    width_ = shape[2].result;
    const double places = static_cast<double>(axes_[0].window * axes_[1].window * axes_[2].window);
    const double windows = static_cast<double>(images * axes_[0].windows * axes_[1].windows * axes_[2].windows);
    const double vectors = static_cast<double>((channels + 15) / 16) / kernels()->speed;
    cost = 100 + windows * (4 + places * (1 + vectors * (op == Op::max_pool || op == Op::average_pool ? 0.6 : 2.0)));
    name = std::string(primitives::def(op).name);
  }

  Rect rect(std::size_t block) const override {
    const WindowBlock b = blocks_.at(block);
    const std::size_t row = ((b.image * blocks_.depth + b.depth) * blocks_.height + b.row) * width_;
    return {row, row + (b.row_end - b.row) * width_, 0, channels_};
  }

  void make(std::size_t block, const float* const* in, const std::byte*, float* out, std::size_t out_row,
            std::byte*) const override {
    const WindowBlock b = blocks_.at(block);
    if (backward_)
      scatter(b, in, out);
    else
      gather(b, in, out, out_row);
  }

 private:
  const float* place(const float* image, std::size_t n, std::size_t d, std::size_t h, std::size_t w) const {
    return image + (((n * axes_[0].image + d) * axes_[1].image + h) * axes_[2].image + w) * channels_;
  }

  // Calls f(place of the image) for all of a window in row-major order.
  template <class F>
  void each(std::size_t od, std::size_t oh, std::size_t ow, F f) const {
    const auto [d0, d1] = axes_[0].inside(od);
    const auto [h0, h1] = axes_[1].inside(oh);
    const auto [w0, w1] = axes_[2].inside(ow);
    for (std::size_t d = d0; d < d1; ++d) {
      for (std::size_t h = h0; h < h1; ++h) {
        for (std::size_t w = w0; w < w1; ++w) f(d, h, w);
      }
    }
  }
  // Calls f(ow, count) for runs of windows of a row: all that lie inside are one, any other is alone.
  template <class F>
  void runs(F f) const {
    const auto [begin, end] = axes_[2].whole();
    for (std::size_t ow = 0; ow < axes_[2].windows;) {
      const std::size_t count = ow == begin && begin < end ? end - begin : 1;
      f(ow, count);
      ow += count;
    }
  }

  void gather(const WindowBlock& b, const float* const* in, float* out, std::size_t out_row) const {
    const Windows& kernels_of = *kernels()->windows;
    for (std::size_t oh = b.row; oh < b.row_end; ++oh) {
      runs([&](std::size_t ow, std::size_t count) {
        const float *x[kMaxTaps], *from[kMaxTaps];
        std::size_t taps = 0;
        each(b.depth, oh, ow, [&](std::size_t d, std::size_t h, std::size_t w) {
          if (op_ == Op::max_pool_gather) from[taps] = place(in[1], b.image, d, h, w);
          x[taps++] = place(in[0], b.image, d, h, w);
        });
        const WindowRun run{count, axes_[2].stride * channels_, out_row};
        if (op_ == Op::max_pool)
          kernels_of.max_of(x, taps, out, channels_, run);
        else if (op_ == Op::max_pool_gather)
          kernels_of.max_gather(x, from, taps, out, channels_, run);
        else
          kernels_of.mean_of(x, taps, out, channels_, run);
        out += count * out_row;
      });
    }
  }

  // Blocks have all channels, so rows of the result lie as those of the image do.
  void scatter(const WindowBlock& b, const float* const* in, float* out) const {
    const Windows& kernels_of = *kernels()->windows;
    const bool only = std::ranges::all_of(axes_, &PoolAxis::tiles);
    if (!only) std::fill_n(out, (b.row_end - b.row) * width_ * channels_, 0.0F);
    const float* g = in[op_ == Op::max_pool_scatter ? 1 : 0];
    const auto [d0, d1] = axes_[0].meeting(b.depth, b.depth + 1);
    const auto [h0, h1] = axes_[1].meeting(b.row, b.row_end);
    for (std::size_t od = d0; od < d1; ++od) {
      for (std::size_t oh = h0; oh < h1; ++oh) {
        runs([&](std::size_t ow, std::size_t count) {
          const float* x[kMaxTaps];
          float* dx[kMaxTaps];
          std::size_t taps = 0;
          each(od, oh, ow, [&](std::size_t d, std::size_t h, std::size_t w) {
            const bool here = d == b.depth && h >= b.row && h < b.row_end;
            dx[taps] = here ? out + ((h - b.row) * width_ + w) * channels_ : nullptr;
            x[taps++] = place(in[0], b.image, d, h, w);
          });
          const float* given =
              g + (((b.image * axes_[0].windows + od) * axes_[1].windows + oh) * axes_[2].windows + ow) * channels_;
          const WindowRun run{count, axes_[2].stride * channels_, channels_};
          if (op_ == Op::max_pool_scatter)
            kernels_of.max_scatter(x, given, taps, dx, channels_, run, only);
          else
            kernels_of.mean_spread(given, taps, dx, channels_, run, only);
        });
      }
    }
  }

  Op op_;
  PoolAxes axes_;
  std::size_t channels_, width_ = 1;
  bool backward_;
  WindowBlocks blocks_;
};

}  // namespace

std::unique_ptr<Source> pool_source(const ir::Graph& graph, const ir::Node& node, std::string& reason) {
  const auto op = static_cast<Op>(node.op->code);
  const auto& attrs = node.attrs.as<primitives::PoolAttrs>();
  const bool backward = op == Op::max_pool_scatter || op == Op::average_pool_transpose;
  const Shape &image = graph.type(backward ? node.first : node.inputs[0]).shape,
              &windows =
                  graph.type(op == Op::max_pool_scatter ? node.inputs[1]
                             : backward                 ? node.inputs[0]
                                                        : node.first)
                      .shape;
  if (image.elements() == 0 || windows.elements() == 0) {
    reason = "an empty array";
    return nullptr;
  }
  PoolAxes axes;
  const std::size_t spatial = image.size() - 2;
  std::size_t places = 1;
  for (std::size_t d = 3 - spatial; d < 3; ++d) {
    const std::size_t i = d + spatial - 3;
    const auto number = [](Dim dim) { return static_cast<std::size_t>(dim.value()); };
    const auto at = [i](const ir::Ints& v) { return static_cast<std::size_t>(v[i]); };
    axes[d] = {number(image[i + 1]), number(windows[i + 1]), at(attrs.window), at(attrs.strides), at(attrs.before)};
    places *= axes[d].window;
    for (const std::size_t o : {std::size_t{0}, axes[d].windows - 1}) {
      const auto [begin, end] = axes[d].inside(o);
      if (begin == end) reason = "windows that lie in the padding alone", places = kMaxTaps + 1;
    }
  }
  if (places > kMaxTaps) {
    if (reason.empty()) reason = fmt::format("windows of {} places, more than {}", places, kMaxTaps);
    return nullptr;
  }
  return std::make_unique<PoolSource>(op, axes, static_cast<std::size_t>(image[0].value()),
                                      static_cast<std::size_t>(image.back().value()));
}

}  // namespace keras::backends::cpu
