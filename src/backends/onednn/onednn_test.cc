// Products through oneDNN against the reference, refusals with their reasons, and that many threads may share a kernel.
#include "backends/onednn/onednn.h"

#include <gtest/gtest.h>

#include <thread>

#include "primitives/attrs.h"
#include "primitives/interpret.h"
#include "primitives/primitives.h"
#include "support/rng.h"

namespace keras::backends::onednn {
namespace {

Array noise(const Shape& shape, std::uint64_t seed) {
  Array x(shape);
  std::uint64_t i = 0;
  for (float& v : x.mutable_values<float>()) v = support::uniform_at(seed, 0, i++) * 2 - 1;
  return x;
}

ir::Graph product(const Shape& a, const Shape& b, bool transpose_a, bool transpose_b, DType dtype = DType::float32) {
  ir::Graph graph;
  const auto x = graph.add_input("a", {dtype, a}), y = graph.add_input("b", {dtype, b});
  graph.add(primitives::def(primitives::Op::matmul), primitives::MatmulAttrs{transpose_a, transpose_b}, {x, y});
  graph.outputs = {graph.nodes.back().first};
  return graph;
}

Array run(const runtime::Kernel& kernel, Array a, Array b, const Shape& shape) {
  Array c(shape);
  void* slots[] = {a.mutable_data(), b.mutable_data(), c.mutable_data()};
  const std::int32_t index[] = {0, 1, 2};
  kernel.run(runtime::Operands(slots, index), {});
  return c;
}

void check(const Shape& a, const Shape& b, bool transpose_a, bool transpose_b) {
  const ir::Graph graph = product(a, b, transpose_a, transpose_b);
  const runtime::Offer offer = backend().candidate(graph, graph.nodes.back());
  ASSERT_TRUE(offer.candidate) << offer.reason;
  const std::vector<Array> in{noise(a, 1), noise(b, 2)};
  const Array want = primitives::Interpreter(graph).run(in)[0];
  const auto kernel = offer.candidate->make();
  std::vector<Array> got(4);
  std::vector<std::thread> threads;
  for (Array& result : got)
    threads.emplace_back([&] { result = run(*kernel, in[0].copy(), in[1].copy(), want.shape()); });
  for (std::thread& thread : threads) thread.join();
  for (const Array& result : got) {
    for (std::size_t i = 0; i < want.values<float>().size(); ++i) {
      ASSERT_NEAR(result.values<float>()[i], want.values<float>()[i], 2e-5) << a.str() << " x " << b.str();
    }
  }
}

TEST(OneDnn, ProductsAgreeWithTheReference) {
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      for (const auto& [m, n, k] : {std::tuple{32, 40, 78}, std::tuple{1, 7, 5}, std::tuple{130, 3, 64}}) {
        check(ta ? Shape{k, m} : Shape{m, k}, tb ? Shape{n, k} : Shape{k, n}, ta, tb);
      }
    }
  }
  check({3, 4, 5}, {3, 5, 6}, false, false);
  check({3, 5, 4}, {5, 6}, true, false);
  check({3, 4, 5}, {6, 5}, false, true);
}

TEST(OneDnn, RefusesWithAReason) {
  const ir::Graph doubles = product({2, 2}, {2, 2}, false, false, DType::float64);
  EXPECT_NE(backend().candidate(doubles, doubles.nodes.back()).reason.find("float64"), std::string::npos);
  const ir::Graph empty = product({2, 0}, {0, 2}, false, false);
  EXPECT_NE(backend().candidate(empty, empty.nodes.back()).reason.find("empty"), std::string::npos);
}

}  // namespace
}  // namespace keras::backends::onednn
