// Loops over time after the pass `scans` compute what they computed before, with less in each step.
#include <gtest/gtest.h>

#include <random>

#include "autodiff/gradients.h"
#include "compile/compile.h"
#include "compile/passes.h"
#include "primitives/attrs.h"
#include "primitives/build.h"
#include "primitives/draw.h"
#include "primitives/interpret.h"
#include "primitives/primitives.h"
#include "primitives/value.h"
#include "session/session.h"
#include "support/threads.h"

namespace keras {
namespace {

using ir::Graph;
using ir::Value;
using primitives::Op;
using primitives::ScanAttrs;

Value input(Graph& graph, const char* name, Shape shape) {
  return graph.at(graph.add_input(name, {DType::float32, std::move(shape)}));
}

// tanh(x w + state u + b), whose outputs are stacked; `states` says whether the states before are too.
Graph recurrent(std::int64_t steps, bool reverse = false) {
  const auto body = std::make_shared<Graph>();
  const Value state = input(*body, "state", {2, 3}), x = input(*body, "x", {2, 4}), w = input(*body, "w", {4, 3}),
              u = input(*body, "u", {3, 3}), b = input(*body, "b", {3});
  const Value next = tanh(primitives::matmul(x, w) + primitives::matmul(state, u) + primitives::broadcast(b, {2, 3}));
  body->outputs = {next.id, next.id};
  Graph g;
  std::vector<Value> in{input(g, "state", {2, 3}), input(g, "x", {steps, 2, 4}), input(g, "w", {4, 3}),
                        input(g, "u", {3, 3}), input(g, "b", {3})};
  const ir::ValueId first = primitives::node(Op::scan, in, ScanAttrs{body, 1, 1, steps, reverse}).id;
  g.outputs = {first, first + 1};
  return g;
}

std::vector<Array> run(const Graph& graph, const std::vector<Array>& inputs) {
  const auto program = compile::compile(graph, session::target());
  std::vector<const void*> in;
  std::vector<void*> out;
  std::vector<Array> results;
  for (const Array& array : inputs) in.push_back(array.data());
  for (const ir::Type& type : program->outputs) {
    results.emplace_back(type.shape, type.dtype);
    out.push_back(results.back().mutable_data());
  }
  program->run(in, {}, out);
  return results;
}

void expect_same(const Graph& graph, std::uint64_t seed) {
  ir::Sample sample{.inputs = {}, .attrs = {}, .low = -1, .high = 1};
  for (const ir::Input& each : graph.inputs) sample.inputs.push_back(graph.type(each.value));
  const std::vector<Array> inputs = primitives::draw(sample, seed);
  const std::vector<Array> expected = primitives::Interpreter(graph).run(inputs), actual = run(graph, inputs);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto want = expected[i].values<float>(), have = actual[i].values<float>();
    for (std::size_t k = 0; k < want.size(); ++k) {
      ASSERT_NEAR(want[k], have[k], 1e-4 * (1 + std::abs(want[k])))
          << "seed " << seed << ", result " << i << '\n'
          << ir::print(graph) << ir::print(compile::run_passes(graph, session::target()));
    }
  }
}

// Adds the gradients of a sum of all outputs by all inputs.
void differentiate(Graph& graph) {
  Value loss;
  for (const ir::ValueId v : graph.outputs) {
    primitives::Ints axes;
    for (int d = 0; d < graph.type(v).shape.rank(); ++d) axes.push_back(d);
    const Value y = graph.at(v), term = primitives::sum(y * y, axes, false);
    loss = loss ? loss + term : term;
  }
  std::vector<ir::ValueId> wrt;
  for (const ir::Input& each : graph.inputs) wrt.push_back(each.value);
  for (const ir::ValueId g : autodiff::gradients(graph, loss.id, wrt)) graph.outputs.push_back(g);
}

std::vector<const Graph*> bodies(const Graph& graph) {
  std::vector<const Graph*> list;
  for (const ir::Node& node : graph.nodes) {
    if (primitives::is(node, Op::scan)) list.push_back(node.attrs.as<ScanAttrs>().body.get());
  }
  return list;
}
int products(const Graph& graph) {
  int count = 0;
  for (const ir::Node& node : graph.nodes) count += primitives::is(node, Op::matmul);
  return count;
}

TEST(Scans, ProjectAllInputsAtOnce) {
  const Graph g = recurrent(5);
  const Graph s = compile::scans(g, session::target());
  ASSERT_EQ(bodies(s).size(), 1u);
  EXPECT_EQ(products(*bodies(s)[0]), 1) << "of the state alone";
  EXPECT_EQ(products(s), 1);
  expect_same(g, 3);
}

TEST(Scans, OneForwardOneBackwardWithAProductEach) {
  for (const bool reverse : {false, true}) {
    Graph g = recurrent(4, reverse);
    differentiate(g);
    ASSERT_EQ(bodies(g).size(), 3u) << "the loop, the loop that keeps more, the loop back";
    const Graph s = compile::run_passes(g, session::target());
    ASSERT_EQ(bodies(s).size(), 2u);
    for (const Graph* body : bodies(s)) EXPECT_EQ(products(*body), 1) << ir::print(*body);
    expect_same(g, 5);
  }
}

TEST(Scans, LeaveOutWhatNobodyReads) {
  Graph g = recurrent(6);
  g.outputs.pop_back();
  const Graph s = compile::scans(g, session::target());
  ASSERT_EQ(bodies(s).size(), 1u);
  EXPECT_EQ(bodies(s)[0]->outputs.size(), 1u) << "nothing is stacked";
  g.outputs.clear();
  EXPECT_TRUE(bodies(compile::scans(g, session::target())).empty());
}

// A body of random ops over two carries, two slices and three matrices.
Graph random_loop(std::mt19937& random) {
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  const std::int64_t steps = std::array<std::int64_t, 5>{0, 1, 2, 3, 6}[pick(5)];
  const auto body = std::make_shared<Graph>();
  const std::int64_t batch = std::array<std::int64_t, 3>{3, 16, 24}[pick(3)];
  const Shape rows{batch, 4}, square{4, 4};
  std::vector<Value> values, matrices;
  for (const char* name : {"a", "b", "x", "y"}) values.push_back(input(*body, name, rows));
  for (const char* name : {"u", "v"}) matrices.push_back(input(*body, name, square));
  values.push_back(input(*body, "m", rows));
  const auto any = [&](const std::vector<Value>& list) { return list[pick(list.size())]; };
  for (std::size_t i = 3 + pick(10); i-- > 0;) {
    const Value p = any(values), q = any(values), m = any(matrices);
    switch (pick(9)) {
      case 0:
        values.push_back(p + q);
        break;
      case 1:
        values.push_back(p * q);
        break;
      case 2:
        values.push_back(tanh(p));
        break;
      case 3:
      case 4:
        values.push_back(0.5 * primitives::matmul(p, m));
        break;
      case 5:
        values.push_back(0.5 * primitives::matmul(p, m, {false, true}));
        break;
      case 6:
        matrices.push_back(tanh(m * 0.5));
        break;
      case 7:
        values.push_back(primitives::broadcast(primitives::sum(p, {0}, false), rows) * 0.25);
        break;
      default:
        values.push_back(
            primitives::slice(primitives::node(Op::concatenate, {p, q}, primitives::AxisAttrs{1}), {0, 2}, {batch, 4}));
    }
  }
  body->outputs = {tanh(any(values)).id, any(values).id};
  for (std::size_t k = pick(4); k-- > 0;) body->outputs.push_back(any(values).id);
  Graph g;
  const Shape stack = rows.with_front(Dim(steps));
  const std::vector<Value> in{input(g, "a", rows),   input(g, "b", rows),   input(g, "x", stack), input(g, "y", stack),
                              input(g, "u", square), input(g, "v", square), input(g, "m", rows)};
  const ir::ValueId first = primitives::node(Op::scan, in, ScanAttrs{body, 2, 2, steps, pick(2) == 0}).id;
  for (int k = 0; k < g.node_of(first).outputs; ++k) {
    if (pick(3) > 0) g.outputs.push_back(first + k);
  }
  if (g.outputs.empty()) g.outputs.push_back(first);
  return g;
}

TEST(Scans, RandomLoopsAndTheirGradientsComputeTheSame) {
  std::mt19937 random(11);
  for (std::uint64_t round = 0; round < 200; ++round) {
    Graph g = random_loop(random);
    if (round % 4 != 0) differentiate(g);
    expect_same(g, round);
    if (HasFatalFailure()) return;
  }
}

// Parts of the rows, each on a thread of its own, give the same bits.
TEST(Scans, RowsAreComputedApartWhereTheyAre) {
  const int before = support::num_threads();
  std::mt19937 random(12);
  int apart = 0;
  for (std::uint64_t round = 0; round < 100; ++round) {
    Graph g = random_loop(random);
    if (round % 2 != 0) differentiate(g);
    ir::Sample sample{.inputs = {}, .attrs = {}, .low = -1, .high = 1};
    for (const ir::Input& each : g.inputs) sample.inputs.push_back(g.type(each.value));
    const std::vector<Array> inputs = primitives::draw(sample, round);
    support::set_num_threads(1);
    const std::vector<Array> one = run(g, inputs);
    support::set_num_threads(3);
    apart += compile::compile(g, session::target())->str().find(" parts)") != std::string::npos;
    const std::vector<Array> three = run(g, inputs);
    for (std::size_t i = 0; i < one.size(); ++i)
      EXPECT_TRUE(identical(one[i], three[i])) << round << ": " << ir::print(g);
  }
  support::set_num_threads(before);
  EXPECT_GE(apart, 20);
}

}  // namespace
}  // namespace keras
