// The chains of primitives/chains.def at one level, each compiled whole: every value stays in a vector register.
#include "backends/cpu/levels/lane_math.h"
#include "backends/cpu/levels/tables.h"
#include "primitives/rows.h"

namespace keras::backends::cpu::KERAS_ISA {
namespace {

template <std::size_t... I>
struct Places {};
template <int N, std::size_t... I>
constexpr auto places() {
  if constexpr (sizeof...(I) == N)
    return Places<I...>();
  else
    return places<N, I..., sizeof...(I)>();
}

template <const auto& chain, std::size_t... F, std::size_t... S, std::size_t... R>
HWY_INLINE void whole(const float* const* full, const float* const* scalars, float* const* results, std::size_t n,
                      Places<F...>, Places<S...>, Places<R...>) {
  const float* const in[] = {full[F]...};
  float* const out[] = {results[R]...};
  const L k[] = {splat(*scalars[S])...};
  std::size_t j = 0;
  for (; j + W <= n; j += W) {
    const auto r = chain.fwd(load(in[F] + j)..., k[S]...);
    (store(r[R], out[R] + j), ...);
  }
  if (const std::size_t left = n - j) {
    const auto r = chain.fwd(load_n(in[F] + j, left)..., k[S]...);
    (store_n(r[R], out[R] + j, left), ...);
  }
}
template <const auto& chain>
HWY_FLATTEN void run(const float* const* full, const float* const* scalars, float* const* results, std::size_t n) {
  using C = std::decay_t<decltype(chain)>;
  whole<chain>(full, scalars, results, n, places<C::full>(), places<C::scalars>(), places<C::results>());
}

}  // namespace

const Chains chain_kernels = {{
#define KERAS_CHAIN(name, ...) run<scalar::chains::chain_##name>,
#include "primitives/chains.def"
}};

}  // namespace keras::backends::cpu::KERAS_ISA
