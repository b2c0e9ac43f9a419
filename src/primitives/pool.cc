// max_pool and average_pool, with what flows back through them: a scatter to the largest elements and its reverse, and
// the transpose of the mean.
#include "primitives/windows.h"

namespace keras::primitives {
namespace {

void require(std::string_view op, const PoolAttrs& a, Types in, bool real) {
  const std::size_t rank = in[0].shape.size();
  const bool number = real ? in[0].dtype.is_floating() : in[0].dtype != DType::boolean;
  if (rank < 3 || rank > 5 || !number) {
    refuse(op, fmt::format("[batch, space…, channels] of {}", real ? "a floating point dtype" : "numbers"), in,
           "There may be 1, 2 or 3 spatial axes.");
  }
  require_space(op, "window", a.window, rank - 2, 1);
  require_space(op, "strides", a.strides, rank - 2, 1);
  require_space(op, "before", a.before, rank - 2, 0);
  require_space(op, "after", a.after, rank - 2, 0);
  for (std::size_t d = 0; d + 2 < rank; ++d) {  // else a window could have no element
    if (a.before[d] < a.window[d] && a.after[d] < a.window[d]) continue;
    throw ValueError(
        fmt::format("{}: expected less padding than the window has elements; received window=[{}] "
                    "before=[{}] after=[{}].",
                    op, fmt::join(a.window, ","), fmt::join(a.before, ","), fmt::join(a.after, ",")));
  }
}

Shape pooled(std::string_view op, const PoolAttrs& a, const Shape& x) {
  Shape out{x[0]};
  for (std::size_t d = 0; d + 2 < x.size(); ++d) {
    if (x[d + 1] == Dim(0))
      throw ValueError(fmt::format("{}: expected spatial sizes of at least 1; received the shape {}.", op, x.str()));
    out.push_back(windows_along(op, d, x[d + 1], a.window[d], a.strides[d], 1, a.before[d], a.after[d]));
  }
  out.push_back(x.back());
  return out;
}

bool agree(const Shape& a, const Shape& b) {
  bool fits = a.size() == b.size();
  for (std::size_t d = 0; fits && d < a.size(); ++d) fits = primitives::agree(a[d], b[d]);
  return fits;
}

Windows windows(const PoolAttrs& a, const Shape& x, const Shape& y) {
  return {space_of(x), space_of(y), space_of(a.window, 1), space_of(a.strides, 1), {1, 1, 1}, space_of(a.before, 0)};
}

// Calls f(number of a result's element, number in x of the first largest element of its window).
template <class T, class F>
void each_largest(const PoolAttrs& a, const Shape& x_shape, const Shape& y_shape, const T* x, F f) {
  const Windows w = windows(a, x_shape, y_shape);
  const std::int64_t batch = x_shape[0].value(), channels = x_shape.back().value();
  std::int64_t to = 0;
  for (std::int64_t n = 0; n < batch; ++n) {
    each(w.out, [&](const Space& q) {
      for (std::int64_t c = 0; c < channels; ++c) {
        std::int64_t best = -1;
        each(w.window, [&](const Space& k) {
          Space p;
          if (!w.forward(q, k, p)) return;
          const std::int64_t at = (n * count(w.in) + offset(p, w.in)) * channels + c;
          if (best < 0 || x[at] > x[best] || (is_nan(x[at]) && !is_nan(x[best]))) best = at;
        });
        f(to++, best);
      }
    });
  }
}

// How many elements of x the window at q has.
std::int64_t elements_in(const Windows& w, const Space& q) {
  std::int64_t n = 1;
  for (std::size_t d = 0; d < 3; ++d) {
    const std::int64_t start = q[d] * w.strides[d] - w.before[d];
    n *= std::min(start + w.window[d], w.in[d]) - std::max<std::int64_t>(start, 0);
  }
  return n;
}

struct Example {
  DType dtype;
  std::int64_t batch;
  Ints in, window;
  std::int64_t channels;
  Ints strides = window, before = Ints(in.size(), 0), after = Ints(in.size(), 0);
};

enum class Role { pool, with_y, transpose };

std::vector<ir::Sample> samples(Role role, bool real) {
  const DType f = DType::float32;
  std::vector<Example> examples = {
      // 1 axis: windows side by side, overlapping and same, with gaps
      {f, 2, {7}, {2}, 3},
      {f, 2, {8}, {3}, 1, {2}, {0}, {1}},
      {f, 1, {11}, {2}, 2, {3}},
      // 2 axes: likewise; one element; same on even windows; a window larger than x
      {f, 2, {6, 4}, {2, 2}, 16},
      {f, 1, {5, 7}, {3, 3}, 3, {2, 2}, {1, 1}, {1, 1}},
      {f, 1, {5, 6}, {3, 2}, 17, {1, 1}, {1, 0}, {1, 1}},
      {f, 2, {4, 3}, {1, 1}, 2},
      {f, 1, {7, 7}, {2, 1}, 2, {3, 2}},
      {f, 1, {7, 5}, {4, 2}, 33, {2, 3}, {1, 0}, {2, 1}},
      {f, 1, {2, 2}, {3, 3}, 2, {1, 1}, {1, 1}, {1, 1}},
      {f, 2, {4, 5}, {4, 5}, 3},
      {f, 0, {4, 4}, {2, 2}, 3},
      // 3 axes
      {f, 1, {3, 4, 5}, {2, 2, 2}, 2},
      {f, 1, {3, 3, 4}, {2, 3, 2}, 3, {1, 2, 2}, {0, 1, 0}, {1, 1, 0}},
  };
  for (const DType dtype : {DType::float64, DType::bfloat16, DType::int32}) {
    if (!real || dtype.is_floating()) examples.push_back({dtype, 2, {5, 4}, {3, 2}, 2, {2, 1}, {1, 0}, {1, 1}});
  }
  std::vector<ir::Sample> out;
  for (const Example& e : examples) {
    PoolAttrs a{e.window, e.strides, e.before, e.after, {}};
    Shape x{e.batch};
    for (const std::int64_t size : e.in) x.push_back(size);
    x.push_back(e.channels);
    const ir::Type tx{e.dtype, x}, ty{e.dtype, pooled("pool", a, x)};
    ir::Sample sample{.inputs = {tx}, .attrs = {}, .distinct = true};
    if (role == Role::with_y) sample.inputs.push_back(ty);
    if (role == Role::transpose) sample.inputs = {ty}, a.sizes = e.in;
    sample.attrs = a;
    out.push_back(std::move(sample));
  }
  return out;
}

// Scatter and gather: x and an array of the shape that pooling it gives.
void require_pair(std::string_view op, const PoolAttrs& a, Types in) {
  require(op, a, in, false);
  if (in[0].dtype == in[1].dtype && agree(pooled(op, a, in[0].shape), in[1].shape)) return;
  refuse(op, "x and an array of x's dtype and of the shape that pooling x has", in,
         fmt::format("That is {}.", pooled(op, a, in[0].shape).str()));
}

}  // namespace

namespace records {

const Record average_pool{
    .name = "average_pool",
    .doc = "The mean of each window of x [batch, space…, channels], of its elements that are no padding.",
    .inputs = 1,
    .traits = ir::kRowWise | ir::kFeedsLoops,
    .attrs = attrs_type<PoolAttrs>,
    .infer = [](const ir::Attrs& attrs, Types in) -> std::vector<ir::Type> {
      require("average_pool", attrs.as<PoolAttrs>(), in, true);
      return {{in[0].dtype, pooled("average_pool", attrs.as<PoolAttrs>(), in[0].shape)}};
    },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      PoolAttrs a = c.as<PoolAttrs>();
      a.sizes = sizes_between(c.in[0].type().shape, 1, 1);
      return {node(Op::average_pool_transpose, {c.grad[0]}, std::move(a))};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const Shape& shape = c.in_types[0].shape;
          const Windows w = windows(c.as<PoolAttrs>(), shape, c.out_types[0].shape);
          const std::int64_t batch = shape[0].value(), channels = shape.back().value();
          visit_real(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            T* y = output<T>(c);
            const T* x = input<T>(c, 0);
            for (std::int64_t n = 0; n < batch; ++n, x += count(w.in) * channels) {
              each(w.out, [&](const Space& q) {
                for (std::int64_t channel = 0; channel < channels; ++channel) {
                  Sum<T> total = 0;
                  each(w.window, [&](const Space& k) {
                    Space p;
                    if (w.forward(q, k, p)) total += x[offset(p, w.in) * channels + channel];
                  });
                  *y++ = static_cast<T>(total / static_cast<Sum<T>>(elements_in(w, q)));
                }
              });
            }
          });
        },
    .samples = [] { return samples(Role::pool, true); },
};

const Record average_pool_transpose{
    .name = "average_pool_transpose",
    .doc = "The gradient of average_pool: shares each element among those of its window; `sizes` are x's spatial ones.",
    .inputs = 1,
    .traits = ir::kRowWise | ir::kFeedsLoops,
    .attrs = attrs_type<PoolAttrs>,
    .infer = [](const ir::Attrs& attrs, Types in) -> std::vector<ir::Type> {
      constexpr std::string_view kName = "average_pool_transpose";
      const auto& a = attrs.as<PoolAttrs>();
      require(kName, a, in, true);
      const Shape& g = in[0].shape;
      require_space(kName, "sizes", a.sizes, g.size() - 2, 1);
      Shape x{g[0]};
      for (const std::int64_t size : a.sizes) x.push_back(size);
      x.push_back(g.back());
      if (!agree(pooled(kName, a, x), g)) {
        refuse(kName, fmt::format("the shape {} that pooling {} has", pooled(kName, a, x).str(), x.str()), in);
      }
      return {{in[0].dtype, x}};
    },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      PoolAttrs a = c.as<PoolAttrs>();
      a.sizes.clear();
      return {node(Op::average_pool, {c.grad[0]}, std::move(a))};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const Shape& shape = c.out_types[0].shape;
          const Windows w = windows(c.as<PoolAttrs>(), shape, c.in_types[0].shape);
          const std::int64_t batch = shape[0].value(), channels = shape.back().value();
          visit_real(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            T* x = output<T>(c);
            const T* g = input<T>(c, 0);
            for (std::int64_t n = 0; n < batch; ++n, g += count(w.out) * channels) {
              each(w.in, [&](const Space& p) {
                for (std::int64_t channel = 0; channel < channels; ++channel) {
                  Sum<T> total = 0;
                  each(w.window, [&](const Space& k) {
                    Space q;
                    if (!w.backward(p, k, q)) return;
                    total += static_cast<Sum<T>>(g[offset(q, w.out) * channels + channel]) /
                             static_cast<Sum<T>>(elements_in(w, q));
                  });
                  *x++ = static_cast<T>(total);
                }
              });
            }
          });
        },
    .samples = [] { return samples(Role::transpose, true); },
};

const Record max_pool{
    .name = "max_pool",
    .doc = "The largest element of each window of x [batch, space…, channels]; NaN if one is NaN.",
    .inputs = 1,
    .traits = ir::kRowWise | ir::kFeedsLoops,
    .attrs = attrs_type<PoolAttrs>,
    .infer = [](const ir::Attrs& attrs, Types in) -> std::vector<ir::Type> {
      require("max_pool", attrs.as<PoolAttrs>(), in, false);
      return {{in[0].dtype, pooled("max_pool", attrs.as<PoolAttrs>(), in[0].shape)}};
    },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      return {node(Op::max_pool_scatter, {c.in[0], c.grad[0]}, c.attrs)};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_number(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            const T* x = input<T>(c, 0);
            T* y = output<T>(c);
            each_largest(c.as<PoolAttrs>(), c.in_types[0].shape, c.out_types[0].shape, x,
                         [&](std::int64_t to, std::int64_t from) { y[to] = x[from]; });
          });
        },
    .samples = [] { return samples(Role::pool, false); },
};

const Record max_pool_gather{
    .name = "max_pool_gather",
    .doc = "The elements of t, of x's shape, at the places where each window of x has its first largest element.",
    .inputs = 2,
    .traits = ir::kRowWise | ir::kFeedsLoops,
    .attrs = attrs_type<PoolAttrs>,
    .infer = [](const ir::Attrs& attrs, Types in) -> std::vector<ir::Type> {
      constexpr std::string_view kName = "max_pool_gather";
      require(kName, attrs.as<PoolAttrs>(), in, false);
      if (in[0].dtype != in[1].dtype || !agree(in[0].shape, in[1].shape))
        refuse(kName, "two arrays of one dtype and shape", in);
      return {{in[0].dtype, pooled(kName, attrs.as<PoolAttrs>(), in[0].shape)}};
    },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      return {{}, node(Op::max_pool_scatter, {c.in[0], c.grad[0]}, c.attrs)};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_number(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            const T* t = input<T>(c, 1);
            T* y = output<T>(c);
            each_largest(c.as<PoolAttrs>(), c.in_types[0].shape, c.out_types[0].shape, input<T>(c, 0),
                         [&](std::int64_t to, std::int64_t from) { y[to] = t[from]; });
          });
        },
    .samples =
        [] {
          std::vector<ir::Sample> out = samples(Role::pool, false);
          for (ir::Sample& sample : out) sample.inputs.push_back(sample.inputs[0]);
          return out;
        },
};

const Record max_pool_scatter{
    .name = "max_pool_scatter",
    .doc = "The gradient of max_pool: zeros like x, each g added at the first largest element of its window.",
    .inputs = 2,
    .traits = ir::kRowWise | ir::kFeedsLoops,
    .attrs = attrs_type<PoolAttrs>,
    .infer = [](const ir::Attrs& attrs, Types in) -> std::vector<ir::Type> {
      require_pair("max_pool_scatter", attrs.as<PoolAttrs>(), in);
      return {in[0]};
    },
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      return {{}, node(Op::max_pool_gather, {c.in[0], c.grad[0]}, c.attrs)};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_number(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            const T* g = input<T>(c, 1);
            T* out = output<T>(c);
            std::fill_n(out, c.out_types[0].shape.elements(), T(0));
            each_largest(c.as<PoolAttrs>(), c.in_types[0].shape, c.in_types[1].shape, input<T>(c, 0),
                         [&](std::int64_t from, std::int64_t to) {
                           if constexpr (std::is_integral_v<T>) {
                             out[to] = static_cast<T>(static_cast<Sum<T>>(out[to]) + static_cast<Sum<T>>(g[from]));
                           } else {
                             out[to] += g[from];
                           }
                         });
          });
        },
    .samples = [] { return samples(Role::with_y, false); },
};

}  // namespace records
}  // namespace keras::primitives
