// The passes one by one, the memory plan, and random programs that must compute what the plain graph computes.
#include "compile/compile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "compile/passes.h"
#include "compile/plan.h"
#include "primitives/attrs.h"
#include "primitives/build.h"
#include "primitives/interpret.h"
#include "primitives/primitives.h"
#include "session/session.h"

namespace keras {
namespace {

using ir::Graph;
using ir::Value;
using primitives::Op;

const ir::Type kMatrix{DType::float32, {4, 6}};

Value input(Graph& graph, const char* name, ir::Type type = kMatrix, bool state = false) {
  return graph.at(graph.add_input(name, std::move(type), state));
}
Value call(Op op, std::initializer_list<Value> operands, ir::Attrs attrs = {}) {
  return primitives::node(op, operands, std::move(attrs));
}
int count(const Graph& graph, Op op) {
  int n = 0;
  for (const ir::Node& node : graph.nodes) n += primitives::is(node, op);
  return n;
}

Array random_array(const ir::Type& type, std::mt19937& random) {
  Array array(type.shape, DType::float32);
  std::uniform_real_distribution<float> draw(-2, 2);
  for (float& v : array.mutable_values<float>()) v = draw(random);
  return array;
}

struct Results {
  std::vector<Array> outputs, states;
};
// Runs a compiled graph; the order of `inputs` is the graph's, states among them.
Results run(const Graph& graph, const std::vector<Array>& inputs) {
  const auto program = compile::compile(graph, session::target());
  Results results;
  std::vector<const void*> in;
  std::vector<void*> states, out;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    if (graph.inputs[i].state)
      results.states.push_back(inputs[i].copy());
    else
      in.push_back(inputs[i].data());
  }
  for (Array& state : results.states) states.push_back(state.mutable_data());
  for (const ir::Type& type : program->outputs) {
    results.outputs.emplace_back(type.shape, type.dtype);
    out.push_back(results.outputs.back().mutable_data());
  }
  program->run(in, states, out);
  return results;
}

TEST(Simplify, TransposesMoveIntoProducts) {
  Graph g;
  const Value a = input(g, "a"), b = input(g, "b");
  g.outputs = {primitives::matmul(primitives::transpose(a, {1, 0}), b).id};
  const Graph s = compile::dead(compile::simplify(g, session::target()), session::target());
  ASSERT_EQ(count(s, Op::transpose), 0);
  EXPECT_TRUE(s.node_of(s.outputs[0]).attrs.as<primitives::MatmulAttrs>().transpose_a);
}

TEST(Simplify, ReshapesMergeAndReductionsKeepTheirAxes) {
  Graph g;
  const Value a = input(g, "a");
  const Value sums = primitives::reshape(primitives::sum(a, {1}, false), {4, 1});
  g.outputs = {primitives::reshape(primitives::reshape(a, {24}), {6, 4}).id, sums.id,
               primitives::reshape(primitives::reshape(a, {24}), {4, 6}).id};
  const Graph s = compile::dead(compile::simplify(g, session::target()), session::target());
  EXPECT_EQ(count(s, Op::reshape), 1);
  EXPECT_EQ(s.type(s.outputs[1]).shape, (Shape{4, 1}));
  EXPECT_EQ(s.outputs[2], s.inputs[0].value);
}

TEST(Fold, ComputesConstantsAndKeepsSplats) {
  Graph g;
  const Value c = primitives::constant(g, Array({1.0, 4.0}));
  const Value two = primitives::splat(g, 2, DType::float32, {1000, 1000});
  g.outputs = {call(Op::sqrt, {c}).id, call(Op::multiply, {two, two}).id};
  const Graph f = compile::fold(g, session::target());
  ASSERT_TRUE(primitives::is(f.node_of(f.outputs[0]), Op::constant));
  EXPECT_EQ(f.node_of(f.outputs[0]).attrs.as<primitives::ConstantAttrs>().value.str(), "[1. 2.]");
  ASSERT_TRUE(primitives::is(f.node_of(f.outputs[1]), Op::splat));
  EXPECT_EQ(f.node_of(f.outputs[1]).attrs.as<primitives::SplatAttrs>().value, 4);
}

TEST(Cse, EqualNodesBecomeOneCommutedOnesToo) {
  Graph g;
  const Value a = input(g, "a"), b = input(g, "b");
  g.outputs = {call(Op::add, {a, b}).id, call(Op::add, {b, a}).id, call(Op::subtract, {a, b}).id,
               call(Op::subtract, {b, a}).id};
  const Graph c = compile::dead(compile::cse(g, session::target()), session::target());
  EXPECT_EQ(count(c, Op::add), 1);
  EXPECT_EQ(count(c, Op::subtract), 2);
}

TEST(Fuse, TakesAChainWithItsReductionAsOneLoop) {
  Graph g;
  const Value x = input(g, "x"), b = input(g, "b", {DType::float32, {6}});
  const Value y = call(Op::relu, {call(Op::add, {x, primitives::broadcast(b, {4, 6})})});
  const Value norm = primitives::broadcast(primitives::sum(y, {1}, true), {4, 6});
  g.outputs = {call(Op::divide, {y, norm}).id};
  const Graph f = compile::fuse(g, session::target());
  EXPECT_EQ(count(f, Op::fused), 1);
  EXPECT_EQ(f.nodes.size(), 3u) << ir::print(f);
}

TEST(Fuse, DoesNotCloseACircleThroughAProduct) {
  Graph g;
  const Value x = input(g, "x", {DType::float32, {5, 5}});
  const Value a = call(Op::exp, {x});
  const Value p = primitives::matmul(a, a);
  g.outputs = {call(Op::add, {call(Op::tanh, {a}), p}).id};
  const Graph f = compile::fuse(g, session::target());
  EXPECT_NO_THROW(ir::verify(f));
  EXPECT_EQ(count(f, Op::fused), 2);  // exp and tanh; the product and the sum
}

TEST(Segments, UpdatesOfAllVariablesBecomeOne) {
  Graph g;
  const ir::Type small{DType::float32, {3}}, scalar{DType::float32, {}};
  const Value w = input(g, "w", kMatrix, true), b = input(g, "b", small, true), rate = input(g, "rate", scalar);
  const Value other = input(g, "other", scalar), x = input(g, "x"), y = input(g, "y", small);
  const auto update = [&](Value v, Value gradient, Value by) { return call(Op::sgd_update, {v, gradient, by}); };
  const Value first = update(w, x, rate);
  g.update(b.id, update(b, y, rate).id);
  const Value again = update(first, x, rate), elsewhere = update(b, y, other);  // depends on the first; another rate
  g.outputs = {again.id, elsewhere.id};
  g.update(w.id, again.id);
  const Graph s = compile::segments(g, session::target());
  EXPECT_NO_THROW(ir::verify(s));
  EXPECT_EQ(count(s, Op::sgd_update), 3) << ir::print(s);
}

TEST(Order, DrawsLateAndMultipliesEarly) {
  Graph g;
  const ir::Type scalar{DType::int64, {}};
  const Value step = input(g, "step", scalar, true), x = input(g, "x"), w = input(g, "w", {DType::float32, {6, 6}});
  const Value numbers = call(Op::random_uniform, {step, step}, primitives::RandomAttrs{0, 1, DType::float32, {4, 6}});
  const Value mask = call(Op::greater, {numbers, primitives::splat(g, 0.5, DType::float32, {4, 6})});
  const Value a = primitives::matmul(x, w), b = primitives::matmul(a, w), c = primitives::matmul(b, w);
  const Value small = primitives::matmul(a, primitives::slice(a, {0, 0}, {4, 1}), {true, false});  // [6, 1]
  g.outputs = {call(Op::where, {mask, c, x}).id, small.id};
  const Graph o = compile::order(g, session::target());
  EXPECT_NO_THROW(ir::verify(o));
  std::string ops;
  for (const ir::Node& node : o.nodes) {
    if (!node.op->is(ir::kLeaf) && !node.inputs.empty()) (ops += node.op->name) += ' ';
  }
  // The small product frees a: it comes right after the last other reader of a.
  EXPECT_EQ(ops, "matmul matmul matmul slice matmul random_uniform greater where ");
}

// A tower of layers with dropout: x = where(mask, relu(x w), 0), and what flows back through it.
Graph tower(int layers, std::int64_t rows) {
  Graph g;
  const ir::Type scalar{DType::int64, {}}, type{DType::float32, {rows, 64}};
  const Value step = input(g, "step", scalar, true);
  const Value zero = primitives::splat(g, 0, DType::float32, type.shape);
  const Value half = primitives::splat(g, 0.5, DType::float32, type.shape);
  std::vector<Value> x{input(g, "x", type)}, w, y, mask;
  for (int i = 0; i < layers; ++i) {
    w.push_back(input(g, "w", {DType::float32, {64, 64}}, true));
    y.push_back(call(Op::relu, {primitives::matmul(x.back(), w.back())}));
    const Value numbers = call(Op::random_uniform, {primitives::constant(g, Array::scalar_int(i, DType::int64)), step},
                               primitives::RandomAttrs{0, 1, DType::float32, type.shape});
    mask.push_back(call(Op::greater, {numbers, half}));
    x.push_back(call(Op::where, {mask.back(), y.back(), zero}));
  }
  Value back = x.back();
  for (int i = layers; i-- > 0;) {
    const auto k = static_cast<std::size_t>(i);
    back = call(Op::where, {mask[k], back, zero});
    back = call(Op::where, {call(Op::greater, {y[k], zero}), back, zero});
    g.update(w[k].id, primitives::matmul(x[k], back, {true, false}).id);
    back = primitives::matmul(back, w[k], {false, true});
  }
  g.outputs = {primitives::sum(back, {0}, false).id};
  return g;
}

TEST(Recompute, MakesMasksAgainInTheBackwardPart) {
  const Graph g = compile::order(tower(6, 1024), session::target());
  const Graph r = compile::recompute(g, session::target());
  EXPECT_NO_THROW(ir::verify(r));
  EXPECT_GT(count(r, Op::random_uniform), 6) << ir::print(r);
  EXPECT_LT(compile::plan(compile::fuse(r, session::target()), session::target())->arena_bytes,
            compile::plan(compile::fuse(g, session::target()), session::target())->arena_bytes);
  std::mt19937 random(4);
  std::vector<Array> inputs;
  for (const ir::Input& in : g.inputs) {
    const ir::Type& type = g.type(in.value);
    inputs.push_back(type.dtype == DType::int64 ? Array::scalar_int(7, DType::int64) : random_array(type, random));
  }
  const auto expected = primitives::Interpreter(g).run(inputs), actual = primitives::Interpreter(r).run(inputs);
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(identical(expected[i], actual[i])) << i;
}

TEST(Recompute, ReadsWhatIsKeptAnywayAndLeavesSmallValuesAlone) {
  // y = relu(x w) is read by a product at the end; its mask need not wait beside it.
  const auto graph = [](std::int64_t rows) {
    Graph g;
    const ir::Type type{DType::float32, {rows, 64}};
    const Value x = input(g, "x", type), w = input(g, "w", {DType::float32, {64, 64}});
    const Value y = call(Op::relu, {primitives::matmul(x, w)});
    const Value mask = call(Op::greater, {y, primitives::splat(g, 0, DType::float32, type.shape)});
    const Value z = call(Op::tanh, {primitives::matmul(y, w)});
    const Value back = primitives::matmul(z, w);
    const Value through = call(Op::where, {mask, back, primitives::splat(g, 0, DType::float32, type.shape)});
    g.outputs = {primitives::matmul(y, through, {true, false}).id};
    return g;
  };
  const Graph large = compile::recompute(graph(4096), session::target());
  EXPECT_EQ(count(large, Op::stop_gradient), 1) << ir::print(large);
  EXPECT_EQ(count(large, Op::greater), 1);
  EXPECT_EQ(ir::print(compile::recompute(graph(64), session::target())), ir::print(graph(64)));
  const Graph fused = compile::fuse(large, session::target());  // the first loop does not make the mask after all
  for (const ir::ValueInfo& value : fused.values) EXPECT_NE(value.type.dtype, DType::boolean) << ir::print(fused);
}

TEST(Plan, StatesSwap) {
  Graph g;
  const Value a = input(g, "a", kMatrix, true), b = input(g, "b", kMatrix, true);
  g.update(a.id, b.id);
  g.update(b.id, a.id);
  g.outputs = {a.id, b.id};
  std::mt19937 random(1);
  const Array x = random_array(kMatrix, random), y = random_array(kMatrix, random);
  const Results r = run(g, {x, y});
  EXPECT_TRUE(identical(r.states[0], y));
  EXPECT_TRUE(identical(r.states[1], x));
  EXPECT_TRUE(identical(r.outputs[0], x));
  EXPECT_TRUE(identical(r.outputs[1], y));
}

TEST(Plan, NewStatesAreWrittenOverTheOldOnesAfterTheirLastReader) {
  Graph g;
  const Value w = input(g, "w", kMatrix, true), x = input(g, "x");
  const Value next = call(Op::subtract, {w, call(Op::multiply, {x, w})});
  g.update(w.id, next.id);
  g.outputs = {primitives::matmul(w, x, {false, true}).id, next.id};
  std::mt19937 random(2);
  const Array a = random_array(kMatrix, random), b = random_array(kMatrix, random);
  const Results r = run(g, {a, b});
  const auto before = primitives::Interpreter(g).run(std::vector<Array>{a, b});
  EXPECT_TRUE(identical(r.outputs[1], r.states[0]));
  for (std::size_t i = 0; i < before.size() && i < 2; ++i) {
    for (std::int64_t k = 0; k < before[i].size(); ++k) {
      EXPECT_NEAR(before[i].flatten()[k].item(), r.outputs[i].flatten()[k].item(), 1e-5);
    }
  }
}

TEST(Plan, AnyNumberOfInputsMayBeOutputs) {
  std::mt19937 random(5);
  for (int n = 1; n < 80; ++n) {
    Graph g;
    std::vector<Array> inputs;
    for (int i = 0; i < n; ++i) {
      g.outputs.push_back(input(g, "x").id);
      inputs.push_back(random_array(kMatrix, random));
    }
    const Results results = run(g, inputs);
    for (std::size_t i = 0; i < inputs.size(); ++i)
      EXPECT_TRUE(identical(results.outputs[i], inputs[i])) << i << " of " << n;
  }
}

TEST(Plan, InputsConstantsAndReshapesMayBeOutputs) {
  Graph g;
  const Value x = input(g, "x"), w = input(g, "w", kMatrix, true);
  g.update(w.id, primitives::reshape(primitives::reshape(x, {24}), {4, 6}).id);
  g.outputs = {x.id, primitives::reshape(w, {6, 4}).id, primitives::splat(g, 3, DType::float32, {2}).id, x.id};
  std::mt19937 random(3);
  const Array a = random_array(kMatrix, random), b = random_array(kMatrix, random);
  const Results r = run(g, {a, b});
  EXPECT_TRUE(identical(r.outputs[0], a));
  EXPECT_TRUE(identical(r.outputs[1], b.reshape({6, 4})));
  EXPECT_EQ(r.outputs[2].str(), "[3. 3.]");
  EXPECT_TRUE(identical(r.outputs[3], a));
  EXPECT_TRUE(identical(r.states[0], a));
}

// Random graphs of everything that passes and planner treat in their own ways.
Graph random_graph(std::mt19937& random) {
  Graph g;
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::vector<Value> matrices{input(g, "x"), input(g, "w", kMatrix, true), input(g, "v", kMatrix, true)};
  std::vector<Value> rows{input(g, "r", {DType::float32, {6}})};
  const auto any = [&](const std::vector<Value>& of) {
    return of[static_cast<std::size_t>(pick(static_cast<int>(of.size())))];
  };
  for (int i = 0; i < 14; ++i) {
    const Value a = any(matrices), b = any(matrices);
    switch (pick(11)) {
      case 0:
        matrices.push_back(call(Op::add, {a, b}));
        break;
      case 1:
        matrices.push_back(call(Op::multiply, {a, call(Op::tanh, {b})}));
        break;
      case 2:
        matrices.push_back(call(Op::relu, {a}));
        break;
      case 3:
        matrices.push_back(call(Op::sigmoid, {call(Op::subtract, {a, b})}));
        break;
      case 4:
        matrices.push_back(call(Op::add, {a, primitives::broadcast(any(rows), {4, 6})}));
        break;
      case 5:
        rows.push_back(primitives::sum(call(Op::tanh, {a}), {0}, false));
        break;
      case 6:
        matrices.push_back(
            primitives::broadcast(primitives::node(Op::reduce_max, {a}, primitives::ReduceAttrs{{1}, true}), {4, 6}));
        break;
      case 7:
        matrices.push_back(call(Op::where, {call(Op::greater, {a, b}), a, call(Op::tanh, {b})}));
        break;
      case 8:
        matrices.push_back(call(Op::multiply, {a, primitives::splat(g, 0.25, DType::float32, {4, 6})}));
        break;
      case 9:
        matrices.push_back(call(Op::tanh, {primitives::matmul(a, primitives::matmul(b, a, {true, false}))}));
        break;
      default:
        matrices.push_back(primitives::reshape(primitives::transpose(primitives::reshape(a, {6, 4}), {1, 0}), {4, 6}));
        break;
    }
  }
  g.outputs = {matrices.back().id, primitives::sum(matrices[matrices.size() - 2], {0, 1}, false).id, any(rows).id};
  g.update(g.inputs[1].value, any(matrices).id);
  g.update(g.inputs[2].value, any(matrices).id);
  return g;
}

TEST(Pipeline, RandomProgramsComputeWhatTheGraphSays) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const Graph g = random_graph(random);
    std::vector<Array> inputs;
    for (const ir::Input& in : g.inputs) inputs.push_back(random_array(g.type(in.value), random));
    const std::vector<Array> expected = primitives::Interpreter(g).run(inputs);
    Results r = run(g, inputs);
    std::vector<Array> actual = r.outputs;
    // Updates are listed in the order of g.updates, results of states in the order of the inputs.
    for (const ir::Update& update : g.updates) actual.push_back(r.states[update.state == g.inputs[1].value ? 0 : 1]);
    ASSERT_EQ(expected.size(), actual.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto want = expected[i].values<float>(), have = actual[i].values<float>();
      for (std::size_t k = 0; k < want.size(); ++k) {
        ASSERT_NEAR(want[k], have[k], 2e-4 * (1 + std::abs(want[k]))) << "round " << round << " result " << i << '\n'
                                                                      << ir::print(g);
      }
    }
  }
}

TEST(Pipeline, ObservesEachPassByName) {
  Graph g;
  g.outputs = {call(Op::exp, {input(g, "x")}).id};
  std::string names;
  compile::run_passes(g, session::target(),
                      {.observe = [&](std::string_view name, const Graph&) { (names += name) += ' '; }});
  if (const char* off = std::getenv("KERAS_PASSES")) {
    EXPECT_EQ(names.find(std::string(off).substr(1) + " "), std::string::npos) << names;
  } else {
    EXPECT_EQ(names, "dead fold simplify cse scans touched dead order recompute fuse segments dead ");
  }
}

// As they come when the passes before are switched off.
TEST(Fuse, TakesGraphsThatNobodyTidied) {
  Graph g;
  const Value x = input(g, "x");
  const Value y = call(Op::exp, {x});
  call(Op::tanh, {call(Op::square, {y})});  // nobody needs it
  const ir::ValueId constant =
      g.add(primitives::def(Op::splat), primitives::SplatAttrs{2, DType::float32, g.type(x.id).shape}, {});
  const Value four = call(Op::add, {g.at(constant), g.at(constant)}), two = call(Op::sqrt, {four});
  g.outputs = {call(Op::add, {y, x}).id, two.id};
  const Graph fused = compile::fuse(g, session::target());
  ir::verify(fused);
  EXPECT_EQ(count(fused, Op::fused), 1);
  EXPECT_EQ(count(fused, Op::tanh), 0);
}

}  // namespace
}  // namespace keras
