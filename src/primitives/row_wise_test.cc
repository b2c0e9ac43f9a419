// Which graphs treat rows one by one: a small graph for each op that has an axis to ask about.
#include "primitives/row_wise.h"

#include <gtest/gtest.h>

#include <functional>

#include "primitives/build.h"
#include "primitives/common.h"

namespace keras::primitives {
namespace {

bool row_wise_with(const ir::Type& x, const ir::Type& w, const std::function<Value(Value x, Value w)>& f) {
  ir::Graph graph;
  const Value a = graph.at(graph.add_input("x", x)), b = graph.at(graph.add_input("w", w, true));
  graph.outputs = {f(a, b).id};
  return row_wise(graph);
}
bool row_wise_with(const std::function<Value(Value x)>& f) {
  return row_wise_with(f32({4, 6}), f32({6, 3}), [&](Value x, Value) { return f(x); });
}

TEST(RowWise, Products) {
  const auto with = [](const ir::Type& x, const ir::Type& w, MatmulAttrs attrs, bool weight_first = false) {
    return row_wise_with(x, w,
                         [&](Value a, Value b) { return weight_first ? matmul(b, a, attrs) : matmul(a, b, attrs); });
  };
  EXPECT_TRUE(with(f32({4, 6}), f32({6, 3}), {}));
  EXPECT_TRUE(with(f32({4, 6}), f32({3, 6}), {false, true}));
  EXPECT_FALSE(with(f32({4, 6}), f32({4, 3}), {true, false}));
  EXPECT_FALSE(with(f32({4, 6}), f32({3, 4}), {}, true));
  EXPECT_TRUE(with(f32({4, 5, 6}), f32({6, 3}), {}));
  EXPECT_FALSE(row_wise_with([](Value x) { return matmul(x, x, {false, true}); }));
  EXPECT_TRUE(row_wise_with(f32({4, 5, 6}), f32({}), [](Value x, Value) { return matmul(x, x, {false, true}); }));
}

TEST(RowWise, AxesOtherThanTheFirst) {
  const auto axis = [](Op op, std::int64_t at) {
    return row_wise_with([&](Value x) { return node(op, {x}, AxisAttrs{at}); });
  };
  for (const Op op : {Op::softmax, Op::log_softmax, Op::argmax}) {
    EXPECT_TRUE(axis(op, 1));
    EXPECT_FALSE(axis(op, 0));
  }
  EXPECT_TRUE(row_wise_with([](Value x) { return sum(x, {1}, false); }));
  EXPECT_FALSE(row_wise_with([](Value x) { return sum(x, {0}, true); }));
  EXPECT_FALSE(row_wise_with([](Value x) { return sum(x, {0, 1}, false); }));
  EXPECT_TRUE(row_wise_with([](Value x) { return broadcast(sum(x, {1}, true), {4, 6}); }));
  EXPECT_FALSE(row_wise_with([](Value x) { return broadcast(x, {2, 4, 6}); }));
  EXPECT_TRUE(row_wise_with([](Value x) { return node(Op::concatenate, {x, x}, AxisAttrs{1}); }));
  EXPECT_FALSE(row_wise_with([](Value x) { return node(Op::concatenate, {x, x}, AxisAttrs{0}); }));
}

TEST(RowWise, Movements) {
  EXPECT_TRUE(row_wise_with([](Value x) { return reshape(x, {4, 2, 3}); }));
  EXPECT_FALSE(row_wise_with([](Value x) { return reshape(x, {24}); }));
  EXPECT_FALSE(row_wise_with([](Value x) { return reshape(transpose(x, {1, 0}), {4, 6}); }));
  EXPECT_TRUE(row_wise_with([](Value x) { return slice(x, {0, 2}, {4, 3}); }));
  EXPECT_FALSE(row_wise_with([](Value x) { return slice(x, {1, 0}, {2, 6}); }));
  EXPECT_TRUE(row_wise_with([](Value x) { return pad(x, {0, 1}, {0, 1}); }));
  EXPECT_FALSE(row_wise_with([](Value x) { return pad(x, {0, 0}, {1, 0}); }));
}

TEST(RowWise, EmbeddingsAndConvolutions) {
  EXPECT_TRUE(row_wise_with(i32({4, 5}), f32({9, 3}), [](Value x, Value table) {
    return node(Op::gather, {table, x}, AxisAttrs{0});
  }));
  EXPECT_FALSE(row_wise_with(f32({4, 5}), i32({4}), [](Value x, Value rows) {
    return node(Op::gather, {x, rows}, AxisAttrs{0});
  }));
  const ConvAttrs conv{.strides = {1}, .dilations = {1}, .before = {1}, .after = {1}, .sizes = {}};
  EXPECT_TRUE(row_wise_with(f32({4, 8, 2}), f32({3, 2, 5}), [&](Value x, Value filter) {
    return node(Op::conv, {x, filter}, conv);
  }));
}

TEST(RowWise, NotWhatUpdatesStatesOrForgetsTheRows) {
  EXPECT_FALSE(row_wise_with(f32({4, 6}), f32({4, 6}), [](Value, Value w) { return w; }));
  EXPECT_FALSE(row_wise_with(f32({4, 6}), f32({4, 6}), [](Value x, Value w) {
    x.graph->update(w.id, x.id);
    return x;
  }));
}

}  // namespace
}  // namespace keras::primitives
