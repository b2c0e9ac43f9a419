// Reductions over axes: sum, mean, prod, reduce_max, reduce_min, all, any. Sums are kept in a wider type.
#include "primitives/common.h"

namespace keras::primitives {
namespace {

enum class Domain { number, real, logic };

std::vector<ir::Type> infer(std::string_view name, Domain domain, const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<ReduceAttrs>();
  const ir::Type& x = in[0];
  require_rank(name, x);
  if (domain == Domain::logic && x.dtype != DType::boolean) refuse(name, "a bool operand", in);
  if (domain == Domain::number && x.dtype == DType::boolean) refuse(name, "numbers", in);
  if (domain == Domain::real && !x.dtype.is_floating()) refuse(name, "a floating point operand", in);
  if (a.axes.empty()) throw ValueError(fmt::format("{}: expected one axis or more; received axes=[].", name));
  for (std::size_t i = 0; i < a.axes.size(); ++i) {
    require_axis(name, a.axes[i], x);
    if (i && a.axes[i] <= a.axes[i - 1]) {
      throw ValueError(
          fmt::format("{}: expected axes in rising order; received axes=[{}].", name, fmt::join(a.axes, ",")));
    }
  }
  ir::Type out{x.dtype, {}};
  for (int d = 0; d < x.shape.rank(); ++d) {
    const bool reduced = std::ranges::find(a.axes, d) != a.axes.end();
    if (!reduced) out.shape.push_back(x.shape[static_cast<std::size_t>(d)]);
    if (reduced && a.keepdims) out.shape.push_back(1);
  }
  return {out};
}

// Calls f(result's index, elements to reduce, an iteration over them).
template <class T, class F>
void for_each_group(const ir::ReferenceContext& c, F f) {
  const auto& a = c.as<ReduceAttrs>();
  const Shape& shape = c.in_types[0].shape;
  const Strides strides = strides_of(shape);
  Strides kept_sizes{}, kept_strides{}, sizes{}, steps{};
  std::size_t kept = 0, reduced = 0;
  std::int64_t count = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const std::int64_t size = shape[d].value();
    if (std::ranges::find(a.axes, static_cast<std::int64_t>(d)) != a.axes.end()) {
      sizes[reduced] = size;
      steps[reduced++] = strides[d];
      count *= size;
    } else {
      kept_sizes[kept] = size;
      kept_strides[kept++] = strides[d];
    }
  }
  const T* x = input<T>(c, 0);
  std::int64_t i = 0;
  walk({kept_sizes.data(), kept}, {kept_strides.data(), kept}, [&](std::int64_t base) {
    f(i++, count, [&](auto visit) {
      walk({sizes.data(), reduced}, {steps.data(), reduced}, [&](std::int64_t o) { visit(x[base + o]); });
    });
  });
}

template <class T, class F>
void fold(const ir::ReferenceContext& c, Sum<T> start, F f) {
  for_each_group<T>(c, [&](std::int64_t i, std::int64_t, auto each) {
    Sum<T> total = start;
    each([&](T v) { f(total, static_cast<Sum<T>>(v)); });
    output<T>(c)[i] = static_cast<T>(total);
  });
}

template <class T>
void extreme(const ir::ReferenceContext& c, bool largest) {
  using Limits = std::numeric_limits<T>;
  const T none = Limits::has_infinity ? (largest ? -Limits::infinity() : Limits::infinity())
                                      : (largest ? Limits::lowest() : Limits::max());
  for_each_group<T>(c, [&](std::int64_t i, std::int64_t, auto each) {
    T best = none;
    each([&](T v) {
      if (is_nan(v) || (largest ? v > best : v < best)) best = v;
    });
    output<T>(c)[i] = best;
  });
}

// g with the axes that the reduction removed put back as ones, spread over x.
ir::Value spread(const ir::VjpContext& c, ir::Value g) {
  const Shape shape = c.in[0].type().shape;
  Shape ones = shape;
  for (const std::int64_t axis : c.as<ReduceAttrs>().axes) ones[static_cast<std::size_t>(axis)] = 1;
  return broadcast(reshape(g, ones), shape);
}

double reduced_count(const ir::VjpContext& c) {
  double n = 1;
  for (const std::int64_t axis : c.as<ReduceAttrs>().axes) {
    n *= static_cast<double>(c.in[0].type().shape[static_cast<std::size_t>(axis)].value());
  }
  return n;
}

std::vector<ir::Value> vjp_sum(const ir::VjpContext& c) { return {spread(c, c.grad[0])}; }

std::vector<ir::Value> vjp_mean(const ir::VjpContext& c) { return {spread(c, c.grad[0] / reduced_count(c))}; }

std::vector<ir::Value> vjp_prod(const ir::VjpContext& c) {  // exact with zeros: the product of all others
  const ir::Value x = c.in[0];
  const ReduceAttrs a{c.as<ReduceAttrs>().axes, true};
  const ir::Value zero = x == 0, rest = select(zero, 1, x), zeros = select(zero, like(x, 1), 0);
  const ir::Value others = spread(c, node(Op::sum, {zeros}, a)) - zeros;
  const ir::Value product = spread(c, node(Op::prod, {rest}, a)) / rest;
  return {spread(c, c.grad[0]) * select(others == 0, product, 0)};
}

std::vector<ir::Value> vjp_extreme(const ir::VjpContext& c) {  // ties share equally
  const ir::Value x = c.in[0], tied = select(x == spread(c, c.out[0]), like(x, 1), 0);
  const ir::Value count = node(Op::sum, {tied}, ReduceAttrs{c.as<ReduceAttrs>().axes, true});
  return {spread(c, c.grad[0]) * (tied / broadcast(count, x.type().shape))};
}

std::vector<ir::Sample> samples_of(std::vector<DType> dtypes, bool distinct = false) {
  std::vector<ir::Sample> out;
  const auto add = [&](DType dtype, Shape shape, Ints axes, bool keepdims) {
    out.push_back(
        {.inputs = {{dtype, std::move(shape)}}, .attrs = ReduceAttrs{std::move(axes), keepdims}, .distinct = distinct});
  };
  for (const bool keepdims : {false, true}) {
    add(dtypes[0], {7}, {0}, keepdims);
    add(dtypes[0], {4, 5}, {0}, keepdims);
    add(dtypes[0], {4, 5}, {1}, keepdims);
    add(dtypes[0], {2, 3, 4}, {0, 2}, keepdims);
    add(dtypes[0], {2, 3, 4}, {1}, keepdims);
  }
  add(dtypes[0], {2, 1, 3}, {1}, false);
  add(dtypes[0], {33, 65}, {0}, false);
  add(dtypes[0], {33, 65}, {1}, false);
  add(dtypes[0], {0, 3}, {1}, false);
  add(dtypes[0], {3, 2, 2, 2}, {0, 1, 2, 3}, false);
  for (const DType dtype : dtypes) add(dtype, {3, 4}, {1}, false);
  return out;
}
std::vector<DType> real_dtypes() { return {DType::float32, DType::float64, DType::bfloat16}; }
std::vector<DType> number_dtypes() {
  return {DType::float32, DType::float64, DType::bfloat16, DType::int32, DType::uint8};
}

std::vector<ir::Sample> samples_with_empty_axis(std::vector<DType> dtypes) {
  const DType first = dtypes[0];
  auto out = samples_of(std::move(dtypes));
  out.push_back({.inputs = {{first, {2, 0}}}, .attrs = ReduceAttrs{{1}, false}});
  return out;
}

}  // namespace

namespace records {

const Record all{
    .name = "all",
    .doc = "Whether all elements along the axes are true.",
    .inputs = 1,
    .attrs = attrs_type<ReduceAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("all", Domain::logic, a, in); },
    .vjp = no_gradient,
    .reference =
        [](const ir::ReferenceContext& c) {
          for_each_group<bool>(c, [&](std::int64_t i, std::int64_t, auto each) {
            bool total = true;
            each([&](bool v) { total = total && v; });
            output<bool>(c)[i] = total;
          });
        },
    .samples = [] { return samples_with_empty_axis({DType::boolean}); },
};

const Record any{
    .name = "any",
    .doc = "Whether some element along the axes is true.",
    .inputs = 1,
    .attrs = attrs_type<ReduceAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("any", Domain::logic, a, in); },
    .vjp = no_gradient,
    .reference =
        [](const ir::ReferenceContext& c) {
          for_each_group<bool>(c, [&](std::int64_t i, std::int64_t, auto each) {
            bool total = false;
            each([&](bool v) { total = total || v; });
            output<bool>(c)[i] = total;
          });
        },
    .samples = [] { return samples_with_empty_axis({DType::boolean}); },
};

const Record mean{
    .name = "mean",
    .doc = "Mean over the axes; NaN where they are empty.",
    .inputs = 1,
    .attrs = attrs_type<ReduceAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("mean", Domain::real, a, in); },
    .vjp = vjp_mean,
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_real(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            for_each_group<T>(c, [&](std::int64_t i, std::int64_t count, auto each) {
              Sum<T> total = 0;
              each([&](T v) { total += v; });
              output<T>(c)[i] = static_cast<T>(total / static_cast<Sum<T>>(count));
            });
          });
        },
    .samples = [] { return samples_of(real_dtypes()); },
};

const Record prod{
    .name = "prod",
    .doc = "Product over the axes.",
    .inputs = 1,
    .attrs = attrs_type<ReduceAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("prod", Domain::number, a, in); },
    .vjp = vjp_prod,
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_number(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            fold<T>(c, 1, [](Sum<T>& total, Sum<T> v) { total *= v; });
          });
        },
    .samples = [] { return samples_with_empty_axis(number_dtypes()); },
};

const Record reduce_max{
    .name = "reduce_max",
    .doc = "Largest element over the axes; NaN if one is NaN. Elements that tie share the gradient equally.",
    .inputs = 1,
    .attrs = attrs_type<ReduceAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("reduce_max", Domain::number, a, in); },
    .vjp = vjp_extreme,
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_number(c.in_types[0].dtype, [&](auto zero) { extreme<decltype(zero)>(c, true); });
        },
    .samples = [] { return samples_of(number_dtypes(), true); },
};

const Record reduce_min{
    .name = "reduce_min",
    .doc = "Smallest element over the axes; NaN if one is NaN. Elements that tie share the gradient equally.",
    .inputs = 1,
    .attrs = attrs_type<ReduceAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("reduce_min", Domain::number, a, in); },
    .vjp = vjp_extreme,
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_number(c.in_types[0].dtype, [&](auto zero) { extreme<decltype(zero)>(c, false); });
        },
    .samples = [] { return samples_of(number_dtypes(), true); },
};

const Record sum{
    .name = "sum",
    .doc = "Sum over the axes.",
    .inputs = 1,
    .attrs = attrs_type<ReduceAttrs>,
    .infer = [](const ir::Attrs& a, Types in) { return infer("sum", Domain::number, a, in); },
    .vjp = vjp_sum,
    .reference =
        [](const ir::ReferenceContext& c) {
          visit_number(c.in_types[0].dtype, [&](auto zero) {
            using T = decltype(zero);
            fold<T>(c, 0, [](Sum<T>& total, Sum<T> v) { total += v; });
          });
        },
    .samples = [] { return samples_with_empty_axis(number_dtypes()); },
};

}  // namespace records
}  // namespace keras::primitives
