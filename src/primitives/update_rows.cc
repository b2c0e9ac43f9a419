// update_rows: an optimizer's chain run on the rows of a table that have a gradient, and on no others.
#include "primitives/common.h"
#include "primitives/primitives.h"

namespace keras::primitives {
namespace {

constexpr std::size_t kMostOperands = 16;
constexpr auto kExpected =
    "the states of a chain as tables of one type, indices of one axis, rows of the gradient, and its scalars";

// The chain of the attributes, whose last full operand is the gradient.
const ir::OpDef& chain_of(const ir::Attrs& attrs, Types in) {
  const ir::OpDef* op = find(attrs.as<UpdateRowsAttrs>().chain);
  if (!op || !chain(*op) || chain(*op)->full != chain(*op)->results + 1 ||
      static_cast<std::size_t>(chain(*op)->full + chain(*op)->scalars) > kMostOperands)
    refuse("update_rows", kExpected, in);
  return *op;
}

std::vector<ir::Type> infer(const ir::Attrs& attrs, Types in) {
  const ChainInfo info = *chain(chain_of(attrs, in));
  const auto states = static_cast<std::size_t>(info.results), scalars = static_cast<std::size_t>(info.scalars);
  bool fits = in.size() == states + 2 + scalars && in[0].dtype.is_floating() && in[0].shape.rank() >= 1;
  if (fits) {
    const ir::Type &indices = in[states], &rows = in[states + 1];
    fits = indices.dtype.is_integer() && indices.shape.rank() == 1 && rows.dtype == in[0].dtype &&
           rows.shape == in[0].shape.slice(1).with_front(indices.shape[0]);
    for (std::size_t i = 0; i < states; ++i) fits = fits && in[i] == in[0];
    for (std::size_t i = 0; i < scalars; ++i) fits = fits && in[states + 2 + i] == ir::Type{in[0].dtype, {}};
  }
  if (!fits) refuse("update_rows", kExpected, in);
  return std::vector<ir::Type>(states, in[0]);
}

// Each row at its first index, element by element: without memory of its own.
void reference(const ir::ReferenceContext& c) {
  const ir::OpDef& op = chain_of(c.attrs, c.in_types);
  const ChainInfo info = *chain(op);
  const auto states = static_cast<std::size_t>(info.results), scalars = static_cast<std::size_t>(info.scalars);
  const AxisView v(c.in_types[0].shape, 0);
  std::array<ir::Type, kMostOperands> types;
  types.fill({c.in_types[0].dtype, {}});
  const auto run = [&]<class T, class I>(T, I) {
    for (std::size_t s = 0; s < states; ++s) {
      if (input<T>(c, s) != output<T>(c, s)) std::copy_n(input<T>(c, s), v.n * v.inner, output<T>(c, s));
    }
    const I* indices = input<I>(c, states);
    const T* gradients = input<T>(c, states + 1);
    const std::int64_t count = c.in_types[states].shape.elements();
    for (std::int64_t k = 0; k < count; ++k) {
      const std::int64_t row = place(indices[k], v.n);
      const bool earlier = std::any_of(indices, indices + k, [&](I index) { return place(index, v.n) == row; });
      if (row < 0 || earlier) continue;
      for (std::int64_t i = 0; i < v.inner; ++i) {
        T sum{};
        for (std::int64_t other = k; other < count; ++other) {
          if (place(indices[other], v.n) == row) sum += gradients[other * v.inner + i];
        }
        std::array<const void*, kMostOperands> in;
        std::array<void*, kMostOperands> out;
        for (std::size_t s = 0; s < states; ++s) in[s] = out[s] = output<T>(c, s) + row * v.inner + i;
        in[states] = &sum;
        for (std::size_t s = 0; s < scalars; ++s) in[states + 1 + s] = c.in[states + 2 + s];
        op.reference({c.attrs,
                      {types.data(), states + 1 + scalars},
                      {types.data(), states},
                      {in.data(), states + 1 + scalars},
                      {out.data(), states}});
      }
    }
  };
  visit_real(c.in_types[0].dtype, [&](auto zero) {
    visit_number(c.in_types[states].dtype, [&](auto index) {
      if constexpr (std::is_integral_v<decltype(index)>) run(zero, index);
    });
  });
}

}  // namespace

const Record records::update_rows{
    .name = "update_rows",
    .doc =
        "The chain of an optimizer on the rows of its states (tables of [n, …]) that `indices` name, with the sum of "
        "the gradients of each row; the other rows stay as they are. Negative indices count from the end; those "
        "outside are dropped. Result i may be written over state i.",
    .inputs = -1,
    .outputs = -1,
    .attrs = attrs_type<UpdateRowsAttrs>,
    .infer = infer,
    .vjp = no_gradient,
    .reference = reference,
    .samples = []() -> std::vector<ir::Sample> {
      std::vector<ir::Sample> out;
      const auto add = [&](const char* chain, std::size_t states, std::size_t scalars, const Shape& table,
                           std::int64_t count, DType indices, DType dtype = DType::float32) {
        std::vector<ir::Type> inputs(states, {dtype, table});
        inputs.push_back({indices, {count}});
        inputs.push_back({dtype, table.slice(1).with_front(count)});
        inputs.insert(inputs.end(), scalars, {dtype, {}});
        out.push_back({.inputs = std::move(inputs),
                       .attrs = UpdateRowsAttrs{chain},
                       .low = 0.1,
                       .high = 0.9,
                       .below = table[0].value()});
      };
      add("sgd_update", 1, 1, {50, 17}, 20, DType::int32);
      add("sgd_update", 1, 1, {9}, 30, DType::int64);
      add("sgd_update", 1, 1, {5, 3, 2}, 0, DType::int32);
      add("adagrad_update", 2, 2, {40, 1030}, 60, DType::int32);
      add("adagrad_outside_update", 2, 2, {7, 3}, 5, DType::uint8);
      add("adagrad_update", 2, 2, {6, 3}, 4, DType::int32, DType::float64);
      return out;
    },
};

}  // namespace keras::primitives
