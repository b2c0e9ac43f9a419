// The geometry of windows that move over images: for convolutions and pooling, forwards and backwards. Images are
// [batch, depth, height, width, channels]; fewer spatial axes come with sizes 1 in front.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "ir/graph.h"
#include "primitives/attrs.h"

namespace keras::backends::cpu {

// One spatial axis. Results come in phases, each of which takes the same places of the window: forwards there is one,
// backwards one for each step of the stride. Result number j of a phase, which is element first + step * j, reads the
// source at j * source_step + offset for each of its taps.
struct WindowAxis {
  struct TapAt {
    std::size_t place;  // in the window
    std::ptrdiff_t offset;
  };
  struct Phase {
    std::size_t first, count;
    std::vector<TapAt> taps;  // by rising offset
  };
  std::size_t source = 1, result = 1, window = 1;
  std::size_t step = 1, source_step = 1;
  std::vector<Phase> phases;

  // From source to result by the stride; and its reverse, from the results of that to its source.
  static WindowAxis forward(std::size_t source, std::size_t result, std::size_t window, std::size_t stride,
                            std::size_t dilation, std::size_t before);
  static WindowAxis backward(std::size_t source, std::size_t result, std::size_t window, std::size_t stride,
                             std::size_t dilation, std::size_t before);
  // What the results [begin, end) read, padding included; begin is a multiple of step.
  struct Span {
    std::ptrdiff_t begin, end;
  };
  Span reads(std::size_t begin, std::size_t end) const;
};

using WindowAxes = std::array<WindowAxis, 3>;

// A block of results: all of the width of some rows of one plane of one image.
struct WindowBlock {
  std::size_t image, depth, row, row_end;
};
struct WindowBlocks {
  std::size_t images = 1, depth = 1, height = 1, rows = 1, across = 1;  // rows: of a block; across: blocks of columns
  WindowBlocks() = default;
  // Rows to a block so that it has about `elements` elements; few enough that there are some blocks for every thread.
  WindowBlocks(std::size_t images, const WindowAxes& axes, std::size_t cols, std::size_t elements);
  std::size_t slabs() const { return (height + rows - 1) / rows; }
  std::size_t count() const { return images * depth * slabs() * across; }
  WindowBlock at(std::size_t block) const;  // whatever its columns
};

// The source around a block of results, with padding: the image itself where it needs none, else a copy.
struct Patch {
  const float* data = nullptr;
  std::size_t row = 0, plane = 0;          // floats from one to the next
  std::array<std::ptrdiff_t, 3> origin{};  // of data, in the source
  std::ptrdiff_t at(std::ptrdiff_t d, std::ptrdiff_t h, std::ptrdiff_t w, std::size_t channels) const {
    return (d - origin[0]) * static_cast<std::ptrdiff_t>(plane) + (h - origin[1]) * static_cast<std::ptrdiff_t>(row) +
           (w - origin[2]) * static_cast<std::ptrdiff_t>(channels);
  }
};
std::size_t patch_floats(const WindowAxes& axes, const WindowBlocks& blocks, std::size_t channels);  // of the largest
// `repeat`: each channel comes so many times.
Patch make_patch(const WindowAxes& axes, const WindowBlock& block, const float* source, std::size_t channels,
                 std::size_t repeat, float* memory);

// What a node's shapes and attributes say.
struct ConvShape {
  std::size_t images, in_channels, out_channels, groups;  // of the convolution; backwards its results are the source
  WindowAxes axes;                                        // of the op itself
  bool backward;
  std::size_t window() const { return axes[0].window * axes[1].window * axes[2].window; }
};
ConvShape conv_shape(const ir::Graph& graph, const ir::Node& node);         // conv, conv_transpose
ConvShape conv_filter_shape(const ir::Graph& graph, const ir::Node& node);  // as of the conv whose filter it is

}  // namespace keras::backends::cpu
