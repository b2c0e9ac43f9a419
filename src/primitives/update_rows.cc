// update_rows: an optimizer's chain run on the rows of a table that have a gradient, and on no others.
#include <map>

#include "primitives/common.h"
#include "primitives/primitives.h"

namespace keras::primitives {
namespace {

constexpr auto kExpected =
    "the states of a chain as tables of one type, indices of one axis, rows of the gradient, and its scalars";

// The chain of the attributes, whose last full operand is the gradient.
const ir::OpDef& chain_of(const ir::Attrs& attrs, Types in) {
  const ir::OpDef* op = find(attrs.as<UpdateRowsAttrs>().chain);
  if (!op || !chain(*op) || chain(*op)->full != chain(*op)->results + 1) refuse("update_rows", kExpected, in);
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

void reference(const ir::ReferenceContext& c) {
  const ir::OpDef& op = chain_of(c.attrs, c.in_types);
  const ChainInfo info = *chain(op);
  const auto states = static_cast<std::size_t>(info.results), scalars = static_cast<std::size_t>(info.scalars);
  const AxisView v(c.in_types[0].shape, 0);
  visit_real(c.in_types[0].dtype, [&](auto zero) {
    using T = decltype(zero);
    for (std::size_t s = 0; s < states; ++s) {
      if (input<T>(c, s) != output<T>(c, s)) std::copy_n(input<T>(c, s), v.n * v.inner, output<T>(c, s));
    }
    std::map<std::int64_t, std::vector<T>> sums;
    visit_number(c.in_types[states].dtype, [&](auto index) {
      using I = decltype(index);
      if constexpr (std::is_integral_v<I>) {
        for (std::int64_t k = 0; k < c.in_types[states].shape.elements(); ++k) {
          const std::int64_t at = place(input<I>(c, states)[k], v.n);
          if (at < 0) continue;
          std::vector<T>& sum = sums.try_emplace(at, static_cast<std::size_t>(v.inner), T{}).first->second;
          for (std::int64_t i = 0; i < v.inner; ++i)
            sum[static_cast<std::size_t>(i)] += input<T>(c, states + 1)[k * v.inner + i];
        }
      }
    });
    for (const auto& [row, sum] : sums) {
      std::vector<ir::Type> types(states + 1, {c.in_types[0].dtype, Shape{v.inner}});
      std::vector<const void*> in;
      std::vector<void*> out;
      for (std::size_t s = 0; s < states; ++s) out.push_back(output<T>(c, s) + row * v.inner);
      in.assign(out.begin(), out.end());
      in.push_back(sum.data());
      for (std::size_t i = 0; i < scalars; ++i) {
        in.push_back(c.in[states + 2 + i]);
        types.push_back(c.in_types[states + 2 + i]);
      }
      op.reference({{}, types, {types.data(), states}, in, out});
    }
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
