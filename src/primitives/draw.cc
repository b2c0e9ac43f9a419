// Samples made concrete.
#include "primitives/draw.h"

#include <algorithm>
#include <numeric>

#include "primitives/attrs.h"
#include "support/rng.h"

namespace keras::primitives {
namespace {

DType wide(DType dtype) { return dtype == DType::float32 ? DType::float64 : dtype; }

ir::Attrs in_double(const ir::Attrs& attrs);

ir::GraphPtr in_double(const ir::Graph& graph) {
  const auto out = std::make_shared<ir::Graph>();
  for (const ir::Node& node : graph.nodes) {  // values keep their numbers
    if (const ir::Input* input = graph.input_of(node.first)) {
      const ir::Type& type = graph.type(node.first);
      out->add_input(input->name, {wide(type.dtype), type.shape}, input->state);
    } else {
      out->add(*node.op, in_double(node.attrs), node.inputs);
    }
  }
  out->outputs = graph.outputs;
  out->updates = graph.updates;
  return out;
}

template <class A>
bool widen(ir::Attrs& attrs) {
  if (&attrs.type() != &ir::kAttrsType<A>) return false;
  A a = attrs.as<A>();
  a.dtype = wide(a.dtype);
  attrs = a;
  return true;
}

ir::Attrs in_double(const ir::Attrs& attrs) {
  ir::Attrs out = attrs;
  if (widen<CastAttrs>(out) || widen<IotaAttrs>(out) || widen<OneHotAttrs>(out) || widen<RandomAttrs>(out) ||
      widen<SplatAttrs>(out))
    return out;
  if (&attrs.type() == &ir::kAttrsType<FusedAttrs>) return FusedAttrs{in_double(*attrs.as<FusedAttrs>().body)};
  if (&attrs.type() == &ir::kAttrsType<ScanAttrs>) {
    ScanAttrs scan = attrs.as<ScanAttrs>();
    scan.body = in_double(*scan.body);
    return scan;
  }
  if (&attrs.type() == &ir::kAttrsType<ConstantAttrs>) {
    const Array& value = attrs.as<ConstantAttrs>().value;
    return ConstantAttrs{value.astype(wide(value.dtype()))};
  }
  return out;
}

}  // namespace

ir::Sample in_double(const ir::Sample& sample) {
  ir::Sample out = sample;
  for (ir::Type& type : out.inputs) type.dtype = wide(type.dtype);
  out.attrs = in_double(sample.attrs);
  return out;
}

std::vector<Array> draw(const ir::Sample& sample, std::uint64_t seed) {
  std::vector<Array> out;
  for (std::size_t operand = 0; operand < sample.inputs.size(); ++operand) {
    const ir::Type& type = sample.inputs[operand];
    const std::uint64_t stream = support::stream_key(seed, operand);
    const auto count = static_cast<std::size_t>(type.shape.elements());
    std::vector<std::size_t> order(count);  // random, for elements without ties
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return support::uniform64_at(stream, 1, i); });
    Array values(type.shape, DType::float64);
    const auto v = values.mutable_values<double>();
    for (std::size_t i = 0; i < count; ++i) {
      const double u = support::uniform_at(stream, 0, i);
      if (type.dtype == DType::boolean) {
        v[i] = u < 0.5;
      } else if (type.dtype.is_integer()) {
        v[i] = static_cast<double>(static_cast<std::int64_t>(u * static_cast<double>(sample.below)));
      } else {
        const double part = sample.distinct ? (static_cast<double>(order[i]) + 0.5) / static_cast<double>(count) : u;
        v[i] = static_cast<float>(sample.low + (sample.high - sample.low) * part);
      }
    }
    out.push_back(values.astype(type.dtype));
  }
  return out;
}

ir::Graph graph_of(const ir::OpDef& op, const ir::Sample& sample) {
  ir::Graph graph;
  std::vector<ir::ValueId> operands;
  for (std::size_t i = 0; i < sample.inputs.size(); ++i)
    operands.push_back(graph.add_input("x" + std::to_string(i), sample.inputs[i]));
  const ir::ValueId first = graph.add(op, sample.attrs, operands);
  for (int i = 0; i < graph.node_of(first).outputs; ++i) graph.outputs.push_back(first + i);
  return graph;
}

}  // namespace keras::primitives
