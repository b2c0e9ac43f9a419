#include "backends/cpu/window.h"

#include <algorithm>
#include <cstring>

namespace keras::backends::cpu {

namespace {
std::size_t ceil_div(std::size_t a, std::size_t b) { return (a + b - 1) / b; }
}  // namespace

WindowAxis WindowAxis::forward(std::size_t source, std::size_t result, std::size_t window, std::size_t stride,
                               std::size_t dilation, std::size_t before) {
  WindowAxis axis{source, result, window, 1, stride, {{0, result, {}}}};
  for (std::size_t k = 0; k < window; ++k) {
    axis.phases[0].taps.push_back({k, static_cast<std::ptrdiff_t>(k * dilation) - static_cast<std::ptrdiff_t>(before)});
  }
  return axis;
}

WindowAxis WindowAxis::backward(std::size_t source, std::size_t result, std::size_t window, std::size_t stride,
                                std::size_t dilation, std::size_t before) {
  WindowAxis axis{source, result, window, stride, 1, {}};
  for (std::size_t p = 0; p < std::min(stride, result); ++p) {
    Phase phase{p, ceil_div(result - p, stride), {}};
    for (std::size_t k = window; k-- > 0;) {  // element p + stride * j was read by result j + offset
      const auto far = static_cast<std::ptrdiff_t>(p + before) - static_cast<std::ptrdiff_t>(k * dilation);
      const auto s = static_cast<std::ptrdiff_t>(stride);
      if (far % s == 0) phase.taps.push_back({k, far / s});
    }
    axis.phases.push_back(std::move(phase));
  }
  return axis;
}

WindowAxis::Span WindowAxis::reads(std::size_t begin, std::size_t end) const {
  Span span{0, 0};
  bool any = false;
  for (const Phase& phase : phases) {
    if (phase.taps.empty() || begin + phase.first >= end) continue;
    const std::size_t first = begin / step, last = (end - 1 - phase.first) / step;
    const auto low = static_cast<std::ptrdiff_t>(first * source_step) + phase.taps.front().offset;
    const auto high = static_cast<std::ptrdiff_t>(last * source_step) + phase.taps.back().offset + 1;
    span = any ? Span{std::min(span.begin, low), std::max(span.end, high)} : Span{low, high};
    any = true;
  }
  return span;
}

WindowBlocks::WindowBlocks(std::size_t n, const WindowAxes& axes, std::size_t cols, std::size_t elements)
    : images(n), depth(axes[0].result), height(axes[1].result) {
  constexpr std::size_t kBlocks = 16;  // that a result has at least, where it can be
  const std::size_t step = axes[1].step, line = std::max<std::size_t>(1, axes[2].result * cols);
  std::size_t wanted = std::max<std::size_t>(1, elements / line);
  const std::size_t slabs = ceil_div(kBlocks, std::max<std::size_t>(1, images * depth));
  wanted = std::min(wanted, ceil_div(height, std::min(slabs, std::max<std::size_t>(1, height / step))));
  rows = std::max(step, wanted / step * step);
  rows = std::max(step, std::min(rows, ceil_div(height, step) * step));
}

WindowBlock WindowBlocks::at(std::size_t block) const {
  block /= across;
  const std::size_t row = block % slabs() * rows;
  block /= slabs();
  return {block / depth, block % depth, row, std::min(row + rows, height)};
}

namespace {
// The source's rows and columns that a block reads.
std::array<WindowAxis::Span, 3> spans(const WindowAxes& axes, const WindowBlock& block) {
  const std::size_t plane = block.depth / axes[0].step * axes[0].step;
  return {axes[0].reads(plane, std::min(plane + axes[0].step, axes[0].result)), axes[1].reads(block.row, block.row_end),
          axes[2].reads(0, axes[2].result)};
}
}  // namespace

std::size_t patch_floats(const WindowAxes& axes, const WindowBlocks& blocks, std::size_t channels) {
  std::size_t most = 0;
  for (std::size_t d = 0; d < std::max<std::size_t>(1, std::min(blocks.depth, axes[0].step)); ++d) {
    for (const std::size_t row : {std::size_t{0}, (blocks.slabs() - 1) * blocks.rows}) {
      const auto s = spans(axes, {0, d, row, std::min(row + blocks.rows, blocks.height)});
      std::size_t floats = channels;
      for (const auto& span : s) floats *= static_cast<std::size_t>(span.end - span.begin);
      most = std::max(most, floats);
    }
  }
  return most;
}

Patch make_patch(const WindowAxes& axes, const WindowBlock& block, const float* source, std::size_t channels,
                 std::size_t repeat, float* memory) {
  const auto s = spans(axes, block);
  source += block.image * axes[0].source * axes[1].source * axes[2].source * channels;
  Patch patch;
  bool inside = repeat == 1;
  for (std::size_t d = 0; d < 3; ++d)
    inside = inside && s[d].begin >= 0 && s[d].end <= static_cast<std::ptrdiff_t>(axes[d].source);
  if (inside) {
    patch.data = source;
    patch.row = axes[2].source * channels, patch.plane = axes[1].source * patch.row;
    return patch;
  }
  for (std::size_t d = 0; d < 3; ++d) patch.origin[d] = s[d].begin;
  const auto within = [&](std::size_t d, std::ptrdiff_t i) {
    return std::clamp<std::ptrdiff_t>(i, 0, static_cast<std::ptrdiff_t>(axes[d].source));
  };
  const auto line = static_cast<std::size_t>(s[2].end - s[2].begin);
  patch.row = line * channels * repeat;
  patch.plane = static_cast<std::size_t>(s[1].end - s[1].begin) * patch.row;
  const auto left = static_cast<std::size_t>(within(2, s[2].begin) - s[2].begin);
  const auto wide = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, within(2, s[2].end) - within(2, s[2].begin)));
  const std::size_t lead = std::min(left, line) * channels * repeat, body = wide * channels;
  float* to = memory;
  for (std::ptrdiff_t d = s[0].begin; d < s[0].end; ++d) {
    for (std::ptrdiff_t h = s[1].begin; h < s[1].end; ++h, to += patch.row) {
      const bool there = wide > 0 && d >= 0 && h >= 0 && d < static_cast<std::ptrdiff_t>(axes[0].source) &&
                         h < static_cast<std::ptrdiff_t>(axes[1].source);
      if (!there) {
        std::memset(to, 0, patch.row * sizeof(float));
        continue;
      }
      const float* from =
          source + ((static_cast<std::size_t>(d) * axes[1].source + static_cast<std::size_t>(h)) * axes[2].source +
                    static_cast<std::size_t>(within(2, s[2].begin))) *
                       channels;
      std::memset(to, 0, lead * sizeof(float));
      if (repeat == 1) {
        std::memcpy(to + lead, from, body * sizeof(float));
      } else {
        for (std::size_t i = 0; i < body; ++i) std::fill_n(to + lead + i * repeat, repeat, from[i]);
      }
      std::memset(to + lead + body * repeat, 0, (patch.row - lead - body * repeat) * sizeof(float));
    }
  }
  patch.data = memory;
  return patch;
}

namespace {
std::size_t size(const Shape& shape, std::size_t axis) { return static_cast<std::size_t>(shape[axis].value()); }

ConvShape shape_of(const Shape& x, const Shape& filter, const Shape& y, const primitives::ConvAttrs& attrs,
                   bool backward) {
  ConvShape c{size(x, 0), size(x, x.size() - 1), size(y, y.size() - 1), static_cast<std::size_t>(attrs.groups), {},
              backward};
  const std::size_t spatial = x.size() - 2;
  for (std::size_t d = 0; d < 3; ++d) {
    if (d + spatial < 3) {
      c.axes[d] = backward ? WindowAxis::backward(1, 1, 1, 1, 1, 0) : WindowAxis::forward(1, 1, 1, 1, 1, 0);
      continue;
    }
    const std::size_t i = d + spatial - 3, in = size(x, i + 1), out = size(y, i + 1), window = size(filter, i);
    const auto at = [i](const ir::Ints& v) { return static_cast<std::size_t>(v[i]); };
    c.axes[d] = backward
                    ? WindowAxis::backward(out, in, window, at(attrs.strides), at(attrs.dilations), at(attrs.before))
                    : WindowAxis::forward(in, out, window, at(attrs.strides), at(attrs.dilations), at(attrs.before));
  }
  return c;
}
}  // namespace

ConvShape conv_shape(const ir::Graph& graph, const ir::Node& node) {
  const auto& attrs = node.attrs.as<primitives::ConvAttrs>();
  const Shape &source = graph.type(node.inputs[0]).shape, &filter = graph.type(node.inputs[1]).shape,
              &result = graph.type(node.first).shape;
  const bool backward = !attrs.sizes.empty();
  return backward ? shape_of(result, filter, source, attrs, true) : shape_of(source, filter, result, attrs, false);
}

ConvShape conv_filter_shape(const ir::Graph& graph, const ir::Node& node) {
  return shape_of(graph.type(node.inputs[0]).shape, graph.type(node.first).shape, graph.type(node.inputs[1]).shape,
                  node.attrs.as<primitives::ConvAttrs>(), false);
}

}  // namespace keras::backends::cpu
