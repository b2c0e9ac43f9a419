// What the cpu backend runs: tables of kernels, one of each for every instruction set level (levels/). Plain functions;
// no SIMD type crosses this line.
#pragma once

#include <cstddef>
#include <cstdint>

#include "primitives/op.h"

namespace keras::backends::cpu {

inline constexpr std::size_t kSplat = 16;  // a scalar is stored as one widest vector of equal floats

// An operand of a tile kernel. walks: 1 = one float an element, 0 = a splat.
struct Operand {
  char* p = nullptr;
  std::size_t walks = 0;
  [[gnu::always_inline]] float* f() const { return reinterpret_cast<float*>(p); }  // no symbol that levels could share
};

// One call of a tile kernel: slots[dst] = kernel(slots[a], slots[b], slots[c]) for rows * cols elements. Kernels read
// each element of their operands before they write that element.
struct Step;
using TileKernel = void (*)(const Operand* slots, const Step& step, std::size_t rows, std::size_t cols);
struct Step {
  TileKernel kernel = nullptr;
  std::uint8_t dst = 0, a = 0, b = 0, c = 0;
  bool column = false;  // runs over one float a row
};

#define KERAS_ROW(...) +1
#define KERAS_UNARY(...) KERAS_ROW()
#define KERAS_BINARY(...) KERAS_ROW()
#define KERAS_TERNARY(...) KERAS_ROW()
inline constexpr int kRows = 0
#include <keras/elementwise.def>
    ;
#define KERAS_CHAIN(...) +1
inline constexpr int kChains = 0
#include "primitives/chains.def"
    ;
#undef KERAS_ROW
// Rows come first in primitives::Op, then chains: so an op's code is its place in the tables.

// Registers of tiles have room for a whole vector after their last element.
struct Tiles {
  const TileKernel* row;                       // kRows of them; bool operands and results are floats 0 and 1
  TileKernel copy;                             // also of a splat
  TileKernel row_sum, row_max, row_min;        // dst: one float a row
  TileKernel total_sum, total_max, total_min;  // *(double*)dst += sum(a), or the larger, the smaller
  TileKernel column_sum;                       // ((double*)dst)[c] += the sum of column c of a
  TileKernel expand;                           // one float a row -> over its row (or a splat, if dst does not walk)
  TileKernel repeat;                           // a row over `rows` rows
  TileKernel load_u8, load_i32, load_i64;      // to float; bool is u8
  TileKernel store_bool, store_u8, store_i32, store_i64;
};

// A chain compiled whole. Result i may be operand i.
using ChainKernel = void (*)(const float* const* full, const float* const* scalars, float* const* results,
                             std::size_t n);
struct Chains {
  ChainKernel chain[kChains];
};

// [outer, count, inner] -> [outer, inner], inner > 1. The order of additions depends on the sizes alone.
using ReduceKernel = void (*)(const float* x, float* y, std::size_t outer, std::size_t count, std::size_t inner);
// The same for inner = 1.
using ReduceRowsKernel = void (*)(const float* x, float* y, std::size_t rows, std::size_t count);
struct Reductions {
  ReduceKernel sum, max, min;
  ReduceRowsKernel row_sum, row_max, row_min;
};

// A tile of a matrix product, or of a sum of such products: c[i, j] (+)= sum over taps t and l < depth of
// a[t.a + i * a_row + l * a_step] * b[t.b + l * b_row + j], each element a chain of fused multiply-adds (of multiply
// and add, below AVX2) in this order. A convolution is a product with a tap for each place in its window.
struct Tap {
  std::ptrdiff_t a, b;
};
struct GemmTile {
  const float* a;
  std::size_t a_row, a_step;
  const float* b;
  std::size_t b_row;
  float* c;
  std::size_t c_row;
  std::size_t depth;
  std::size_t last;  // columns of the last vector: 1 … vector
  bool add;          // continue the sums that are in c
  const Tap* taps;
  std::size_t tap_count;
};
inline constexpr Tap kOneTap{0, 0};
using GemmTileKernel = void (*)(const GemmTile& tile);
inline constexpr int kMaxTileRows = 8, kMaxTileVectors = 3;
struct Gemm {
  int rows;                                            // of the largest tile
  int vectors;                                         // of the widest tile
  std::size_t vector;                                  // floats in one
  double flops_per_ns;                                 // measured on one core, for estimates
  GemmTileKernel tile[kMaxTileRows][kMaxTileVectors];  // [rows - 1][vectors - 1]
  // panel[l * panel_row + j] = x[j * x_row + l]. Writes whole vectors: columns from `width` on hold whatever.
  void (*pack_transposed)(const float* x, std::size_t x_row, std::size_t width, std::size_t depth, float* panel,
                          std::size_t panel_row);
  // y[j] = sum over l of x[l] * b[l * b_row + j].
  void (*row_times_matrix)(const float* x, const float* b, std::size_t b_row, float* y, std::size_t depth,
                           std::size_t width);
  // y[j] = sum over l of x[l] * b[j * b_row + l].
  void (*row_times_transposed)(const float* x, const float* b, std::size_t b_row, float* y, std::size_t depth,
                               std::size_t width);
};

// Windows of a row that follow each other: floats from what one of them covers of the image to what the next does, and
// from one's result to the next one's.
struct WindowRun {
  std::size_t count, image, result;
};
// Windows of an image, for n channels: `x` points to the channels of each place (tap) of the first one.
struct Windows {
  // y = sum of x[t] * (w + t * w_row)
  void (*multiply)(const float* const* x, const float* w, std::size_t w_row, std::size_t taps, float* y, std::size_t n);
  // (w + t * w_row) += x[t] * g
  void (*multiply_add)(const float* const* x, const float* g, std::size_t taps, float* w, std::size_t w_row,
                       std::size_t n);
  void (*max_of)(const float* const* x, std::size_t taps, float* y, std::size_t n, WindowRun run);
  // g is added to dx where the first maximum of x is; with `only`, it is all there is in dx. dx[t] may be nullptr.
  void (*max_scatter)(const float* const* x, const float* g, std::size_t taps, float* const* dx, std::size_t n,
                      WindowRun run, bool only);
  // y = from[t] where x[t] is the first maximum
  void (*max_gather)(const float* const* x, const float* const* from, std::size_t taps, float* y, std::size_t n,
                     WindowRun run);
  void (*mean_of)(const float* const* x, std::size_t taps, float* y, std::size_t n, WindowRun run);
  // dx[t] += g / taps
  void (*mean_spread)(const float* g, std::size_t taps, float* const* dx, std::size_t n, WindowRun run, bool only);
};

// y[i] = low + u * width with u in [0, 1) of element begin + i; `last` for what reaches the limit. begin: a multiple
// of 64.
struct UniformRange {
  float low, width, limit, last;
};
struct Random {
  void (*uniform)(std::uint64_t stream, std::uint64_t step, UniformRange range, float* y, std::size_t begin,
                  std::size_t n);
};

struct Kernels {
  const char* isa;
  double speed;  // of elementwise work, as a share of avx512
  const Tiles* tiles;
  const Chains* chains;
  const Reductions* reductions;
  const Gemm* gemm;
  const Random* random;
  const Windows* windows;
};

// The best level of this machine, capped by KERAS_MAX_ISA; nullptr when that says "reference" or the machine has none.
const Kernels* kernels();

}  // namespace keras::backends::cpu
