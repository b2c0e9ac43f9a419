// matmul: batches of matrix products.
#include "primitives/common.h"

namespace keras::primitives {
namespace {

std::vector<ir::Type> infer(const ir::Attrs& attrs, Types in) {
  const auto& a = attrs.as<MatmulAttrs>();
  const Shape &x = in[0].shape, &y = in[1].shape;
  bool fits = in[0].dtype == in[1].dtype && in[0].dtype != DType::boolean && x.size() >= 2 &&
              (y.size() == x.size() || y.size() == 2);
  ir::Type out{in[0].dtype, {}};
  for (std::size_t d = 0; fits && d + 2 < x.size(); ++d) {
    fits = y.size() == 2 || agree(x[d], y[d]);
    out.shape.push_back(y.size() == 2 ? x[d] : meet(x[d], y[d]));
  }
  if (fits) {
    const auto from_end = [](const Shape& s, std::size_t i) { return s[s.size() - i]; };
    fits = agree(from_end(x, a.transpose_a ? 2 : 1), from_end(y, a.transpose_b ? 1 : 2));
    out.shape.push_back(from_end(x, a.transpose_a ? 1 : 2));
    out.shape.push_back(from_end(y, a.transpose_b ? 2 : 1));
  }
  if (!fits) {
    refuse("matmul",
           fmt::format("[…, {}] x [{}] of one dtype, the leading axes equal or absent in the second",
                       a.transpose_a ? "k, m" : "m, k", a.transpose_b ? "n, k" : "k, n"),
           in);
  }
  return {out};
}

void reference(const ir::ReferenceContext& c) {
  const auto& a = c.as<MatmulAttrs>();
  const Shape &shape = c.out_types[0].shape, &xs = c.in_types[0].shape;
  const auto rank = shape.size();
  const std::int64_t m = shape[rank - 2].value(), n = shape[rank - 1].value(),
                     k = xs[rank - (a.transpose_a ? 2 : 1)].value();
  std::int64_t batches = 1;
  for (std::size_t d = 0; d + 2 < rank; ++d) batches *= shape[d].value();
  const bool shared = c.in_types[1].shape.size() < rank;
  const std::int64_t x_row = a.transpose_a ? 1 : k, x_step = a.transpose_a ? m : 1;
  const std::int64_t y_column = a.transpose_b ? k : 1, y_step = a.transpose_b ? 1 : n;
  visit_number(c.in_types[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    T* out = output<T>(c);
    for (std::int64_t b = 0; b < batches; ++b) {
      const T *x = input<T>(c, 0) + b * m * k, *y = input<T>(c, 1) + (shared ? 0 : b * k * n);
      for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
          Sum<T> total = 0;
          for (std::int64_t p = 0; p < k; ++p) {
            total += static_cast<Sum<T>>(x[i * x_row + p * x_step]) * static_cast<Sum<T>>(y[j * y_column + p * y_step]);
          }
          *out++ = static_cast<T>(total);
        }
      }
    }
  });
}

// The gradients where the operands' leading axes are equal.
std::pair<ir::Value, ir::Value> gradients(ir::Value x, ir::Value y, ir::Value g, MatmulAttrs a) {
  const ir::Value dx = a.transpose_a ? matmul(y, g, {a.transpose_b, true}) : matmul(g, y, {false, !a.transpose_b});
  const ir::Value dy = a.transpose_b ? matmul(g, x, {true, a.transpose_a}) : matmul(x, g, {!a.transpose_a, false});
  return {dx, dy};
}

std::vector<ir::Value> vjp(const ir::VjpContext& c) {
  const auto& a = c.as<MatmulAttrs>();
  const ir::Value x = c.in[0], y = c.in[1], g = c.grad[0];
  if (x.type().shape.size() == y.type().shape.size()) {
    const auto [dx, dy] = gradients(x, y, g, a);
    return {dx, dy};
  }
  // One matrix for all batches: the leading axes become rows.
  const auto rows = [](ir::Value v) {
    const Shape shape = v.type().shape;
    std::int64_t count = 1;
    for (std::size_t d = 0; d + 1 < shape.size(); ++d) count *= shape[d].value();
    return reshape(v, {count, shape.back()});
  };
  const ir::Value upright = a.transpose_a ? swap_last_axes(x) : x;
  const Shape shape = upright.type().shape;
  const auto [dx, dy] = gradients(rows(upright), y, rows(g), {false, a.transpose_b});
  const ir::Value whole = reshape(dx, shape);
  return {a.transpose_a ? swap_last_axes(whole) : whole, dy};
}

std::vector<ir::Sample> samples() {
  std::vector<ir::Sample> out;
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      const auto add = [&](DType dtype, Shape batch, std::int64_t m, std::int64_t k, std::int64_t n,
                           bool shared = false) {
        Shape x = batch, y = shared ? Shape{} : batch;
        x.push_back(ta ? k : m), x.push_back(ta ? m : k);
        y.push_back(tb ? n : k), y.push_back(tb ? k : n);
        out.push_back({.inputs = {{dtype, x}, {dtype, y}}, .attrs = MatmulAttrs{ta, tb}});
      };
      add(DType::float32, {}, 2, 3, 4);
      add(DType::float32, {}, 1, 5, 1);
      add(DType::float32, {}, 17, 33, 10);
      add(DType::float32, {2}, 3, 2, 4);
      add(DType::float32, {2, 3}, 2, 3, 2);
      add(DType::float32, {2}, 3, 2, 4, true);
      add(DType::float32, {}, 0, 3, 2);
      add(DType::float32, {}, 2, 0, 3);
      add(DType::float64, {}, 3, 4, 5);
      add(DType::int32, {}, 3, 4, 5);
      add(DType::bfloat16, {}, 3, 4, 5);
    }
  }
  return out;
}

}  // namespace

const Record records::matmul{
    .name = "matmul",
    .doc = "[…, m, k] x […, k, n] -> […, m, n]; either may be given transposed. The second may lack the leading axes.",
    .inputs = 2,
    .traits = ir::kFeedsLoops,
    .attrs = attrs_type<MatmulAttrs>,
    .infer = infer,
    .vjp = vjp,
    .reference = reference,
    .samples = samples,
};

}  // namespace keras::primitives
