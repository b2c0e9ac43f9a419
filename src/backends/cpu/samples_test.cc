// Every op of the library on the samples of its record: what the cpu backend offers agrees with the reference; and the
// chains, bit for bit.
#include "backends/cpu/cpu.h"
#include "backends/cpu/kernels.h"
#include "backends/cpu/node_test.h"
#include "primitives/draw.h"

namespace keras::backends::cpu {
namespace {

using primitives::Op;

TEST(Samples, AgreeWithTheReference) {
  if (!kernels()) GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  int ran = 0;
  for (const ir::OpDef& op : primitives::all()) {
    if (!op.samples || !op.reference) continue;
    const std::vector<ir::Sample> samples = op.samples();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const ir::Graph graph = primitives::graph_of(op, samples[i]);
      const runtime::Offer offer = backend().candidate(graph, graph.nodes.back());
      EXPECT_TRUE(offer.candidate.has_value() != !offer.reason.empty()) << op.name;
      if (!offer.candidate) continue;
      const std::vector<Array> in = primitives::draw(samples[i], 1);
      const auto got = testing::run_kernel(*offer.candidate, in, testing::results_of(graph, graph.nodes.back()));
      const auto want = primitives::Interpreter(graph).run(in);
      for (std::size_t k = 0; k < want.size(); ++k) {
        testing::expect_close(got[k], want[k], 4e-6,
                              std::string(op.name) + ", sample " + std::to_string(i) + "\n" + ir::print(graph));
      }
      ++ran;
    }
  }
  EXPECT_GT(ran, 100);
}

TEST(RandomUniform, SameBitsAsTheReference) {
  if (!kernels()) GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  for (const auto& [low, high] :
       {std::pair{0., 1.}, std::pair{-3., 0.1}, std::pair{1., 1.0000001}, std::pair{2., 1.}}) {
    ir::Graph graph;
    const auto stream = graph.add_input("", {DType::int64, {}}), step = graph.add_input("", {DType::int64, {}});
    graph.add(primitives::def(Op::random_uniform), primitives::RandomAttrs{low, high, DType::float32, {1037}},
              {stream, step});
    graph.outputs = {graph.nodes.back().first};
    const runtime::Offer offer = backend().candidate(graph, graph.nodes.back());
    ASSERT_TRUE(offer.candidate) << offer.reason;
    for (const std::int64_t seed : {std::int64_t{0}, std::int64_t{-5}, std::int64_t{0x123456789ABCDEF}}) {
      const std::vector<Array> in{Array::scalar_int(seed, DType::int64), Array::scalar_int(seed * 3 + 1, DType::int64)};
      const auto got = testing::run_kernel(*offer.candidate, in, testing::results_of(graph, graph.nodes.back()));
      EXPECT_TRUE(identical(got[0], primitives::Interpreter(graph).run(in)[0]))
          << low << " to " << high << ", stream " << seed;
    }
  }
}

TEST(Chains, SameBitsAsTheReference) {
  if (!kernels()) GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  for (int code = kRows; code < kRows + kChains; ++code) {
    const ir::OpDef& op = primitives::def(static_cast<Op>(code));
    for (const std::int64_t n : {1, 15, 16, 17, 1000}) {
      ir::Graph graph;
      std::vector<ir::ValueId> ids;
      std::vector<Array> in;
      const ir::Sample sample = op.samples().front();
      for (const ir::Type& type : sample.inputs) {
        const ir::Type mine{DType::float32, type.shape.empty() ? Shape{} : Shape{n}};
        ids.push_back(graph.add_input("", mine));
        in.push_back(testing::noise(mine, 11 + ids.size(), 0.1, 1));
      }
      graph.add(op, {}, ids);
      for (int i = 0; i < op.outputs; ++i) graph.outputs.push_back(graph.nodes.back().first + i);
      const runtime::Offer offer = backend().candidate(graph, graph.nodes.back());
      ASSERT_TRUE(offer.candidate) << offer.reason;
      const auto results = testing::results_of(graph, graph.nodes.back());
      std::vector<int> in_place(results.size());
      std::iota(in_place.begin(), in_place.end(), 0);
      const auto want = primitives::Interpreter(graph).run(in);
      for (const auto& over : {std::vector<int>{}, in_place}) {
        const auto got = testing::run_kernel(*offer.candidate, in, results, over);
        for (std::size_t k = 0; k < want.size(); ++k)
          EXPECT_TRUE(identical(got[k], want[k])) << op.name << ", result " << k << ", " << n << " elements";
      }
    }
  }
}

}  // namespace
}  // namespace keras::backends::cpu
