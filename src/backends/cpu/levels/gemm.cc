// The matrix products' inner loops at one level: a tile of rows by vectors kept in registers, products with one row,
// and the packing of a transposed operand.
#include "backends/cpu/levels/reducers.h"
#include "backends/cpu/levels/tables.h"

namespace keras::backends::cpu::KERAS_ISA {
namespace {

template <int... I>
struct Places {};
template <int N, int... I>
constexpr auto places() {
  if constexpr (sizeof...(I) == N)
    return Places<I...>();
  else
    return places<N, I..., static_cast<int>(sizeof...(I))>();
}

constexpr int kTileRows = target == HWY_AVX3 ? 8 : target == HWY_AVX2 ? 4 : 6;  // measured
constexpr int kTileVectors =
    target == HWY_AVX3 || target == HWY_AVX2 ? 3 : 2;  // 4 by 6 rows would fit too, and are a fifth slower
constexpr double kFlopsPerNs = target == HWY_AVX3 ? 220 : target == HWY_AVX2 ? 115 : 40;

constexpr std::size_t kNear = std::size_t{1} << 17;    // floats of a matrix that the cache of the core holds
constexpr std::size_t kCached = std::size_t{1} << 19;  // that the caches near the core hold

// Rows of b, of which the last vector has only `last` columns. Without masked loads, rows are read beyond their end
// where that is still within the matrix: safe() says for how many.
using Mask = decltype(FirstN(d, 0));
template <bool tail>
HWY_INLINE L load_tail(const float* p, Mask mask) {
  if constexpr (tail && kMasks) return {MaskedLoad(mask, d, p)};
  (void)mask;
  return load(p);
}
template <bool tail>
HWY_INLINE std::size_t safe(std::size_t depth, std::size_t last, std::size_t b_row) {
  if constexpr (tail && !kMasks) {
    std::size_t rows = 0;
    for (std::size_t reach = last; reach < W && rows < depth; reach += b_row) ++rows;
    return depth - rows;
  }
  (void)last, (void)b_row;
  return depth;
}

template <int V, bool tail, int... R, int... P>
HWY_INLINE void multiply(const GemmTile& t, Places<R...>, Places<P...>) {
  const std::size_t last = t.last, c_row = t.c_row, depth = t.depth, b_row = t.b_row;
  const auto a_step = static_cast<std::ptrdiff_t>(t.a_step);
  float* const c = t.c;
  const auto part = [&](int p) HWY_ATTR { return tail && p % V == V - 1; };
  const auto at = [&](int p) HWY_ATTR { return c + p / V * c_row + p % V * W; };
  L sum[] = {(!t.add ? splat(0) : part(P) ? load_n(at(P), last) : load(at(P)))...};
  if (!t.add) (__builtin_prefetch(at(P), 1), ...);  // what the stores at the end would wait for, one by one
  const float* const a[] = {(t.a + R * t.a_row)...};
  const float* b = t.b;
  const Mask mask = FirstN(d, last);
  std::ptrdiff_t i = 0;
  std::size_t l = 0;
  const auto step = [&](auto load_last) HWY_ATTR {
    L bv[V];
    for (int v = 0; v + 1 < V; ++v) bv[v] = load(b + v * W);
    bv[V - 1] = load_last(b + (V - 1) * W);
    const auto row = [&]<int... X>(int r, Places<X...>) HWY_ATTR {
      const L x = splat(a[r][i]);
      ((sum[r * V + X] = fma(x, bv[X], sum[r * V + X])), ...);
    };
    (row(R, places<V>()), ...);
    ++l, i += a_step, b += b_row;
  };
  const std::size_t whole = safe<tail>(depth, last, b_row);
  for (const Tap *tap = t.taps, *end = tap + t.tap_count; tap != end; ++tap) {
    i = tap->a, l = 0, b = t.b + tap->b;
    while (l < whole) step([&](const float* p) HWY_ATTR { return load_tail<tail>(p, mask); });
    if constexpr (tail && !kMasks)
      while (l < depth) step([&](const float* p) HWY_ATTR { return load_n(p, last); });
  }
  ((part(P) ? store_n(sum[P], at(P), last) : store(sum[P], at(P))), ...);
}
template <int R, int V>
HWY_FLATTEN void tile(const GemmTile& t) {
  if (t.last == W)
    multiply<V, false>(t, places<R>(), places<R * V>());
  else
    multiply<V, true>(t, places<R>(), places<R * V>());
}

// y += x[0 … 4) * b, four rows of b: a large b streams by once, y stays in the cache.
HWY_INLINE void add_rows(const float* x, const float* b, std::size_t b_row, float* y, std::size_t width) {
  const L x0 = splat(x[0]), x1 = splat(x[1]), x2 = splat(x[2]), x3 = splat(x[3]);
  const float *b1 = b + b_row, *b2 = b1 + b_row, *b3 = b2 + b_row;
  std::size_t j = 0;
  for (; j + W <= width; j += W)
    store(fma(x3, load(b3 + j), fma(x2, load(b2 + j), fma(x1, load(b1 + j), fma(x0, load(b + j), load(y + j))))),
          y + j);
  if (const std::size_t n = width - j) {
    const L s = fma(x1, load_n(b1 + j, n), fma(x0, load_n(b + j, n), load_n(y + j, n)));
    store_n(fma(x3, load_n(b3 + j, n), fma(x2, load_n(b2 + j, n), s)), y + j, n);
  }
}
// V vectors of y in registers, for all rows of b that follow each other in the cache; `add` to what y holds.
template <int V, bool tail, int... P>
HWY_INLINE void wide(const float* x, const float* b, std::size_t b_row, float* y, std::size_t depth, std::size_t last,
                     bool add, Places<P...>) {
  const Mask mask = FirstN(d, last);
  L sum[] = {(static_cast<void>(P), splat(0))...};
  std::size_t l = 0;
  for (const std::size_t n = safe<tail>(depth, last, b_row); l < n; ++l, b += b_row) {
    const L k = splat(x[l]);
    ((sum[P] = fma(k, tail && P == V - 1 ? load_tail<tail>(b + P * W, mask) : load(b + P * W), sum[P])), ...);
  }
  for (; l < depth; ++l, b += b_row) {
    const L k = splat(x[l]);
    ((sum[P] = fma(k, tail && P == V - 1 ? load_n(b + P * W, last) : load(b + P * W), sum[P])), ...);
  }
  if (add) ((sum[P] = sum[P] + (tail && P == V - 1 ? load_n(y + P * W, last) : load(y + P * W))), ...);
  ((tail && P == V - 1 ? store_n(sum[P], y + P * W, last) : store(sum[P], y + P * W)), ...);
}
using Wide = void (*)(const float*, const float*, std::size_t, float*, std::size_t, std::size_t, bool);
template <int V>
HWY_FLATTEN void wide_rows(const float* x, const float* b, std::size_t b_row, float* y, std::size_t depth,
                           std::size_t last, bool add) {
  if (last == W)
    wide<V, false>(x, b, b_row, y, depth, last, add, places<V>());
  else
    wide<V, true>(x, b, b_row, y, depth, last, add, places<V>());
}
constexpr int kWide = target == HWY_AVX3 ? 26 : 12;
template <int... V>
HWY_INLINE Wide wide_kernel(std::size_t vectors, Places<V...>) {
  constexpr Wide kernels[] = {wide_rows<V + 1>...};
  return kernels[vectors - 1];
}
HWY_INLINE void wide_matrix(const float* x, const float* b, std::size_t b_row, float* y, std::size_t depth,
                            std::size_t width, bool add) {
  std::size_t left = (width + W - 1) / W, blocks = (left + kWide - 1) / kWide;
  for (; blocks != 0; --blocks) {
    const std::size_t vectors = (left + blocks - 1) / blocks;
    const std::size_t columns = blocks == 1 ? width : vectors * W;
    wide_kernel(vectors, places<kWide>())(x, b, b_row, y, depth, columns - (vectors - 1) * W, add);
    left -= vectors, width -= columns, b += columns, y += columns;
  }
}
HWY_INLINE void add_to(const float* from, float* y, std::size_t n) {
  std::size_t j = 0;
  for (; j + W <= n; j += W) store(load(y + j) + load(from + j), y + j);
  if (j < n) store_n(load_n(y + j, n - j) + load_n(from + j, n - j), y + j, n - j);
}
// One vector of y for all rows: four sums, as one would wait for itself.
template <bool tail>
HWY_INLINE void narrow(const float* x, const float* b, std::size_t b_row, float* y, std::size_t depth,
                       std::size_t last) {
  const Mask mask = FirstN(d, last);
  L s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
  std::size_t l = 0;
  for (const std::size_t n = safe<tail>(depth, last, b_row); l + 4 <= n; l += 4, b += 4 * b_row) {
    s0 = fma(splat(x[l]), load_tail<tail>(b, mask), s0);
    s1 = fma(splat(x[l + 1]), load_tail<tail>(b + b_row, mask), s1);
    s2 = fma(splat(x[l + 2]), load_tail<tail>(b + 2 * b_row, mask), s2);
    s3 = fma(splat(x[l + 3]), load_tail<tail>(b + 3 * b_row, mask), s3);
  }
  for (; l < depth; ++l, b += b_row) s0 = fma(splat(x[l]), tail ? load_n(b, last) : load(b), s0);
  const L sum = (s0 + s1) + (s2 + s3);
  if (tail)
    store_n(sum, y, last);
  else
    store(sum, y);
}
// y = (b0 + b1) + (b2 + b3), the quarters of the depth, upward and downward by turns: a loop of predictions finds in
// the cache what the last call read last. The order changes no bit, since each sum has two terms.
constexpr std::size_t kMostSums = 2048;
HWY_INLINE void row_times_quarters(const float* x, const float* b, std::size_t b_row, float* y, std::size_t depth,
                                   std::size_t width) {
  static thread_local bool upward = false;
  upward = !upward;
  float lower[kMostSums];
  bool begun[2] = {false, false};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t part = upward ? i : 3 - i, begin = depth * part / 4, end = depth * (part + 1) / 4;
    wide_matrix(x + begin, b + begin * b_row, b_row, part < 2 ? y : lower, end - begin, width, begun[part / 2]);
    begun[part / 2] = true;
  }
  add_to(lower, y, width);
}

HWY_FLATTEN void row_times_matrix(const float* x, const float* b, std::size_t b_row, float* y, std::size_t depth,
                                  std::size_t width) {
  if (width <= 4 * W) {  // so few sums would wait for themselves
    std::size_t j = 0;
    for (; j + W <= width; j += W) narrow<false>(x, b + j, b_row, y + j, depth, W);
    if (j < width) narrow<true>(x, b + j, b_row, y + j, depth, width - j);
    return;
  }
  if (depth * width <= kNear || (depth * width <= kCached && width > kMostSums))
    return wide_matrix(x, b, b_row, y, depth, width, false);
  if (depth * width <= kCached) return row_times_quarters(x, b, b_row, y, depth, width);
  for (std::size_t j = 0; j < width; ++j) y[j] = 0;
  std::size_t l = 0;
  for (; l + 4 <= depth; l += 4) add_rows(x + l, b + l * b_row, b_row, y, width);
  for (; l < depth; ++l)
    for (std::size_t j = 0; j < width; ++j) y[j] = __builtin_fmaf(x[l], b[l * b_row + j], y[j]);
}

// Row by row: the memory sees one stream.
HWY_FLATTEN void row_times_transposed(const float* x, const float* b, std::size_t b_row, float* y, std::size_t depth,
                                      std::size_t width) {
  for (std::size_t j = 0; j < width; ++j, b += b_row) {
    L s0 = splat(0), s1 = s0, s2 = s0, s3 = s0;
    std::size_t l = 0;
    for (; l + 4 * W <= depth; l += 4 * W) {
      s0 = fma(load(x + l), load(b + l), s0), s1 = fma(load(x + l + W), load(b + l + W), s1);
      s2 = fma(load(x + l + 2 * W), load(b + l + 2 * W), s2), s3 = fma(load(x + l + 3 * W), load(b + l + 3 * W), s3);
    }
    for (; l + W <= depth; l += W) s0 = fma(load(x + l), load(b + l), s0);
    if (const std::size_t left = depth - l) s1 = fma(load_n(x + l, left), load_n(b + l, left), s1);
    y[j] = SumOf().across((s0 + s1) + (s2 + s3));
  }
}

// Four vectors to four: each block of four floats, of the rows of a vector of pointers, is transposed.
using D4 = hwy::HWY_NAMESPACE::CappedTag<float, 4>;
template <class D>
HWY_INLINE auto blocks(D tag, const float* const* rows, std::size_t l) {  // rows[0], rows[4], rows[8] …
  if constexpr (MaxLanes(D()) == 4) {
    return LoadU(D4(), rows[0] + l);
  } else {
    const hwy::HWY_NAMESPACE::Half<D> half;
    return Combine(tag, blocks(half, rows + MaxLanes(half), l), blocks(half, rows, l));
  }
}
HWY_FLATTEN void pack_transposed(const float* x, std::size_t x_row, std::size_t width, std::size_t depth, float* panel,
                                 std::size_t panel_row) {
  const hwy::HWY_NAMESPACE::RepartitionToWide<L::D> d64;
  for (std::size_t j = 0; j < width; j += W) {
    const float* rows[W];
    for (std::size_t r = 0; r < W; ++r)
      rows[r] = x + (j + r < width ? j + r : width - 1) * x_row;  // what is beyond is not used
    float* to = panel + j;
    const auto four = [&](std::size_t l) HWY_ATTR {
      const auto r0 = blocks(d, rows, l), r1 = blocks(d, rows + 1, l), r2 = blocks(d, rows + 2, l),
                 r3 = blocks(d, rows + 3, l);
      const auto a0 = BitCast(d64, InterleaveLower(d, r0, r1)), a1 = BitCast(d64, InterleaveLower(d, r2, r3));
      const auto b0 = BitCast(d64, InterleaveUpper(d, r0, r1)), b1 = BitCast(d64, InterleaveUpper(d, r2, r3));
      store({BitCast(d, InterleaveLower(d64, a0, a1))}, to + l * panel_row);
      store({BitCast(d, InterleaveUpper(d64, a0, a1))}, to + (l + 1) * panel_row);
      store({BitCast(d, InterleaveLower(d64, b0, b1))}, to + (l + 2) * panel_row);
      store({BitCast(d, InterleaveUpper(d64, b0, b1))}, to + (l + 3) * panel_row);
    };
    std::size_t l = 0;
    for (; l + 4 <= depth; l += 4) four(l);
    if (l < depth && depth >= 4)
      four(depth - 4);
    else
      for (; l < depth; ++l)
        for (std::size_t r = 0; r < W; ++r) to[l * panel_row + r] = rows[r][l];
  }
}

template <int R, int... V>
constexpr void tile_row(Gemm& g, Places<V...>) {
  ((g.tile[R][V] = tile<R + 1, V + 1>), ...);
}
template <int... R>
constexpr Gemm table(Places<R...>) {
  Gemm g{kTileRows, kTileVectors, W, kFlopsPerNs, {}, pack_transposed, row_times_matrix, row_times_transposed};
  (tile_row<R>(g, places<kTileVectors>()), ...);
  return g;
}

}  // namespace

constinit const Gemm gemm = table(places<kTileRows>());

}  // namespace keras::backends::cpu::KERAS_ISA
