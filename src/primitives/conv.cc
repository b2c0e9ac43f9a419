// conv and its two gradients, by x (conv_transpose) and by the filter (conv_filter). Each is linear in both operands,
// and the gradients of all three are conv, conv_transpose and conv_filter again.
#include "primitives/windows.h"

namespace keras::primitives {
namespace {

void require(std::string_view op, const ConvAttrs& a, Types in, std::string_view expected) {
  const std::size_t rank = in[0].shape.size();
  if (rank < 3 || rank > 5 || in[1].shape.size() != rank || in[0].dtype != in[1].dtype ||
      in[0].dtype == DType::boolean) {
    refuse(op, expected, in, "There may be 1, 2 or 3 spatial axes.");
  }
  require_space(op, "strides", a.strides, rank - 2, 1);
  require_space(op, "dilations", a.dilations, rank - 2, 1);
  require_space(op, "before", a.before, rank - 2, 0);
  require_space(op, "after", a.after, rank - 2, 0);
  if (a.groups < 1) throw ValueError(fmt::format("{}: expected groups of at least 1; received {}.", op, a.groups));
}

Dim places(std::string_view op, const ConvAttrs& a, std::size_t d, Dim in, Dim window) {
  return windows_along(op, d, in, window, a.strides[d], a.dilations[d], a.before[d], a.after[d]);
}

Dim divided(Dim size, std::int64_t groups) { return size.known() ? Dim(size.value() / groups) : Dim(); }
bool divides(std::int64_t groups, Dim size) { return !size.known() || size.value() % groups == 0; }

std::vector<ir::Type> infer_conv(const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<ConvAttrs>();
  constexpr std::string_view kExpected =
      "[batch, space…, channels] x [window…, channels / groups, filters] of one dtype, the groups dividing the filters";
  require("conv", a, in, kExpected);
  const Shape &x = in[0].shape, &w = in[1].shape;
  const std::size_t rank = x.size();
  if (!agree(x.back(), w[rank - 2] * Dim(a.groups)) || !divides(a.groups, w.back()))
    refuse("conv", kExpected, in, fmt::format("There are groups={}.", a.groups));
  ir::Type out{in[0].dtype, {x[0]}};
  for (std::size_t d = 0; d + 2 < rank; ++d) out.shape.push_back(places("conv", a, d, x[d + 1], w[d]));
  out.shape.push_back(w.back());
  return {out};
}

std::vector<ir::Type> infer_transpose(const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<ConvAttrs>();
  constexpr std::string_view kExpected =
      "[batch, windows…, filters] x [window…, channels / groups, filters] of one dtype, the groups dividing the "
      "filters";
  require("conv_transpose", a, in, kExpected);
  const Shape &g = in[0].shape, &w = in[1].shape;
  const std::size_t rank = g.size();
  if (a.sizes.size() != rank - 2)
    throw ValueError(fmt::format("conv_transpose: expected {} sizes, one for each spatial axis; received [{}].",
                                 rank - 2, fmt::join(a.sizes, ",")));
  bool fits = agree(g.back(), w.back()) && divides(a.groups, meet(g.back(), w.back()));
  ir::Type out{in[0].dtype, {g[0]}};
  for (std::size_t d = 0; d + 2 < rank; ++d) {
    fits = fits && agree(places("conv_transpose", a, d, Dim(a.sizes[d]), w[d]), g[d + 1]);
    out.shape.push_back(Dim(a.sizes[d]));
  }
  if (!fits) {
    refuse("conv_transpose", kExpected, in,
           fmt::format("A result of the sizes [{}] must have as many windows as there are, with groups={}.",
                       fmt::join(a.sizes, ","), a.groups));
  }
  out.shape.push_back(w[rank - 2] * Dim(a.groups));
  return {out};
}

std::vector<ir::Type> infer_filter(const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<ConvAttrs>();
  constexpr std::string_view kExpected =
      "[batch, space…, channels] and [batch, windows…, filters] of one dtype, the groups dividing both last axes";
  require("conv_filter", a, in, kExpected);
  const Shape &x = in[0].shape, &g = in[1].shape;
  const std::size_t rank = x.size();
  require_space("conv_filter", "sizes", a.sizes, rank - 2, 1);
  bool fits = agree(x[0], g[0]) && divides(a.groups, x.back()) && divides(a.groups, g.back());
  ir::Type out{in[0].dtype, {}};
  for (std::size_t d = 0; d + 2 < rank; ++d) {
    fits = fits && agree(places("conv_filter", a, d, x[d + 1], Dim(a.sizes[d])), g[d + 1]);
    out.shape.push_back(Dim(a.sizes[d]));
  }
  if (!fits) {
    refuse(
        "conv_filter", kExpected, in,
        fmt::format("A window of [{}] must have as many places in the first as the second has windows, with groups={}.",
                    fmt::join(a.sizes, ","), a.groups));
  }
  out.shape.push_back(divided(x.back(), a.groups));
  out.shape.push_back(g.back());
  return {out};
}

struct Layout : Windows {
  std::int64_t batch, channels, filters, group_channels, group_filters;
  Layout(const ConvAttrs& a, const Shape& x, const Shape& w, const Shape& y)
      : Windows{space_of(x),          space_of(y), space_of(w, 0, 2), space_of(a.strides, 1), space_of(a.dilations, 1),
                space_of(a.before, 0)},
        batch(x[0].value()),
        channels(x.back().value()),
        filters(y.back().value()),
        group_channels(channels / a.groups),
        group_filters(filters / a.groups) {}
};

template <class T>
Sum<T> product(T a, T b) {
  return static_cast<Sum<T>>(a) * static_cast<Sum<T>>(b);
}

template <class T>
void run_conv(const Layout& l, const T* x, const T* w, T* y) {
  for (std::int64_t n = 0; n < l.batch; ++n, x += count(l.in) * l.channels) {
    each(l.out, [&](const Space& q) {
      for (std::int64_t f = 0; f < l.filters; ++f) {
        const std::int64_t first = f / l.group_filters * l.group_channels;
        Sum<T> total = 0;
        each(l.window, [&](const Space& k) {
          Space p;
          if (!l.forward(q, k, p)) return;
          const T *from = x + offset(p, l.in) * l.channels + first,
                  *by = w + offset(k, l.window) * l.group_channels * l.filters + f;
          for (std::int64_t c = 0; c < l.group_channels; ++c) total += product(from[c], by[c * l.filters]);
        });
        *y++ = static_cast<T>(total);
      }
    });
  }
}

template <class T>
void run_transpose(const Layout& l, const T* g, const T* w, T* x) {
  for (std::int64_t n = 0; n < l.batch; ++n, g += count(l.out) * l.filters) {
    each(l.in, [&](const Space& p) {
      for (std::int64_t c = 0; c < l.channels; ++c) {
        const std::int64_t first = c / l.group_channels * l.group_filters, row = c % l.group_channels;
        Sum<T> total = 0;
        each(l.window, [&](const Space& k) {
          Space q;
          if (!l.backward(p, k, q)) return;
          const T *from = g + offset(q, l.out) * l.filters + first,
                  *by = w + (offset(k, l.window) * l.group_channels + row) * l.filters + first;
          for (std::int64_t f = 0; f < l.group_filters; ++f) total += product(from[f], by[f]);
        });
        *x++ = static_cast<T>(total);
      }
    });
  }
}

template <class T>
void run_filter(const Layout& l, const T* x, const T* g, T* w) {
  each(l.window, [&](const Space& k) {
    for (std::int64_t c = 0; c < l.group_channels; ++c) {
      for (std::int64_t f = 0; f < l.filters; ++f) {
        const std::int64_t channel = f / l.group_filters * l.group_channels + c;
        Sum<T> total = 0;
        for (std::int64_t n = 0; n < l.batch; ++n) {
          each(l.out, [&](const Space& q) {
            Space p;
            if (!l.forward(q, k, p)) return;
            total += product(x[(n * count(l.in) + offset(p, l.in)) * l.channels + channel],
                             g[(n * count(l.out) + offset(q, l.out)) * l.filters + f]);
          });
        }
        *w++ = static_cast<T>(total);
      }
    }
  });
}

// The attributes with other sizes: the result's spatial ones, or none for conv.
ConvAttrs sized(const ir::VjpContext& c, Ints sizes) {
  ConvAttrs a = c.as<ConvAttrs>();
  a.sizes = std::move(sizes);
  return a;
}
Ints space_sizes(ir::Value x) { return sizes_between(x.type().shape, 1, 1); }
Ints window_sizes(ir::Value filter) { return sizes_between(filter.type().shape, 0, 2); }

// An example in terms of conv.
struct Example {
  DType dtype;
  std::int64_t batch;
  Ints in, window;
  std::int64_t channels, filters, groups = 1;
  Ints strides = Ints(in.size(), 1), dilations = Ints(in.size(), 1), before = Ints(in.size(), 0),
       after = Ints(in.size(), 0);
};

std::vector<Example> examples() {
  const DType f = DType::float32;
  std::vector<Example> out = {
      // 1 axis: plain, same on an even window, stride with dilation and groups, causal and depthwise
      {f, 2, {7}, {3}, 1, 1},
      {f, 2, {8}, {2}, 3, 2, 1, {1}, {1}, {0}, {1}},
      {f, 1, {11}, {3}, 2, 4, 2, {2}, {2}, {2}, {2}},
      {f, 2, {9}, {3}, 3, 3, 3, {1}, {2}, {4}, {0}},
      // 2 axes: same, uneven strides, one element, gaps between windows, a window larger than x
      {f, 2, {5, 7}, {3, 3}, 3, 4, 1, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
      {f, 1, {7, 6}, {3, 2}, 3, 2, 1, {2, 3}, {1, 1}, {1, 0}, {1, 0}},
      {f, 2, {4, 5}, {1, 1}, 16, 17},
      {f, 1, {5, 5}, {1, 1}, 3, 2, 1, {2, 2}},
      {f, 1, {8, 7}, {2, 2}, 1, 3, 1, {3, 3}},
      {f, 1, {5, 6}, {4, 2}, 2, 2, 1, {1, 1}, {1, 1}, {1, 0}, {2, 1}},
      {f, 1, {2, 2}, {3, 3}, 2, 2, 1, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
      // dilation with groups, depthwise with several filters a channel, odd numbers of channels
      {f, 1, {7, 7}, {3, 3}, 4, 6, 2, {1, 1}, {2, 2}, {2, 2}, {2, 2}},
      {f, 1, {5, 4}, {3, 3}, 3, 6, 3, {2, 2}, {1, 1}, {1, 0}, {1, 1}},
      {f, 2, {6, 5}, {3, 3}, 17, 17, 17, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
      {f, 1, {3, 3}, {2, 2}, 33, 16},
      {f, 1, {3, 4}, {3, 3}, 16, 33, 1, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
      {f, 2, {9, 8}, {3, 3}, 8, 16, 1, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
      {f, 2, {9, 9}, {3, 3}, 16, 8, 1, {2, 2}, {1, 1}, {1, 1}, {1, 1}},
      {f, 0, {4, 4}, {3, 3}, 2, 2},
      // 3 axes
      {f, 1, {3, 4, 3}, {2, 3, 2}, 2, 3, 1, {1, 1, 1}, {1, 1, 1}, {0, 1, 0}, {1, 1, 1}},
      {f, 1, {5, 4, 5}, {3, 2, 1}, 2, 2, 2, {2, 1, 2}},
  };
  for (const DType dtype : {DType::float64, DType::bfloat16, DType::int32})
    out.push_back({dtype, 2, {5, 4}, {3, 2}, 2, 3, 1, {2, 1}, {1, 1}, {1, 0}, {1, 1}});
  return out;
}

enum class Role { conv, transpose, filter };

std::vector<ir::Sample> samples(Role role) {
  std::vector<ir::Sample> out;
  for (const Example& e : examples()) {
    ConvAttrs a{e.strides, e.dilations, e.before, e.after, e.groups, {}};
    Shape x{e.batch}, w;
    for (const std::int64_t size : e.in) x.push_back(size);
    for (const std::int64_t size : e.window) w.push_back(size);
    x.push_back(e.channels), w.push_back(e.channels / e.groups), w.push_back(e.filters);
    const ir::Type tx{e.dtype, x}, tw{e.dtype, w};
    const ir::Type pair[] = {tx, tw}, ty = infer_conv(a, pair)[0];
    if (role != Role::conv) a.sizes = role == Role::transpose ? e.in : e.window;
    out.push_back({.inputs = {role == Role::transpose ? ty : tx, role == Role::filter ? ty : tw}, .attrs = a});
  }
  return out;
}

}  // namespace

namespace records {

const Record conv{
    .name = "conv",
    .doc = "Windows of x [batch, space…, channels] times a filter [window…, channels / groups, filters], by groups.",
    .inputs = 2,
    .traits = ir::kFeedsLoops,
    .attrs = attrs_type<ConvAttrs>,
    .infer = infer_conv,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      const ir::Value x = c.in[0], w = c.in[1], g = c.grad[0];
      return {node(Op::conv_transpose, {g, w}, sized(c, space_sizes(x))),
              node(Op::conv_filter, {x, g}, sized(c, window_sizes(w)))};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const Layout l(c.as<ConvAttrs>(), c.in_types[0].shape, c.in_types[1].shape, c.out_types[0].shape);
          visit_number(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            run_conv(l, input<T>(c, 0), input<T>(c, 1), output<T>(c));
          });
        },
    .samples = [] { return samples(Role::conv); },
};

const Record conv_filter{
    .name = "conv_filter",
    .doc = "The gradient of conv by its filter, from x and the gradient of the result; `sizes` is the window.",
    .inputs = 2,
    .attrs = attrs_type<ConvAttrs>,
    .infer = infer_filter,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      const ir::Value x = c.in[0], g = c.in[1], t = c.grad[0];
      return {node(Op::conv_transpose, {g, t}, sized(c, space_sizes(x))), node(Op::conv, {x, t}, sized(c, {}))};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const Layout l(c.as<ConvAttrs>(), c.in_types[0].shape, c.out_types[0].shape, c.in_types[1].shape);
          visit_number(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            run_filter(l, input<T>(c, 0), input<T>(c, 1), output<T>(c));
          });
        },
    .samples = [] { return samples(Role::filter); },
};

const Record conv_transpose{
    .name = "conv_transpose",
    .doc = "The gradient of conv by x, from the gradient of the result and the filter; `sizes` are x's spatial ones.",
    .inputs = 2,
    .traits = ir::kFeedsLoops,
    .attrs = attrs_type<ConvAttrs>,
    .infer = infer_transpose,
    .vjp = [](const ir::VjpContext& c) -> std::vector<ir::Value> {
      const ir::Value g = c.in[0], w = c.in[1], t = c.grad[0];
      return {node(Op::conv, {t, w}, sized(c, {})), node(Op::conv_filter, {t, g}, sized(c, window_sizes(w)))};
    },
    .reference =
        [](const ir::ReferenceContext& c) {
          const Layout l(c.as<ConvAttrs>(), c.out_types[0].shape, c.in_types[1].shape, c.in_types[0].shape);
          visit_number(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            run_transpose(l, input<T>(c, 0), input<T>(c, 1), output<T>(c));
          });
        },
    .samples = [] { return samples(Role::transpose); },
};

}  // namespace records
}  // namespace keras::primitives
