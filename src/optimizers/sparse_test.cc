// The gradient of an embedding's table stays a list of rows where the optimizer lets it, with the bits of a dense
// update.
#include <gtest/gtest.h>
#include <keras/ops.h>
#include <keras/optimizers.h>
#include <keras/random.h>

#include "ops/trace.h"

namespace keras {
namespace {

Tensor loss_of(const Tensor& table, const Tensor& indices, const Array& weights) {
  return ops::sum(ops::square(ops::take(table, indices)) * weights);
}

struct Case {
  Optimizer optimizer, dense;
  bool by_rows;
};

// Three steps of looking up rows, some of them twice: the whole step traced, and the gradient made dense before.
void expect_same_bits(const Case& c, const Shape& shape, std::int64_t rows_of_batch) {
  const Array initial = random::normal(shape), weights = random::normal(shape.slice(1).with_front(rows_of_batch));
  Variable table(initial), whole(initial);
  c.optimizer.body()->build({table});
  ops::Function step;
  {
    ops::Trace trace;
    const Tensor indices = ops::placeholder({DType::int32, {rows_of_batch}}, "indices");
    const std::vector<Tensor> gradients =
        ops::gradients(loss_of(table, indices, weights), std::vector<Variable>{table});
    Optimizer(c.optimizer).apply_gradients({{gradients[0], table}});
    step = ops::Function({}, trace, std::vector<Tensor>{indices});
  }
  EXPECT_EQ(step.stages().text("fused").find("update_rows") != std::string::npos, c.by_rows);
  for (int i = 0; i < 3; ++i) {
    const Array drawn = random::uniform({rows_of_batch}, {.minval = 0, .maxval = shape[0].value() * 0.7});
    const Array indices = drawn.astype(DType::int32);
    const void* data = indices.data();
    step.run({&data, 1}, {});
    const Tensor w = whole;
    const Array gradient = ops::gradients(loss_of(w, indices, weights), std::vector<Tensor>{w})[0];
    Optimizer(c.dense).apply_gradients({{gradient, whole}});
    EXPECT_TRUE(identical(table.value(), whole.value()));
  }
  for (std::size_t i = 0; i < c.optimizer.variables().size(); ++i)
    EXPECT_TRUE(identical(c.optimizer.variables()[i].value(), c.dense.variables()[i].value()));
}

TEST(SparseGradients, EqualDenseOnes) {
  const auto both = [](const auto& make, bool by_rows) { return Case{make(), make(), by_rows}; };
  for (const Shape& shape : {Shape{50, 8}, Shape{200, 3, 5}, Shape{64}, Shape{45, 1500}}) {
    expect_same_bits(both([] { return optimizers::SGD({.learning_rate = 0.1}); }, true), shape, 20);
    expect_same_bits(both([] { return optimizers::Adagrad({.learning_rate = 0.1}); }, true), shape, 20);
  }
  expect_same_bits(both([] { return optimizers::SGD({.weight_decay = 0.5}); }, true), {50, 8}, 20);
  expect_same_bits(both([] { return optimizers::SGD({.learning_rate = 0.1}); }, true), {5000, 64}, 2000);
}

// Where Keras's update moves rows whose gradient is 0, and where most rows have one.
TEST(SparseGradients, OthersStayDense) {
  const auto both = [](const auto& make) { return Case{make(), make(), false}; };
  for (const char* name : {"rmsprop", "adam", "adadelta", "adamax", "nadam", "ftrl", "lion"})
    expect_same_bits(both([name] { return Optimizer(name); }), {50, 8}, 20);
  expect_same_bits(both([] { return optimizers::SGD({.momentum = 0.5}); }), {50, 8}, 20);
  expect_same_bits(both([] { return optimizers::SGD(); }), {10, 8}, 20);
}

}  // namespace
}  // namespace keras
