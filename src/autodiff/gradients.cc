// Reverse mode: walks the nodes between `wrt` and the loss backwards and adds what their vjp functions give.
#include "autodiff/gradients.h"

#include <fmt/format.h>
#include <keras/error.h>

#include <algorithm>

#include "primitives/build.h"
#include "primitives/value.h"

namespace keras::autodiff {
namespace {

std::size_t index(ir::ValueId v) { return static_cast<std::size_t>(v); }

// Which values depend on a `wrt` of floating dtype through floating values only.
std::vector<bool> reached_from(const ir::Graph& graph, std::span<const ir::ValueId> wrt) {
  std::vector<bool> reached(graph.values.size());
  for (const ir::ValueId v : wrt) reached[index(v)] = graph.type(v).dtype.is_floating();
  for (const ir::Node& node : graph.nodes) {
    if (std::ranges::none_of(node.inputs, [&](ir::ValueId v) { return reached[index(v)]; })) continue;
    for (ir::ValueId v = node.first; v < node.first + node.outputs; ++v) {
      if (graph.type(v).dtype.is_floating()) reached[index(v)] = true;
    }
  }
  return reached;
}

}  // namespace

std::vector<ir::Value> gradients(ir::Graph& graph, std::span<const ir::Value> outputs, std::span<const ir::Value> seeds,
                                 std::span<const ir::ValueId> wrt) {
  std::size_t nodes = 0;
  for (const ir::Value& v : outputs)
    nodes = std::max(nodes, static_cast<std::size_t>(graph.values[index(v.id)].node) + 1);
  const std::vector<bool> reached = reached_from(graph, wrt);
  std::vector<ir::Value> grad(graph.values.size());
  const auto flow = [&](ir::ValueId to, ir::Value g) {
    if (!g || !reached[index(to)]) return;
    ir::Value& sum = grad[index(to)];
    sum = sum ? sum + g : g;
  };
  for (std::size_t i = 0; i < outputs.size(); ++i) flow(outputs[i].id, seeds[i]);
  for (std::size_t n = nodes; n-- > 0;) {
    const ir::Node node = graph.nodes[n];  // a copy: the vector grows
    if (std::ranges::none_of(node.inputs, [&](ir::ValueId v) { return reached[index(v)]; })) continue;
    const std::span results(grad.begin() + node.first, static_cast<std::size_t>(node.outputs));
    if (std::ranges::none_of(results, [](const ir::Value& g) { return static_cast<bool>(g); })) continue;
    if (!node.op->vjp) {
      throw ValueError(fmt::format(
          "gradients: {} (%{}) has no gradient, but lies between the loss and what it is differentiated by. "
          "Wrap its operand in stop_gradient if no gradient should flow.",
          node.op->name, node.first));
    }
    std::vector<ir::Value> in, out;
    for (const ir::ValueId v : node.inputs) in.push_back(graph.at(v));
    for (ir::ValueId v = node.first; v < node.first + node.outputs; ++v) out.push_back(graph.at(v));
    const std::vector<ir::Value> grads = node.op->vjp({graph, node.attrs, in, out, results});
    if (grads.size() != in.size()) {
      throw std::logic_error(fmt::format("gradients: the vjp of {} gives {} gradients for {} operands", node.op->name,
                                         grads.size(), in.size()));
    }
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (grads[i] && reached[index(in[i].id)] && grads[i].type() != in[i].type()) {
        throw std::logic_error(fmt::format("gradients: the vjp of {} gives {} for an operand that is {}", node.op->name,
                                           grads[i].type().str(), in[i].type().str()));
      }
      flow(in[i].id, grads[i]);
    }
  }
  std::vector<ir::Value> out;
  for (const ir::ValueId v : wrt) out.push_back(grad[index(v)]);
  return out;
}

std::vector<ir::ValueId> gradients(ir::Graph& graph, ir::ValueId loss, std::span<const ir::ValueId> wrt) {
  const ir::Type type = graph.type(loss);
  if (!type.dtype.is_floating()) {
    throw ValueError(fmt::format("gradients: expected a loss of floating dtype; received {}.", type.str()));
  }
  const ir::Value output[] = {graph.at(loss)}, seed[] = {primitives::splat(graph, 1, type.dtype, type.shape)};
  std::vector<ir::ValueId> out;
  for (const ir::Value& g : gradients(graph, output, seed, wrt)) {
    const ir::ValueId v = wrt[out.size()];
    out.push_back(g ? g.id : primitives::zeros_like(graph.at(v)).id);
  }
  return out;
}

}  // namespace keras::autodiff
