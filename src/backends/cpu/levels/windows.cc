// What happens in windows of an image, for all channels: each tap is a pointer to the channels of one place.
#include "backends/cpu/levels/tables.h"

namespace keras::backends::cpu::KERAS_ISA {
namespace {

// Calls f(at, read, write) for each vector of n floats: read(p) and write(v, p) at p + at, the last ones partly.
template <class F>
HWY_INLINE void for_vectors(std::size_t n, F f) {
  std::size_t j = 0;
  for (; j + W <= n; j += W)
    f([j](const float* p) HWY_ATTR { return load(p + j); }, [j](L v, float* p) HWY_ATTR { store(v, p + j); });
  if (const std::size_t left = n - j)
    f([j, left](const float* p) HWY_ATTR { return load_n(p + j, left); },
      [j, left](L v, float* p) HWY_ATTR { store_n(v, p + j, left); });
}

HWY_FLATTEN void multiply(const float* const* x, const float* w, std::size_t w_row, std::size_t taps, float* y,
                          std::size_t n) {
  for_vectors(n, [&](auto read, auto write) HWY_ATTR {
    L sum = splat(0);
    for (std::size_t t = 0; t < taps; ++t) sum = fma(read(x[t]), read(w + t * w_row), sum);
    write(sum, y);
  });
}
HWY_FLATTEN void multiply_add(const float* const* x, const float* g, std::size_t taps, float* w, std::size_t w_row,
                              std::size_t n) {
  for_vectors(n, [&](auto read, auto write) HWY_ATTR {
    const L by = read(g);
    for (std::size_t t = 0; t < taps; ++t) write(fma(read(x[t]), by, read(w + t * w_row)), w + t * w_row);
  });
}

// The largest so far and the number of its tap; NaN is larger than any number.
struct Largest {
  L value, tap;
  HWY_INLINE void meet(L x, std::size_t t) {
    const M better = (x > value) || (is_nan(x) && !is_nan(value));
    value = select(better, x, value);
    tap = select(better, splat(static_cast<float>(t)), tap);
  }
};
template <class Read>
HWY_INLINE Largest largest(const float* const* x, std::size_t taps, std::size_t at, Read read) {
  Largest m{read(x[0] + at), splat(0)};
  for (std::size_t t = 1; t < taps; ++t) m.meet(read(x[t] + at), t);
  return m;
}
// Calls f(at, to, read, write) for each window of a run and each vector of its channels.
template <class F>
HWY_INLINE void for_windows(WindowRun run, std::size_t n, F f) {
  for (std::size_t w = 0, at = 0, to = 0; w < run.count; ++w, at += run.image, to += run.result)
    for_vectors(n, [&](auto read, auto write) HWY_ATTR { f(at, to, read, write); });
}

HWY_FLATTEN void max_of(const float* const* x, std::size_t taps, float* y, std::size_t n, WindowRun run) {
  for_windows(run, n, [&](std::size_t at, std::size_t to, auto read, auto write) HWY_ATTR {
    L m = read(x[0] + at);
    for (std::size_t t = 1; t < taps; ++t) m = max(m, read(x[t] + at));
    write(m, y + to);
  });
}
HWY_FLATTEN void max_scatter(const float* const* x, const float* g, std::size_t taps, float* const* dx, std::size_t n,
                             WindowRun run, bool only) {
  for_windows(run, n, [&](std::size_t at, std::size_t to, auto read, auto write) HWY_ATTR {
    const Largest m = largest(x, taps, at, read);
    const L given = read(g + to), none = splat(0);
    for (std::size_t t = 0; t < taps; ++t) {
      if (dx[t] == nullptr) continue;
      const L part = select(m.tap == splat(static_cast<float>(t)), given, none);
      write(only ? part : read(dx[t] + at) + part, dx[t] + at);
    }
  });
}
HWY_FLATTEN void max_gather(const float* const* x, const float* const* from, std::size_t taps, float* y, std::size_t n,
                            WindowRun run) {
  for_windows(run, n, [&](std::size_t at, std::size_t to, auto read, auto write) HWY_ATTR {
    const Largest m = largest(x, taps, at, read);
    L found = read(from[0] + at);
    for (std::size_t t = 1; t < taps; ++t)
      found = select(m.tap == splat(static_cast<float>(t)), read(from[t] + at), found);
    write(found, y + to);
  });
}
HWY_FLATTEN void mean_of(const float* const* x, std::size_t taps, float* y, std::size_t n, WindowRun run) {
  for_windows(run, n, [&](std::size_t at, std::size_t to, auto read, auto write) HWY_ATTR {
    L sum = read(x[0] + at);
    for (std::size_t t = 1; t < taps; ++t) sum = sum + read(x[t] + at);
    write(sum / splat(static_cast<float>(taps)), y + to);
  });
}
HWY_FLATTEN void mean_spread(const float* g, std::size_t taps, float* const* dx, std::size_t n, WindowRun run,
                             bool only) {
  for_windows(run, n, [&](std::size_t at, std::size_t to, auto read, auto write) HWY_ATTR {
    const L share = read(g + to) / splat(static_cast<float>(taps));
    for (std::size_t t = 0; t < taps; ++t) {
      if (dx[t] != nullptr) write(only ? share : read(dx[t] + at) + share, dx[t] + at);
    }
  });
}

}  // namespace

const Windows windows = {multiply, multiply_add, max_of, max_scatter, max_gather, mean_of, mean_spread};

}  // namespace keras::backends::cpu::KERAS_ISA
