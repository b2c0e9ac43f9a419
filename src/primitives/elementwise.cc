// Rows become ops: infer from the kind, vjp by reading the gradient with ir::Value, reference by reading the row with
// Num<T>.
#include "primitives/elementwise.h"

#include <utility>

#include "primitives/common.h"
#include "primitives/rows.h"

namespace keras::primitives {
namespace {

using scalar::Num;

template <const auto& R>
using RowOf = std::remove_cvref_t<decltype(R)>;

std::string_view operand_rule(Kind kind) {
  switch (kind) {
    case Kind::real:
      return "floating point operands of equal dtypes and shapes";
    case Kind::same:
      return "operands that are numbers, of equal dtypes and shapes";
    case Kind::test:
      return "operands of equal dtypes and shapes";
    case Kind::logic:
      return "bool operands of equal shapes";
    case Kind::choose:
      return "a bool and two operands of equal dtypes, all of equal shapes";
  }
  return {};
}

std::vector<ir::Type> infer(std::string_view name, Kind kind, Types in) {
  const std::size_t first = kind == Kind::choose ? 1 : 0;
  const DType dtype = in[first].dtype;
  bool fits = kind == Kind::choose  ? in[0].dtype == DType::boolean
              : kind == Kind::real  ? dtype.is_floating()
              : kind == Kind::same  ? dtype != DType::boolean
              : kind == Kind::logic ? dtype == DType::boolean
                                    : true;
  ir::Type out{kind == Kind::test ? DType::boolean : dtype, in[0].shape};
  for (std::size_t i = 0; fits && i < in.size(); ++i) {
    fits = (i < first || in[i].dtype == dtype) && in[i].shape.size() == out.shape.size();
    for (std::size_t d = 0; fits && d < out.shape.size(); ++d) {
      fits = agree(out.shape[d], in[i].shape[d]);
      out.shape[d] = meet(out.shape[d], in[i].shape[d]);
    }
  }
  if (!fits) refuse(name, operand_rule(kind), in, in.size() > 1 ? "Primitives neither broadcast nor promote." : "");
  return {out};
}

template <const auto& R>
std::vector<ir::Value> vjp(const ir::VjpContext& c) {
  using Row = RowOf<R>;
  if constexpr (std::is_same_v<decltype(R.vjp), Flat>) {
    return std::vector<ir::Value>(static_cast<std::size_t>(Row::inputs));
  } else if constexpr (Row::inputs == 1) {
    return {R.vjp(c.grad[0], c.in[0], c.out[0])};
  } else if constexpr (Row::inputs == 2) {
    const auto [a, b] = R.vjp(c.grad[0], c.in[0], c.in[1], c.out[0]);
    return {a, b};
  } else {
    static_assert(Row::kind == Kind::choose);
    const auto [a, b] = R.vjp(c.grad[0], c.in[0], c.in[1], c.in[2], c.out[0]);
    return {{}, a, b};
  }
}

template <class T>
T plain(Num<T> x) {
  return x.v;
}
bool plain(bool x) { return x; }

template <const auto& R>
void reference(const ir::ReferenceContext& c) {
  using Row = RowOf<R>;
  const std::int64_t count = c.out_types[0].shape.elements();
  if constexpr (Row::kind == Kind::logic) {
    bool* y = output<bool>(c);
    const bool *a = input<bool>(c, 0), *b = input<bool>(c, Row::inputs - 1);
    for (std::int64_t i = 0; i < count; ++i) {
      if constexpr (Row::inputs == 1) {
        y[i] = R.fwd(a[i]);
      } else {
        y[i] = R.fwd(a[i], b[i]);
      }
    }
  } else {
    const auto loop = [&](auto zero) {
      using T = decltype(zero);
      auto* y = output<std::conditional_t<Row::kind == Kind::test, bool, T>>(c);
      const T *a = input<T>(c, Row::kind == Kind::choose ? 1 : 0), *b = input<T>(c, Row::inputs - 1);
      for (std::int64_t i = 0; i < count; ++i) {
        if constexpr (Row::kind == Kind::choose) {
          y[i] = plain(R.fwd(input<bool>(c, 0)[i], Num<T>{a[i]}, Num<T>{b[i]}));
        } else if constexpr (Row::inputs == 1) {
          y[i] = plain(R.fwd(Num<T>{a[i]}));
        } else {
          y[i] = plain(R.fwd(Num<T>{a[i]}, Num<T>{b[i]}));
        }
      }
    };
    const DType dtype = c.in_types[Row::kind == Kind::choose ? 1 : 0].dtype;
    if constexpr (Row::kind == Kind::real) {
      visit_real(dtype, loop);
    } else if constexpr (Row::kind == Kind::same) {
      visit_number(dtype, loop);
    } else {
      visit_all(dtype, loop);
    }
  }
}

template <const auto& R>
std::vector<ir::Sample> samples() {
  using Row = RowOf<R>;
  std::vector<DType> dtypes;
  if constexpr (Row::kind == Kind::logic) {
    dtypes = {DType::boolean};
  } else if constexpr (Row::kind == Kind::real) {
    dtypes = {DType::float32, DType::float64, DType::bfloat16, DType::float16};
  } else {
    dtypes = {DType::float32, DType::float64, DType::float16, DType::int32, DType::uint8, DType::int64};
    if constexpr (Row::kind != Kind::same) dtypes.push_back(DType::boolean);
  }
  std::vector<ir::Sample> out;
  const auto add = [&](DType dtype, const Shape& shape) {
    ir::Sample sample{.inputs = std::vector<ir::Type>(static_cast<std::size_t>(Row::inputs), {dtype, shape}),
                      .attrs = {},
                      .low = R.domain.low,
                      .high = R.domain.high};
    if constexpr (Row::kind == Kind::choose) sample.inputs[0].dtype = DType::boolean;
    out.push_back(std::move(sample));
  };
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{7}, Shape{2, 3}, Shape{3, 1, 347}})
    add(dtypes[0], shape);
  for (const DType dtype : dtypes) add(dtype, {5, 7});
  return out;
}

// Twice the work of keeping the result, or more.
constexpr bool costly(std::string_view name) {
  constexpr std::string_view kCostly[] = {
      "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "cos",  "cosh",     "erf", "exp",
      "expm1",  "log",     "log1p",  "mod",     "power",  "sigmoid", "sin",     "sinh", "softplus", "tan", "tanh"};
  return std::ranges::find(kCostly, name) != std::end(kCostly);
}
// Bit for bit: maximum(0, -0) is not.
constexpr bool commutative(std::string_view name) {
  constexpr std::string_view kCommutative[] = {"add",         "equal",    "logical_and", "logical_or",
                                               "logical_xor", "multiply", "not_equal"};
  return std::ranges::find(kCommutative, name) != std::end(kCommutative);
}

template <const auto& R>
ElementwiseDef make(Op op) {
  using Row = RowOf<R>;
  const unsigned traits = ir::kElementwise | ir::kRowWise | ir::kInPlace | (costly(R.name) ? 0U : ir::kCheap) |
                          (commutative(R.name) ? ir::kCommutative : 0U);
  std::vector<ir::Value> (*gradient)(const ir::VjpContext&) = nullptr;
  if constexpr (!std::is_same_v<decltype(R.vjp), NoGradient>) gradient = vjp<R>;
  return {{.name = R.name,
           .doc = R.doc,
           .inputs = Row::inputs,
           .outputs = 1,
           .traits = traits,
           .attrs = attrs_type<ir::NoAttrs>,
           .infer = [](const ir::Attrs&, Types in) { return infer(R.name, Row::kind, in); },
           .vjp = gradient,
           .reference = reference<R>,
           .samples = samples<R>,
           .code = static_cast<int>(op)},
          {Row::kind, Row::inputs}};
}

}  // namespace

std::vector<ElementwiseDef> elementwise_defs() {
  return {
#define KERAS_UNARY(name, ...) make<scalar::rows::row_##name>(Op::name),
#define KERAS_BINARY(name, ...) make<scalar::rows::row_##name>(Op::name),
#define KERAS_TERNARY(name, ...) make<scalar::rows::row_##name>(Op::name),
#include <keras/elementwise.def>
  };
}

}  // namespace keras::primitives
