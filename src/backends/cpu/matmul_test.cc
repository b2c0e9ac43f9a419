// Our matrix products against sums in double: odd shapes, both operands transposed, batches, panels deeper than one.
#include "backends/cpu/cpu.h"
#include "backends/cpu/kernels.h"
#include "backends/cpu/node_test.h"
#include "backends/cpu/product.h"

namespace keras::backends::cpu {
namespace {

using testing::noise;

struct Case {
  std::int64_t m, n, k;
};

void check(const Shape& a, const Shape& b, bool transpose_a, bool transpose_b) {
  ir::Graph graph;
  const auto x = graph.add_input("a", {DType::float32, a}), y = graph.add_input("b", {DType::float32, b});
  graph.add(primitives::def(primitives::Op::matmul), primitives::MatmulAttrs{transpose_a, transpose_b}, {x, y});
  graph.outputs = {graph.nodes.back().first};
  const std::vector<Array> in{noise(graph.type(x), 1), noise(graph.type(y), 2)};
  const runtime::Offer offer = backend().candidate(graph, graph.nodes.back());
  ASSERT_TRUE(offer.candidate) << offer.reason;
  const auto got = testing::run_kernel(*offer.candidate, in, testing::results_of(graph, graph.nodes.back()));
  const auto want = primitives::Interpreter(graph).run(in);
  testing::expect_close(got[0], want[0], 4e-6,
                        a.str() + " x " + b.str() + (transpose_a ? " a^T" : "") + (transpose_b ? " b^T" : ""));
}

TEST(Matmul, AgreesWithTheReference) {
  if (!kernels()) GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  const std::int64_t small[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33};
  std::vector<Case> cases;
  for (std::int64_t m : small) {
    for (std::int64_t n : small) {
      for (std::int64_t k : {1, 2, 3, 5, 16, 19}) cases.push_back({m, n, k});
    }
  }
  for (const Case& c : {Case{32, 400, 784}, Case{32, 10, 400}, Case{784, 10, 32}, Case{1, 400, 784}, Case{400, 1, 784},
                        Case{1, 1, 1000}, Case{1, 2000, 300}, Case{13, 48, 1030}, Case{9, 49, 2049}, Case{600, 100, 17},
                        Case{520, 97, 33}, Case{3, 5, 0}, Case{1, 70, 0}}) {
    cases.push_back(c);
  }
  for (const Case& c : cases) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        check(ta ? Shape{c.k, c.m} : Shape{c.m, c.k}, tb ? Shape{c.n, c.k} : Shape{c.k, c.n}, ta, tb);
        if (::testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

TEST(Matmul, Batches) {
  if (!kernels()) GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  check({2, 3, 4, 5}, {2, 3, 5, 6}, false, false);
  check({2, 3, 5, 4}, {2, 3, 6, 5}, true, true);
  check({7, 4, 5}, {5, 6}, false, false);  // one b for all
  check({7, 5, 4}, {5, 6}, true, false);
  check({7, 4, 5}, {6, 5}, false, true);
}

TEST(Matmul, PropagatesNaN) {
  if (!kernels()) GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  const Product product{20, 50, 3};
  std::vector<float> a(60, 1), b(150, 1), c(1000);
  a[3 * 7] = NAN;
  b[49] = INFINITY;
  product.make({0, 20, 0, 50}, a.data(), b.data(), c.data(), 50, nullptr);
  for (std::size_t i = 0; i < 20; ++i) {
    for (std::size_t j = 0; j < 50; ++j) {
      const float got = c[i * 50 + j];
      if (i == 7)
        EXPECT_TRUE(std::isnan(got));
      else
        EXPECT_EQ(got, j == 49 ? INFINITY : 3.f);
    }
  }
}

TEST(Matmul, RefusesOtherTypes) {
  if (!kernels()) GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  ir::Graph graph;
  const auto x = graph.add_input("a", {DType::float64, {2, 2}});
  graph.add(primitives::def(primitives::Op::matmul), primitives::MatmulAttrs{}, {x, x});
  EXPECT_NE(backend().candidate(graph, graph.nodes.back()).reason.find("float64"), std::string::npos);
}

}  // namespace
}  // namespace keras::backends::cpu
