// Every elementwise row at the level of KERAS_MAX_ISA: against double on dense ranges and on edges, and its tails.
#include "primitives/rows.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>

#include "backends/cpu/cpu.h"
#include "backends/cpu/kernels.h"

namespace keras::backends::cpu {
namespace {

using scalar::Kind;
using scalar::Num;

// The largest error allowed, in units of the last place of the result; measured worst cases are below.
double tolerance(std::string_view row) {
  if (row == "sinh" || row == "cosh" || row == "sigmoid" || row == "softplus" || row == "tan") return 3.5;
  if (row == "arcsinh" || row == "arccosh" || row == "arctanh") return 4;
  return row == "arctan" || row == "arctan2" || row == "arcsin" || row == "arccos" ? 3 : 2;
}

double ulps(float got, double want) {
  if (std::isnan(want) && std::isnan(got)) return 0;
  const auto w = static_cast<float>(want);
  if (got == w) return w == 0 && std::signbit(got) != std::signbit(w) ? 1e20 : 0;  // the sign of zero counts
  if (!std::isfinite(w) || !std::isfinite(got)) return 1e30;
  const double unit = std::ldexp(1.0, std::max(std::ilogb(std::abs(want)), -126) - 23);
  return std::abs(static_cast<double>(got) - want) / unit;
}

template <const auto& row>
double exact(float a, float b, float c) {
  using R = std::decay_t<decltype(row)>;
  using N = Num<std::conditional_t<std::is_same_v<R, std::decay_t<decltype(scalar::rows::row_floor_divide)>>, float,
                                   double>>;  // that one has steps
  const auto value = [](auto r) {
    if constexpr (std::is_same_v<decltype(r), bool>)
      return r ? 1.0 : 0.0;
    else
      return r.v;
  };
  if constexpr (R::kind == Kind::logic && R::inputs == 1)
    return value(row.fwd(a != 0));
  else if constexpr (R::kind == Kind::logic)
    return value(row.fwd(a != 0, b != 0));
  else if constexpr (R::inputs == 1)
    return value(row.fwd(N{a}));
  else if constexpr (R::inputs == 2)
    return value(row.fwd(N{a}, N{b}));
  else
    return value(row.fwd(a != 0, N{b}, N{c}));
}

struct Operands {
  std::vector<float> a, b, c;
  void add(float x, float y, float z) { a.push_back(x), b.push_back(y), c.push_back(z); }
};

const Operands& operands(int inputs, std::string_view name) {
  static Operands one, more, power;
  Operands& o = name == "power" ? power : inputs == 1 ? one : more;
  if (!o.a.empty()) return o;
  std::mt19937 rng(1);
  std::uniform_real_distribution<float> partner(-20, 20);
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += inputs == 1 ? 1021 : 16381) {
    o.add(std::bit_cast<float>(static_cast<std::uint32_t>(bits)), partner(rng), static_cast<float>(rng() % 3) - 1);
  }
  const float edges[] = {0.f,      -0.f,      1.f,  -1.f,       0.5f,       -0.5f, 2.f,      3.f,   -3.f,
                         INFINITY, -INFINITY, NAN,  1e-40f,     -1e-45f,    3e38f, -3e38f,   -2.5f, 88.7f,
                         -88.8f,   -103.5f,   1e9f, 16777216.f, 1.5707964f, 1e30f, 8388609.f};
  for (float x : edges) {
    for (float y : edges) o.add(x, y, y == 0 ? 1 : y), o.add(x, partner(rng), x);
  }
  std::uniform_real_distribution<float> exponent(-40, 40), unit(-1, 1), wide(-9000, 9000);
  for (int i = 0; i < 100000; ++i) {
    o.add(std::exp(exponent(rng) / 4), exponent(rng) / 5, 1);
    o.add(unit(rng), unit(rng), 0);
    o.add(wide(rng), wide(rng), 0);
  }
  return o;
}

float* guarded(std::size_t n) {  // the float after the last one is not there
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  char* p = static_cast<char*>(mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  mprotect(p + page, page, PROT_NONE);
  return reinterpret_cast<float*>(p + page) - n;
}
Operand walking(const float* p) { return {reinterpret_cast<char*>(const_cast<float*>(p)), 1}; }
Operand splat(const float* p) { return {reinterpret_cast<char*>(const_cast<float*>(p)), 0}; }

template <const auto& row>
void test_row(int code) {
  constexpr int inputs = std::decay_t<decltype(row)>::inputs;
  SCOPED_TRACE(std::string(row.name));
  const TileKernel kernel = kernels()->tiles->row[code];
  const Step step{.kernel = kernel, .dst = 4, .a = 1, .b = 2, .c = 3};
  const Operands& o = operands(inputs, row.name);
  std::vector<float> y(o.a.size());
  const float* first = inputs == 3 ? o.c.data() : o.a.data();
  const Operand s[] = {
      {}, walking(first), walking(o.b.data()), walking(inputs == 3 ? o.a.data() : o.c.data()), walking(y.data())};
  kernel(s, step, 1, y.size());
  double worst = 0;
  std::size_t where = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double u = ulps(y[i], exact<row>(s[1].f()[i], s[2].f()[i], s[3].f()[i]));
    if (u > worst) worst = u, where = i;
  }
  if (std::getenv("KERAS_TEST_PRINT_ULPS"))
    std::printf("%-14s %8.3g ulp at (%.9g, %.9g)\n", std::string(row.name).c_str(), worst, s[1].f()[where],
                s[2].f()[where]);
  EXPECT_LE(worst, tolerance(row.name)) << "at (" << s[1].f()[where] << ", " << s[2].f()[where] << ", "
                                        << s[3].f()[where] << ") it gives " << y[where] << " for "
                                        << exact<row>(s[1].f()[where], s[2].f()[where], s[3].f()[where]);

  // Every length at the end of a page; in place; with splats. All give what the long run gives.
  for (std::size_t n = 1; n <= 70; ++n) {
    float *a = guarded(n), *b = guarded(n), *c = guarded(n), *out = guarded(n);
    for (std::size_t i = 0; i < n; ++i)
      a[i] = 0.1f + 0.01f * static_cast<float>(i), b[i] = 1.5f, c[i] = static_cast<float>(i % 2);
    const Operand t[] = {{}, walking(a), walking(b), walking(c), walking(out)};
    kernel(t, step, 1, n);
    for (std::size_t i = 0; i < n; ++i)
      ASSERT_LE(ulps(out[i], exact<row>(a[i], b[i], c[i])), tolerance(row.name)) << "length " << n;
    for (int still = 1; still < (1 << inputs); ++still) {
      alignas(64) float k[3][kSplat], expect[70];
      for (std::size_t j = 0; j < kSplat; ++j) k[0][j] = a[0], k[1][j] = b[0], k[2][j] = c[0];
      Operand u[] = {{}, t[1], t[2], t[3], t[4]};
      for (int i = 0; i < inputs; ++i) {
        if (still >> i & 1) u[i + 1] = splat(k[i]);
      }
      kernel(u, step, 1, n);
      for (std::size_t i = 0; i < n; ++i)
        expect[i] = static_cast<float>(exact<row>(still & 1 ? a[0] : a[i], b[0], still & 4 ? c[0] : c[i]));
      for (std::size_t i = 0; i < n; ++i)
        ASSERT_LE(ulps(out[i], expect[i]), tolerance(row.name) + 1) << "splats " << still;
    }
    kernel(t, step, 1, n);
    const Operand in_place[] = {{}, walking(a), walking(b), walking(c), walking(a)};
    kernel(in_place, step, 1, n);
    ASSERT_EQ(std::memcmp(a, out, n * sizeof(float)), 0) << "in place, length " << n;
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    for (float* p : {a, b, c, out}) munmap(reinterpret_cast<char*>(p + n) - page, 2 * page);
  }
}

TEST(Rows, AgreeWithDouble) {
  if (!kernels()) GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  using primitives::Op;
#define KERAS_ROW(name, ...) test_row<scalar::rows::row_##name>(static_cast<int>(Op::name));
#define KERAS_UNARY(...) KERAS_ROW(__VA_ARGS__)
#define KERAS_BINARY(...) KERAS_ROW(__VA_ARGS__)
#define KERAS_TERNARY(...) KERAS_ROW(__VA_ARGS__)
#include <keras/elementwise.def>
#undef KERAS_ROW
}

}  // namespace
}  // namespace keras::backends::cpu
