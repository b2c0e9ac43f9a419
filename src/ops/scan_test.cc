// ops::scan against loops written out, its gradients, and its errors.
#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/ops.h>
#include <keras/random.h>

#include "ops/trace.h"
#include "tests/support/error_of.h"

namespace keras {
namespace {

using testing::error_of;

Array draw(const Shape& shape) { return random::normal(shape, {}); }

// A recurrent step over whatever else it uses.
ops::ScanStep step(const std::vector<Tensor>& carry, const std::vector<Tensor>& slices, const Tensor& w,
                   const Tensor& u) {
  const Tensor state = ops::tanh(ops::matmul(slices[0], w) + ops::matmul(carry[0], u));
  return {{state, carry[1] + 1}, {state, state * carry[0]}};
}

TEST(Scan, IsALoop) {
  random::seed(3);
  const Array x = draw({5, 2, 3}), w = draw({3, 4}), u = draw({4, 4}), start = draw({2, 4});
  for (const bool reverse : {false, true}) {
    std::vector<std::vector<Array>> results;
    for (const bool unroll : {false, true}) {
      const Tensor wt(w), ut(u), xt(x), st(start);
      const ops::ScanStep done = ops::scan([&](auto& carry, auto& slices) { return step(carry, slices, wt, ut); },
                                           {st, Tensor(zeros({}))}, {xt}, {.reverse = reverse, .unroll = unroll});
      ASSERT_EQ(done.carry.size(), 2u);
      ASSERT_EQ(done.made.size(), 2u);
      EXPECT_EQ(done.made[0].shape(), (Shape{5, 2, 4}));
      const Tensor loss = ops::sum(ops::square(done.made[1])) + ops::sum(done.carry[0] * 3);
      std::vector<Tensor> all = ops::gradients(loss, {xt, wt, ut, st});
      all.insert(all.end(), {done.carry[0], done.carry[1], done.made[0], done.made[1]});
      results.push_back(eval(all));
      EXPECT_EQ(results.back()[5].item(), 5);
    }
    for (std::size_t i = 0; i < results[0].size(); ++i)
      EXPECT_LT(Array(ops::max(ops::abs(Tensor(results[0][i]) - results[1][i]))).item(), 1e-5) << i;
    const std::size_t last = reverse ? 0 : 4;
    EXPECT_TRUE(identical(results[0][4], results[0][6][last])) << "the last carry is what the last step made";
  }
}

TEST(Scan, GoesOverNothingButALength) {
  const ops::ScanStep powers = ops::scan(
      [](auto& carry, auto&) -> ops::ScanStep {
        return {{carry[0] * 2}, {carry[0]}};
      },
      {Tensor(ones({}))}, {}, {.length = 4});
  EXPECT_TRUE(identical(Array(powers.made[0]), Array({1.0F, 2.0F, 4.0F, 8.0F})));
  EXPECT_EQ(Array(powers.carry[0]).item(), 16);
}

TEST(Scan, DrawsAnewInEachStep) {
  ops::Trace trace(7);
  trace.set_step(Tensor(Array::scalar_int(2, DType::int64)));
  const Tensor made = ops::scan(
                          [](auto&, auto& slices) -> ops::ScanStep {
                            return {{}, {slices[0] + ops::random_uniform({3})}};
                          },
                          {}, {Tensor(zeros({4, 3}))})
                          .made[0];
  const Array drawn = eval(made);
  for (std::int64_t i = 1; i < 4; ++i) EXPECT_FALSE(identical(drawn[i], drawn[0])) << i;
}

TEST(Scan, SaysWhatDoesNotFit) {
  const auto keep = [](auto& carry, auto&) -> ops::ScanStep { return {carry, {}}; };
  EXPECT_NE(error_of<ValueError>([&] { ops::scan(keep, {Tensor(ones({2}))}, {}); }).find(".length"), std::string::npos);
  EXPECT_NE(error_of<ValueError>([&] {
              ops::scan(keep, {Tensor(ones({2}))}, {Tensor(ones({3, 2})), Tensor(ones({4}))});
            }).find("f32[3,2], f32[4]"),
            std::string::npos);
  EXPECT_NE(error_of<ValueError>([&] {
              ops::scan(
                  [](auto& carry, auto&) -> ops::ScanStep {
                    return {{ops::concatenate({carry[0], carry[0]})}, {}};
                  },
                  {Tensor(ones({2}))}, {}, {.length = 3});
            }).find("f32[2]. Received: f32[4]"),
            std::string::npos);
  ops::Trace trace;
  const Variable v(ones({2}), {.name = "count"});
  EXPECT_NE(error_of<ValueError>([&] {
              ops::scan(
                  [&](auto& carry, auto&) -> ops::ScanStep {
                    Variable(v).assign(carry[0]);
                    return {carry, {}};
                  },
                  {Tensor(ones({2}))}, {}, {.length = 3});
            }).find("\"count\""),
            std::string::npos);
}

}  // namespace
}  // namespace keras
