// Every vjp against central differences in double, through gradients() and the references; and the rules of
// gradients().
#include "autodiff/gradients.h"

#include <gtest/gtest.h>
#include <keras/error.h>

#include <algorithm>
#include <cmath>

#include "primitives/build.h"
#include "primitives/draw.h"
#include "primitives/interpret.h"
#include "primitives/value.h"

namespace keras::autodiff {
namespace {

using primitives::Interpreter;
using primitives::node;
using primitives::Op;

bool has_16_bit(const ir::Graph& graph) {
  return std::ranges::any_of(graph.values, [](const ir::ValueInfo& v) {
    return v.type.dtype == DType::float16 || v.type.dtype == DType::bfloat16;
  });
}

// A scalar: the sum of all floating results, each element with a weight of its own. -1 when there are none.
ir::ValueId weighted_sum(ir::Graph& graph, const std::vector<ir::ValueId>& results) {
  ir::Value loss;
  for (const ir::ValueId id : results) {
    const ir::Type type = graph.type(id);
    if (type.dtype != DType::float64) continue;
    const Array weights = primitives::draw({.inputs = {type}, .attrs = {}, .low = 0.5, .high = 1.5}, 11)[0];
    ir::Value term = graph.at(id) * primitives::constant(graph, weights);
    primitives::Ints axes;
    for (int d = 0; d < type.shape.rank(); ++d) axes.push_back(d);
    term = primitives::sum(term, axes, false);
    loss = loss ? loss + term : term;
  }
  return loss.id;
}

void check_sample(const ir::OpDef& op, const ir::Sample& sample) {
  ir::Graph graph = primitives::graph_of(op, sample);
  if (has_16_bit(graph)) return;
  std::vector<ir::ValueId> wrt;
  std::vector<std::size_t> operands;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    if (graph.type(graph.inputs[i].value).dtype != DType::float64) continue;
    wrt.push_back(graph.inputs[i].value);
    operands.push_back(i);
  }
  const ir::ValueId loss = weighted_sum(graph, graph.outputs);
  if (wrt.empty() || loss < 0) return;
  if (!op.vjp) {
    EXPECT_THROW(gradients(graph, loss, wrt), ValueError);
    return;
  }
  graph.outputs = {loss};
  const Interpreter value(graph);
  graph.outputs = gradients(graph, loss, wrt);
  ASSERT_NO_THROW(ir::verify(graph));
  const Interpreter gradient(ir::without_dead_nodes(graph));

  std::vector<Array> x = primitives::draw(sample, 3);
  const std::vector<Array> grads = gradient.run(x);
  for (std::size_t k = 0; k < operands.size(); ++k) {
    const auto g = grads[k].values<double>();
    double scale = 1;
    for (const double v : g) scale = std::max(scale, std::fabs(v));
    // Each element alone, or, in large operands, along some directions.
    const bool large = g.size() > 64;
    for (std::size_t probe = 0; probe < (large ? 4 : g.size()); ++probe) {
      std::vector<double> direction(g.size());
      if (large) {
        const Array d = primitives::draw(
            {.inputs = {{DType::float64, grads[k].shape()}}, .attrs = {}, .low = -1, .high = 1}, 100 + probe)[0];
        std::ranges::copy(d.values<double>(), direction.begin());
      } else {
        direction[probe] = 1;
      }
      const Array at = x[operands[k]];
      double expected = 0, along = 0;
      for (std::size_t i = 0; i < g.size(); ++i) along += g[i] * direction[i];
      constexpr double kStep = 1e-5;
      for (const double sign : {1.0, -1.0}) {
        Array moved = at.copy();
        for (std::size_t i = 0; i < g.size(); ++i) moved.mutable_values<double>()[i] += sign * kStep * direction[i];
        x[operands[k]] = moved;
        expected += sign * value.run(x)[0].item() / (2 * kStep);
      }
      x[operands[k]] = at;
      const double size = large ? scale * std::sqrt(static_cast<double>(g.size())) : scale;
      EXPECT_NEAR(along, expected, 1e-6 * size) << "operand " << operands[k] << ", probe " << probe;
    }
  }
}

TEST(Gradients, EveryVjpAgreesWithFiniteDifferences) {
  for (const ir::OpDef& op : primitives::all()) {
    if (op.code == static_cast<int>(Op::stop_gradient)) continue;
    std::size_t number = 0;
    for (const ir::Sample& sample : op.samples()) {
      SCOPED_TRACE(std::string(op.name) + ", sample " + std::to_string(number++));
      check_sample(op, primitives::in_double(sample));
    }
  }
}

// d/dx at a point of an expression of one scalar.
template <class F>
double derivative(double at, F f) {
  ir::Graph graph;
  const ir::Value x = graph.at(graph.add_input("x", {DType::float64, {}}));
  const ir::Value y = f(x);
  const ir::ValueId wrt[] = {x.id};
  graph.outputs = gradients(graph, y.id, wrt);
  return Interpreter(graph).run(std::vector{Array::scalar(at, DType::float64)})[0].item();
}

TEST(Gradients, AddWherePathsMeet) {
  EXPECT_DOUBLE_EQ(derivative(3, [](ir::Value x) { return x * x + x * 2; }), 8);
  EXPECT_DOUBLE_EQ(derivative(3, [](ir::Value x) { return x; }), 1);
}

TEST(Gradients, SecondDerivatives) {
  const auto second = [](double at, auto f) {
    return derivative(at, [&](ir::Value x) {
      const ir::Value y = f(x);
      const ir::ValueId wrt[] = {x.id};
      return x.graph->at(gradients(*x.graph, y.id, wrt)[0]);
    });
  };
  EXPECT_DOUBLE_EQ(second(2, [](ir::Value x) { return x * x * x; }), 12);
  EXPECT_NEAR(second(0.3, [](ir::Value x) { return tanh(x); }),
              -2 * std::tanh(0.3) * (1 - std::tanh(0.3) * std::tanh(0.3)), 1e-14);
  EXPECT_DOUBLE_EQ(second(-2, [](ir::Value x) { return x * abs(x); }), -2);
  EXPECT_DOUBLE_EQ(second(2, [](ir::Value x) { return mod(x, like(x, 1.5)); }), 0);
}

TEST(Gradients, StopAndZero) {
  EXPECT_DOUBLE_EQ(derivative(3, [](ir::Value x) { return x * node(Op::stop_gradient, {x}); }), 3);
  EXPECT_DOUBLE_EQ(derivative(3, [](ir::Value x) { return like(x, 1); }), 0) << "does not depend on x";
  EXPECT_DOUBLE_EQ(derivative(2.5, [](ir::Value x) { return x + floor(x); }), 1);
  EXPECT_DOUBLE_EQ(
      derivative(2.5,
                 [](ir::Value x) { return primitives::cast(primitives::cast(x, DType::int32), DType::float64) * x; }),
      2);
}

TEST(Gradients, TiesAreKeras) {
  EXPECT_EQ(derivative(0, [](ir::Value x) { return node(Op::relu, {x}); }), 0);
  EXPECT_EQ(derivative(0, [](ir::Value x) { return abs(x); }), 0);
  EXPECT_EQ(derivative(1, [](ir::Value x) { return max(x, like(x, 1)); }), 1) << "the first of equals takes all";
  EXPECT_EQ(derivative(1, [](ir::Value x) { return max(like(x, 1), x); }), 0);
  EXPECT_EQ(derivative(1, [](ir::Value x) { return min(x, like(x, 1)); }), 1);
  ir::Graph graph;
  const ir::Value x = graph.at(graph.add_input("x", {DType::float64, {4}}));
  const ir::Value y = node(Op::reduce_max, {x}, primitives::ReduceAttrs{{0}, false});
  const ir::ValueId wrt[] = {x.id};
  graph.outputs = gradients(graph, y.id, wrt);
  const Array g = Interpreter(graph).run(std::vector{Array(std::vector<double>{1, 3, 0, 3})})[0];
  EXPECT_TRUE(identical(g, Array(std::vector<double>{0, 0.5, 0, 0.5}))) << g;
}

TEST(Gradients, ProductsWithZeros) {
  ir::Graph graph;
  const ir::Value x = graph.at(graph.add_input("x", {DType::float64, {3, 3}}));
  const ir::Value y = node(Op::prod, {x}, primitives::ReduceAttrs{{1}, false});
  const ir::ValueId wrt[] = {x.id};
  graph.outputs = gradients(graph, y.id, wrt);
  const Array g = Interpreter(graph).run(std::vector{Array(std::vector<double>{2, 3, 4, 2, 0, 4, 0, 0, 4}, {3, 3})})[0];
  EXPECT_TRUE(identical(g, Array(std::vector<double>{12, 8, 6, 0, 8, 0, 0, 0, 0}, {3, 3}))) << g;
}

TEST(Gradients, NameTheOpThatHasNone) {
  ir::Graph graph;
  std::vector<ir::Value> x;
  for (int i = 0; i < 3; ++i) x.push_back(graph.at(graph.add_input("x", {DType::float64, {}})));
  const ir::Value y = node(Op::sgd_update, x);
  const ir::ValueId wrt[] = {x[0].id};
  try {
    gradients(graph, y.id, wrt);
    FAIL();
  } catch (const ValueError& e) {
    EXPECT_NE(std::string(e.what()).find("sgd_update"), std::string::npos) << e.what();
  }
  const ir::ValueId other[] = {graph.add_input("z", {DType::float64, {}})};
  EXPECT_NO_THROW(gradients(graph, y.id, other)) << "not on the way";
  const ir::Value b = x[0] > x[1];
  EXPECT_THROW(gradients(graph, b.id, wrt), ValueError) << "a bool is no loss";
}

}  // namespace
}  // namespace keras::autodiff
