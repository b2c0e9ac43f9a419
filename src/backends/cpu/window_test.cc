// Convolutions and pooling against the reference, over sizes that take every way through blocks, panels, phases and
// patches; and the same bits from any number of threads.
#include "backends/cpu/cpu.h"
#include "backends/cpu/kernels.h"
#include "backends/cpu/node_test.h"

namespace keras::backends::cpu {
namespace {

using primitives::Op;
using testing::noise;

ir::Type f32(Shape shape) { return {DType::float32, std::move(shape)}; }

void check(Op op, const ir::Attrs& attrs, const std::vector<ir::Type>& types) {
  ir::Graph graph;
  std::vector<ir::ValueId> inputs;
  std::vector<Array> in;
  for (const ir::Type& type : types) {
    inputs.push_back(graph.add_input("", type));
    in.push_back(noise(type, inputs.size()));
  }
  graph.add(primitives::def(op), attrs, inputs);
  const ir::Node& node = graph.nodes.back();
  graph.outputs = {node.first};
  std::string what = std::string(primitives::def(op).name) + " " + node.attrs.str();
  for (const ir::Type& type : types) what += " " + type.str();
  const runtime::Offer offer = backend().candidate(graph, node);
  ASSERT_TRUE(offer.candidate) << what << ": " << offer.reason;
  const auto want = primitives::Interpreter(graph).run(in);
  const int threads = support::num_threads();
  std::vector<Array> first;
  for (const int count : {1, 2, 3}) {
    support::set_num_threads(count);
    const auto got = testing::run_kernel(*offer.candidate, in, testing::results_of(graph, node));
    if (first.empty()) {
      first = got;
      testing::expect_close(got[0], want[0], 4e-6, what);
    } else {
      EXPECT_TRUE(identical(first[0], got[0])) << what << " with " << count << " threads";
    }
  }
  support::set_num_threads(threads);
}

struct Case {
  std::int64_t batch;
  primitives::Ints in, window;
  std::int64_t channels, filters;
  primitives::Ints strides, dilations, before, after;
  std::int64_t groups = 1;
};

void check_conv(const Case& c) {
  primitives::ConvAttrs attrs{c.strides, c.dilations, c.before, c.after, c.groups, {}};
  Shape x{c.batch}, w, y{c.batch};
  for (std::size_t d = 0; d < c.in.size(); ++d) {
    x.push_back(c.in[d]), w.push_back(c.window[d]);
    y.push_back((c.in[d] + c.before[d] + c.after[d] - ((c.window[d] - 1) * c.dilations[d] + 1)) / c.strides[d] + 1);
  }
  x.push_back(c.channels), y.push_back(c.filters);
  w.push_back(c.channels / c.groups), w.push_back(c.filters);
  check(Op::conv, attrs, {f32(x), f32(w)});
  attrs.sizes = c.in;
  check(Op::conv_transpose, attrs, {f32(y), f32(w)});
  attrs.sizes = c.window;
  check(Op::conv_filter, attrs, {f32(x), f32(y)});
}

TEST(Windows, ConvolutionsAgreeWithTheReference) {
  if (!kernels()) GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  const Case cases[] = {
      {2, {28, 28}, {3, 3}, 1, 32, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
      {3, {13, 11}, {3, 3}, 32, 64, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
      {2, {13, 11}, {3, 3}, 5, 70, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
      {2, {9, 10}, {2, 2}, 16, 33, {1, 1}, {1, 1}, {0, 0}, {1, 1}},
      {1, {20, 20}, {3, 3}, 70, 130, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
      {2, {8, 8}, {2, 2}, 24, 16, {2, 2}, {1, 1}, {0, 0}, {0, 0}},
      {2, {9, 7}, {3, 3}, 8, 16, {2, 2}, {1, 1}, {1, 0}, {1, 1}},
      {1, {11, 12}, {2, 3}, 3, 7, {3, 2}, {1, 1}, {0, 1}, {0, 1}},
      {2, {12, 14}, {3, 3}, 4, 17, {1, 1}, {2, 3}, {2, 3}, {2, 3}},
      {1, {12, 14}, {3, 3}, 4, 6, {2, 2}, {2, 2}, {2, 2}, {2, 2}},
      {2, {10, 9}, {3, 3}, 8, 12, {1, 1}, {1, 1}, {1, 1}, {1, 1}, 2},
      {2, {10, 9}, {3, 3}, 6, 6, {1, 1}, {1, 1}, {1, 1}, {1, 1}, 6},
      {2, {10, 9}, {3, 2}, 18, 18, {2, 2}, {1, 1}, {1, 0}, {1, 1}, 18},
      {1, {10, 9}, {3, 3}, 6, 18, {1, 1}, {2, 2}, {2, 2}, {2, 2}, 6},
      {4, {6, 5}, {1, 1}, 40, 20, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
      {4, {6, 5}, {1, 1}, 40, 20, {2, 2}, {1, 1}, {0, 0}, {0, 0}},
      {2, {1, 1}, {3, 3}, 4, 5, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
      {3, {50}, {5}, 7, 9, {1}, {1}, {4}, {0}},
      {3, {50}, {4}, 1, 9, {2}, {1}, {1}, {2}},
      {2, {5, 6, 7}, {3, 2, 3}, 3, 20, {1, 1, 1}, {1, 1, 1}, {1, 0, 1}, {1, 1, 1}},
      {1, {6, 7, 5}, {2, 3, 2}, 4, 5, {2, 2, 1}, {1, 1, 2}, {0, 1, 1}, {0, 1, 1}},
      {1, {150, 3}, {3, 3}, 2, 64, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
      {17, {4, 4}, {3, 3}, 9, 200, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
  };
  for (const Case& c : cases) {
    check_conv(c);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

struct PoolCase {
  std::int64_t batch;
  primitives::Ints in, window, strides, before, after;
  std::int64_t channels;
};

TEST(Windows, PoolingAgreesWithTheReference) {
  if (!kernels()) GTEST_SKIP() << "KERAS_MAX_ISA switches the backend off";
  const PoolCase cases[] = {
      {3, {24, 24}, {2, 2}, {2, 2}, {0, 0}, {0, 0}, 64},
      {2, {13, 11}, {3, 3}, {2, 2}, {1, 0}, {1, 1}, 17},
      {2, {9, 8}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 5},
      {1, {10, 11}, {2, 3}, {3, 4}, {0, 0}, {0, 0}, 33},
      {1, {7, 7}, {7, 7}, {7, 7}, {0, 0}, {0, 0}, 20},
      {2, {31}, {3}, {2}, {1}, {1}, 3},
      {1, {5, 6, 7}, {2, 2, 3}, {2, 1, 2}, {0, 1, 1}, {1, 0, 1}, 16},
      {1, {90, 2}, {4, 1}, {1, 1}, {2, 0}, {1, 0}, 100},
  };
  for (const PoolCase& c : cases) {
    primitives::PoolAttrs attrs{c.window, c.strides, c.before, c.after, {}};
    Shape x{c.batch}, y{c.batch};
    for (std::size_t d = 0; d < c.in.size(); ++d) {
      x.push_back(c.in[d]);
      y.push_back((c.in[d] + c.before[d] + c.after[d] - c.window[d]) / c.strides[d] + 1);
    }
    x.push_back(c.channels), y.push_back(c.channels);
    check(Op::max_pool, attrs, {f32(x)});
    check(Op::average_pool, attrs, {f32(x)});
    check(Op::max_pool_scatter, attrs, {f32(x), f32(y)});
    check(Op::max_pool_gather, attrs, {f32(x), f32(x)});
    attrs.sizes = c.in;
    check(Op::average_pool_transpose, attrs, {f32(y)});
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace keras::backends::cpu
