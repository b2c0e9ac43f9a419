// Fused loops against the reference, over shapes that take every way through tiles: flat, short rows, long rows.
#include "backends/cpu/cpu.h"
#include "backends/cpu/node_test.h"
#include "primitives/value.h"

namespace keras::backends::cpu {
namespace {

using ir::Value;
using primitives::broadcast;
using primitives::Op;
using primitives::ReduceAttrs;
using testing::noise;

class Loop {
 public:
  Loop() : body(std::make_shared<ir::Graph>()) {}
  Value input(Shape shape, DType dtype = DType::float32) {
    return body->at(body->add_input("", {dtype, std::move(shape)}));
  }
  void output(Value v) { body->outputs.push_back(v.id); }

  // Runs the loop and the reference; `over[i]` is the operand that result i lies over.
  void check(double relative = 2e-6, std::vector<int> over = {}, double low = -2, double high = 2) const {
    std::vector<Array> in;
    for (std::size_t i = 0; i < body->inputs.size(); ++i)
      in.push_back(noise(body->type(body->inputs[i].value), 7 + i, low, high));
    const ir::Graph graph = testing::fused(body);
    const runtime::Offer offer = backend().candidate(graph, graph.nodes.back());
    ASSERT_TRUE(offer.candidate) << offer.reason << "\n" << ir::print(*body);
    const std::vector<Array> got =
        testing::run_kernel(*offer.candidate, in, testing::results_of(graph, graph.nodes.back()), std::move(over));
    const std::vector<Array> want = primitives::Interpreter(*body).run(in);
    for (std::size_t i = 0; i < want.size(); ++i)
      testing::expect_close(got[i], want[i], relative, ir::print(*body) + "result " + std::to_string(i));
  }
  std::string refusal() const {
    const ir::Graph graph = testing::fused(body);
    return backend().candidate(graph, graph.nodes.back()).reason;
  }

  std::shared_ptr<ir::Graph> body;
};

Value sum_rows(Value x, bool keepdims) { return primitives::sum(x, {x.type().shape.rank() - 1}, keepdims); }
Value reduce(Op op, Value x, primitives::Ints axes, bool keepdims) {
  return primitives::node(op, {x}, ReduceAttrs{std::move(axes), keepdims});
}

class FusedLoops : public ::testing::TestWithParam<std::pair<std::int64_t, std::int64_t>> {
 protected:
  void SetUp() override {
    if (std::string(isa()) == "reference") GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  }
  Shape full() const { return {GetParam().first, GetParam().second}; }
  Shape row() const { return {GetParam().second}; }
  Shape column() const { return {GetParam().first, 1}; }
};

TEST_P(FusedLoops, Elementwise) {
  Loop loop;
  const Value x = loop.input(full()), y = loop.input(full());
  const Value gelu = 0.5 * x * (1 + erf(x * 0.7071067811865476));
  loop.output(gelu);
  loop.output(select(x > y, gelu, y));
  loop.output(x > y);
  loop.check();
}

TEST_P(FusedLoops, ComposedSoftmaxWithItsParts) {
  Loop loop;
  const Value x = loop.input(full());
  const Value largest = reduce(Op::reduce_max, x, {1}, true), e = exp(x - broadcast(largest, full()));
  const Value total = sum_rows(e, true);
  loop.output(e / broadcast(total, full()));
  loop.output(total);
  loop.output(reduce(Op::reduce_min, x, {1}, false));
  loop.check();
}

// Slices are read where they lie: gates of a recurrence. Short rows of a wider matrix are refused.
TEST_P(FusedLoops, SlicesOfWiderRows) {
  const std::int64_t rows = GetParam().first, cols = GetParam().second;
  Loop loop;
  const Value gates = loop.input({rows, 3 * cols + 1}), x = loop.input(full()), w = loop.input(row());
  const auto gate = [&](std::int64_t at) { return primitives::slice(gates, {0, at}, {rows, cols}); };
  const Value y = tanh(gate(2 * cols + 1)) * x + gate(cols) * broadcast(w, full());
  loop.output(y * gate(0));
  loop.output(gate(cols));
  if (rows > 1 && cols < 64) {
    EXPECT_NE(loop.refusal().find("short rows"), std::string::npos) << loop.refusal();
  } else {
    loop.check();
  }
}

TEST_P(FusedLoops, SlicesOfRowsBelow) {
  const std::int64_t rows = GetParam().first, cols = GetParam().second;
  Loop loop;
  const Value all = loop.input({rows + 3, cols}), x = loop.input(full()), c = loop.input(column());
  loop.output(primitives::slice(all, {2, 0}, {rows, cols}) * x + broadcast(c, full()));
  loop.check();
}

TEST_P(FusedLoops, ColumnSums) {
  Loop loop;
  const Value x = loop.input(full()), w = loop.input(row());
  const Value y = x * broadcast(w, full());
  loop.output(y);
  loop.output(reduce(Op::sum, y, {0}, false));
  loop.output(reduce(Op::mean, y * y, {0}, true));
  loop.output(reduce(Op::sum, y, {0, 1}, false));
  loop.check(1e-5);
}

// What a product or a convolution makes is worked on as it comes.
TEST_P(FusedLoops, ProductsWithWhatFollows) {
  for (const bool row_wise : {false, true}) {
    Loop loop;
    const auto [m, n] = GetParam();
    const Value a = loop.input({m, 33}), b = loop.input({33, n}), bias = loop.input(row()), other = loop.input(full());
    const Value made = primitives::matmul(a, b),
                y = primitives::node(Op::relu, {made + broadcast(bias, full())}) + other;
    loop.output(y);
    loop.output(made);
    loop.output(reduce(Op::sum, y, {0}, false));
    if (row_wise) loop.output(primitives::node(Op::softmax, {y}, primitives::AxisAttrs{1}));
    loop.check(1e-5);
    loop.check(1e-5, {3, -1, -1, -1});
  }
}

TEST(FusedLoop, ConvolutionsWithWhatFollows) {
  if (std::string(isa()) == "reference") GTEST_SKIP();
  for (const std::int64_t filters : {1, 10, 32, 70, 130, 260}) {
    for (const std::int64_t size : {5, 12, 40}) {
      Loop loop;
      const Value x = loop.input({2, size, size, 3}), w = loop.input({3, 3, 3, filters}), bias = loop.input({filters});
      const primitives::ConvAttrs attrs{{1, 1}, {1, 1}, {1, 1}, {1, 1}, 1, {}};
      const Value y = primitives::node(Op::conv, {x, w}, attrs), shifted = y + broadcast(bias, y.type().shape);
      loop.output(select(shifted > 0, shifted, 0.1 * shifted));
      loop.output(reduce(Op::sum, shifted, {0, 1, 2}, false));
      loop.check(1e-5);
    }
  }
}

TEST(FusedLoop, RefusesASourceWhoseOperandItMakes) {
  if (std::string(isa()) == "reference") GTEST_SKIP();
  Loop loop;
  const Value x = loop.input({4, 4});
  loop.output(exp(primitives::matmul(exp(x), x)));
  EXPECT_NE(loop.refusal().find("made in the loop"), std::string::npos) << loop.refusal();
}

TEST(FusedLoop, ManyThreadsGiveTheSameBits) {
  if (std::string(isa()) == "reference") GTEST_SKIP();
  Loop loop;
  const Value x = loop.input({3000, 200}), w = loop.input({200}), k = loop.input({});
  const Value y = exp(x * broadcast(w, {3000, 200})) * broadcast(k, {3000, 200});
  loop.output(reduce(Op::sum, y, {0, 1}, false));
  loop.output(reduce(Op::mean, y, {0}, false));
  loop.output(sum_rows(y, false));
  loop.output(k + 1);
  const ir::Graph graph = testing::fused(loop.body);
  const runtime::Offer offer = backend().candidate(graph, graph.nodes.back());
  ASSERT_TRUE(offer.candidate) << offer.reason;
  std::vector<Array> in, first;
  for (const ir::Input& input : loop.body->inputs) in.push_back(noise(loop.body->type(input.value), 3));
  const int before = support::num_threads();
  for (const int threads : {1, 2, 3, 2}) {
    support::set_num_threads(threads);
    auto got =
        testing::run_kernel(*offer.candidate, in, testing::results_of(graph, graph.nodes.back()), {-1, -1, -1, 2});
    if (first.empty()) first = got;
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_TRUE(identical(got[i], first[i])) << i << " " << threads;
  }
  support::set_num_threads(before);
}

TEST_P(FusedLoops, Softmax) {
  for (const Op op : {Op::softmax, Op::log_softmax}) {
    Loop loop;
    const Value x = loop.input(full());
    loop.output(primitives::node(op, {2 * x}, primitives::AxisAttrs{1}));
    loop.check(3e-6);
  }
}

TEST_P(FusedLoops, RowsColumnsScalars) {
  Loop loop;
  const Value x = loop.input(full()), w = loop.input(row()), c = loop.input(column()), k = loop.input({});
  const Value z = tanh(x * broadcast(w, full()) + broadcast(c, full())) * broadcast(k, full());
  loop.output(z);
  loop.output(broadcast(w, full()));
  loop.output(broadcast(c, full()));
  loop.output(broadcast(k + 1, full()));
  loop.check();
}

TEST_P(FusedLoops, LayerNormalization) {
  Loop loop;
  const Value x = loop.input(full()), gamma = loop.input(row());
  const Value centred = x - broadcast(reduce(Op::mean, x, {1}, true), full());
  const Value scale = rsqrt(reduce(Op::mean, centred * centred, {1}, true) + 1e-3);  // computed on one number a row
  loop.output(centred * broadcast(scale, full()) * broadcast(gamma, full()));
  loop.output(primitives::reshape(scale, {GetParam().first}));
  loop.check(5e-6);
}

TEST_P(FusedLoops, Totals) {
  Loop loop;
  const Value x = loop.input(full());
  const Value y = x * x;
  loop.output(y);
  loop.output(primitives::sum(y, {0, 1}, false));
  loop.output(reduce(Op::mean, y, {0, 1}, true));
  loop.output(reduce(Op::reduce_max, x, {0, 1}, false));
  loop.output(reduce(Op::reduce_min, x, {0, 1}, false));
  loop.check();
}

TEST_P(FusedLoops, Conversions) {
  Loop loop;
  const Value u = loop.input(full(), DType::uint8), i = loop.input(full(), DType::int32),
              l = loop.input(full(), DType::int64), b = loop.input(full(), DType::boolean),
              bc = loop.input(column(), DType::boolean);
  const Value x = primitives::cast(u, DType::float32) / 255,
              y = primitives::cast(i, DType::float32) + primitives::cast(l, DType::float32);
  const Value m = primitives::node(Op::logical_and, {b, broadcast(bc, full())});
  const Value z = select(m, x, y) * 3;
  loop.output(z);
  loop.output(m);
  loop.output(primitives::cast(z, DType::uint8));
  loop.output(primitives::cast(z, DType::int32));
  loop.output(primitives::cast(z, DType::int64));
  loop.output(primitives::cast(y, DType::boolean));
  loop.output(primitives::cast(m, DType::float32));
  loop.check(2e-6, {}, 0, 200);
}

TEST_P(FusedLoops, InPlace) {
  Loop rmsprop;
  {
    const Value w = rmsprop.input(full()), v = rmsprop.input(full()), g = rmsprop.input(full());
    const Value v1 = 0.9 * v + 0.1 * (g * g);
    rmsprop.output(w - 0.01 * g / sqrt(v1 + 5));
    rmsprop.output(v1);
  }
  rmsprop.check(2e-6, {0, 1});
  rmsprop.check(2e-6, {2, 1});
  rmsprop.check(2e-6, {-1, 0});  // over an operand that is read after it is written
  Loop late;
  {
    const Value a = late.input(full()), b = late.input(full()), c = late.input(full(), DType::boolean);
    late.output(a * 2);
    late.output(a + b);
    late.output(select(c, b, a));
    late.output(b > a);
    late.output(primitives::node(Op::logical_not, {c}));
    late.output(a);
  }
  late.check(0);
  late.check(0, {0, 1});
  late.check(0, {1, 0});
  late.check(0, {-1, 0, 1, 2});
  late.check(0, {0, -1, -1, -1, 2, 1});
  Loop swap;
  {
    const Value a = swap.input(full()), b = swap.input(full());
    swap.output(primitives::node(Op::stop_gradient, {b}));
    swap.output(primitives::node(Op::stop_gradient, {a}));
    swap.output(a + b);
  }
  swap.check(0, {0, 1});
}

TEST_P(FusedLoops, SingleNodes) {
  const auto single = [&](Op op, std::vector<ir::Type> types, ir::Attrs attrs) {
    ir::Graph graph;
    std::vector<ir::ValueId> ids;
    std::vector<Array> in;
    for (const ir::Type& type : types)
      ids.push_back(graph.add_input("", type)), in.push_back(noise(type, 3 + ids.size()));
    graph.add(primitives::def(op), attrs, ids);
    graph.outputs = {graph.nodes.back().first};
    const runtime::Offer offer = backend().candidate(graph, graph.nodes.back());
    ASSERT_TRUE(offer.candidate) << offer.reason;
    const auto got = testing::run_kernel(*offer.candidate, in, testing::results_of(graph, graph.nodes.back()));
    testing::expect_close(got[0], primitives::Interpreter(graph).run(in)[0], 3e-6, ir::print(graph));
  };
  const ir::Type x{DType::float32, full()};
  single(Op::add, {x, x}, {});
  single(Op::exp, {x}, {});
  single(Op::broadcast, {{DType::float32, row()}}, primitives::ShapeAttrs{full()});
  single(Op::broadcast, {{DType::float32, column()}}, primitives::ShapeAttrs{full()});
  single(Op::broadcast, {{DType::int32, column()}}, primitives::ShapeAttrs{full()});
  single(Op::cast, {{DType::uint8, full()}}, primitives::CastAttrs{DType::float32});
  for (const Op op : {Op::sum, Op::mean, Op::reduce_max, Op::reduce_min}) {
    for (const bool keepdims : {false, true}) {
      single(op, {x}, ReduceAttrs{{0}, keepdims});
      single(op, {x}, ReduceAttrs{{1}, keepdims});
      single(op, {x}, ReduceAttrs{{0, 1}, keepdims});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, FusedLoops,
                         ::testing::Values(std::pair{1, 1}, std::pair{32, 10}, std::pair{7, 3}, std::pair{3, 191},
                                           std::pair{5, 192}, std::pair{32, 400}, std::pair{3, 1024},
                                           std::pair{2, 5001}, std::pair{1000, 1}, std::pair{1, 37}, std::pair{1, 2000},
                                           std::pair{300, 300}));

TEST(FusedLoop, CollapsesAxes) {
  if (std::string(isa()) == "reference") GTEST_SKIP();
  Loop loop;  // rows of the last two axes
  const Shape s{2, 3, 4, 5};
  const Value x = loop.input(s), w = loop.input({4, 5}), c = loop.input({2, 3, 1, 1});
  loop.output(x * broadcast(w, s) + broadcast(c, s));
  loop.output(reduce(Op::sum, x, {2, 3}, false));
  loop.check();
}

TEST(FusedLoop, RefusesWithAReason) {
  if (std::string(isa()) == "reference") GTEST_SKIP();
  const Shape s{2, 3, 4};
  Loop middle;
  middle.output(middle.input(s) + broadcast(middle.input({2, 1, 4}), s));
  EXPECT_NE(middle.refusal().find("neither rows nor columns"), std::string::npos) << middle.refusal();
  Loop both;
  const Value rows = broadcast(both.input({4}), s), columns = broadcast(both.input({2, 1, 1}), s);
  both.output(rows + columns);
  EXPECT_NE(both.refusal().find("rows of 4 and of 12"), std::string::npos) << both.refusal();
  Loop wide;
  const Value x = wide.input({2, 20000});
  wide.output(x / broadcast(sum_rows(x, true), {2, 20000}));
  EXPECT_NE(wide.refusal().find("rows of 20000"), std::string::npos) << wide.refusal();
  Loop doubles;
  doubles.output(exp(doubles.input({4}, DType::float64)));
  EXPECT_NE(doubles.refusal().find("float64"), std::string::npos) << doubles.refusal();
  Loop integers;
  integers.output(integers.input({4}, DType::int32) + integers.input({4}, DType::int32));
  EXPECT_NE(integers.refusal().find("int32"), std::string::npos) << integers.refusal();
  Loop empty;
  empty.output(exp(empty.input({0, 4})));
  EXPECT_FALSE(empty.refusal().empty());
  Loop inner;
  inner.output(exp(inner.input(s)));
  inner.output(reduce(Op::sum, inner.body->at(inner.body->outputs[0]), {1}, false));
  EXPECT_NE(inner.refusal().find("neither its first nor its last"), std::string::npos) << inner.refusal();
  Loop many;
  Value y = many.input({5});
  for (int i = 0; i < 200; ++i) y = y + many.input({5});
  many.output(y);
  EXPECT_NE(many.refusal().find("more than"), std::string::npos) << many.refusal();
}

}  // namespace
}  // namespace keras::backends::cpu
