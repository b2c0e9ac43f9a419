// The tile kernels that are not elementwise rows: copies and conversions at the edges of a fused loop, reductions
// within it, and what spreads rows and columns over a tile.
#include "backends/cpu/levels/reducers.h"
#include "backends/cpu/levels/tables.h"

namespace keras::backends::cpu::KERAS_ISA {
namespace {

HWY_INLINE void fill(L v, float* p, std::size_t n) {
  std::size_t j = 0;
  for (; j + W <= n; j += W) store(v, p + j);
  if (j < n) store_n(v, p + j, n - j);
}
void copy(const Operand* s, const Step& step, std::size_t rows, std::size_t cols) {
  const std::size_t n = rows * cols;
  const Operand a = s[step.a];
  float* y = s[step.dst].f();
  if (!a.walks) return fill(load(a.f()), y, n);
  std::size_t j = 0;
  for (; j + W <= n; j += W) store(load(a.f() + j), y + j);
  if (j < n) store_n(load_n(a.f() + j, n - j), y + j, n - j);
}

template <class F>
void row_reduce(const Operand* s, const Step& step, std::size_t rows, std::size_t cols) {
  const float* a = s[step.a].f();
  float* y = s[step.dst].f();
  for (std::size_t r = 0; r < rows; ++r) y[r] = reduce(a + r * cols, cols, F());
}
template <class F>
void total(const Operand* s, const Step& step, std::size_t rows, std::size_t cols) {
  double* y = reinterpret_cast<double*>(s[step.dst].p);
  *y = F().join(*y, reduce(s[step.a].f(), rows * cols, F()));
}

void column_sum(const Operand* s, const Step& step, std::size_t rows, std::size_t cols) {
  const float* a = s[step.a].f();
  double* y = reinterpret_cast<double*>(s[step.dst].p);
  const Isa::DHalf half;
  const hwy::HWY_NAMESPACE::Rebind<double, Isa::DHalf> d64;
  std::size_t c = 0;
  for (; c + W <= cols; c += W) {
    L sum = load(a + c);
    for (std::size_t r = 1; r < rows; ++r) sum = sum + load(a + r * cols + c);
    StoreU(Add(LoadU(d64, y + c), PromoteTo(d64, LowerHalf(half, sum.v))), d64, y + c);
    StoreU(Add(LoadU(d64, y + c + W / 2), PromoteTo(d64, UpperHalf(half, sum.v))), d64, y + c + W / 2);
  }
  for (; c < cols; ++c) {
    float sum = a[c];
    for (std::size_t r = 1; r < rows; ++r) sum += a[r * cols + c];
    y[c] += static_cast<double>(sum);
  }
}

void expand(const Operand* s, const Step& step, std::size_t rows, std::size_t cols) {
  const float* a = s[step.a].f();
  float* y = s[step.dst].f();
  if (!s[step.dst].walks) {
    const L v = splat(*a);
    for (std::size_t j = 0; j < kSplat; j += W) store(v, y + j);
    return;
  }
  for (std::size_t r = 0; r < rows;
       ++r, y += cols) {  // whole vectors run over into the next row or the register's slack
    const L v = splat(a[r]);
    for (std::size_t j = 0; j < cols; j += W) store(v, y + j);
  }
}
void repeat(const Operand* s, const Step& step, std::size_t rows, std::size_t cols) {
  const float* a = s[step.a].f();
  float* y = s[step.dst].f();
  std::size_t whole = 0;
  for (; whole + W <= cols; whole += W) store(load(a + whole), y + whole);
  if (whole < cols) store(load_n(a + whole, cols - whole), y + whole);
  for (std::size_t r = 1; r < rows; ++r) {
    float* to = y + r * cols;
    for (std::size_t j = 0; j < cols; j += W) store(load(y + j), to + j);
  }
}

template <class T>
void load_as(const Operand* s, const Step& step, std::size_t rows, std::size_t cols) {
  const T* a = reinterpret_cast<const T*>(s[step.a].p);
  float* y = s[step.dst].f();
  std::size_t n = rows * cols, j = 0;
  if constexpr (sizeof(T) == 1) {
    const hwy::HWY_NAMESPACE::Rebind<std::uint8_t, L::D> d8;
    const L::D::template Rebind<std::int32_t> d32;
    for (; j + W <= n; j += W) StoreU(ConvertTo(d, PromoteTo(d32, LoadU(d8, a + j))), d, y + j);
  } else if constexpr (sizeof(T) == 4) {
    const Isa::DI d32;
    for (; j + W <= n; j += W) StoreU(ConvertTo(d, LoadU(d32, a + j)), d, y + j);
  }
  for (; j < n; ++j) y[j] = static_cast<float>(a[j]);
}
// Truncated, the nearest number where there is none, 0 for NaN.
template <class T>
HWY_INLINE T whole(float v) {
  constexpr bool is_signed = static_cast<T>(-1) < 0;
  constexpr std::uint64_t max = sizeof(T) == 1 ? 0xFF : sizeof(T) == 4 ? 0x7FFFFFFF : 0x7FFFFFFFFFFFFFFF;
  constexpr float end = sizeof(T) == 1 ? 0x1p8f : sizeof(T) == 4 ? 0x1p31f : 0x1p63f;
  if (v != v) return 0;
  if (v >= end) return static_cast<T>(max);
  if (v <= (is_signed ? -end : 0)) return static_cast<T>(is_signed ? ~max : 0);
  return static_cast<T>(v);
}
struct Truth {};
template <class T>
void store_as(const Operand* s, const Step& step, std::size_t rows, std::size_t cols) {
  const Operand a = s[step.a];
  std::size_t n = rows * cols, j = 0;
  if constexpr (std::is_same_v<T, Truth>) {
    std::uint8_t* y = reinterpret_cast<std::uint8_t*>(s[step.dst].p);
    const hwy::HWY_NAMESPACE::Rebind<std::uint8_t, L::D> d8;
    const Isa::DI d32;
    for (; j + W <= n; j += W) {
      const M m = load(a.f() + (a.walks ? j : 0)) != 0;
      StoreU(DemoteTo(d8, BitCast(d32, IfThenElseZero(RebindMask(d32, m.m), Set(d32, 1)))), d8, y + j);
    }
    for (; j < n; ++j) y[j] = a.f()[a.walks ? j : 0] != 0;
  } else {
    T* y = reinterpret_cast<T*>(s[step.dst].p);
    for (; j < n; ++j) y[j] = whole<T>(a.f()[a.walks ? j : 0]);
  }
}

}  // namespace

const Tiles tiles = {
    row_kernels,
    copy,
    row_reduce<SumOf>,
    row_reduce<MaxOf>,
    row_reduce<MinOf>,
    total<SumOf>,
    total<MaxOf>,
    total<MinOf>,
    column_sum,
    expand,
    repeat,
    load_as<std::uint8_t>,
    load_as<std::int32_t>,
    load_as<std::int64_t>,
    store_as<Truth>,
    store_as<std::uint8_t>,
    store_as<std::int32_t>,
    store_as<std::int64_t>,
};

}  // namespace keras::backends::cpu::KERAS_ISA
