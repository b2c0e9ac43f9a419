// The primer's first program from recorded data and weights: all its figures against the golden.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/support/primer.h"

namespace keras::testing {
namespace {

constexpr double kTolerance = 1e-5;  // relative

void expect_close(double ours, double golden, const std::string& what) {
  EXPECT_LE(std::fabs(ours - golden), kTolerance * std::fabs(golden)) << what << ": " << ours << ", golden " << golden;
}

TEST(Regressor, AgreesWithTheGolden) {
  std::map<std::string, Array> golden = load_npz(test_root() + "/tests/golden/regressor.npz");
  const Array x = golden.at("x"), y = golden.at("y");
  ASSERT_EQ(x.shape(), Shape({200}));
  Sequential model = regressor_model();
  model.set_weights({golden.at("kernel0"), Array(Shape{1})});

  const Array costs = golden.at("train_cost").astype(DType::float64);
  ASSERT_EQ(costs.size(), 301);
  for (int step = 0; step < 301; ++step) {
    const double cost = model.train_on_batch(x.slice(0, 160), y.slice(0, 160));
    expect_close(cost, costs.at({step}), "cost of step " + std::to_string(step));
    if (HasFailure()) return;
  }
  expect_close(model.evaluate(x.slice(160), y.slice(160), {.batch_size = 40}), golden.at("test_cost").item(),
               "test cost");
  const std::vector<Array> weights = model.layers()[0].get_weights();
  ASSERT_EQ(weights.size(), 2u);
  expect_close(weights[0].item(), golden.at("kernel").item(), "W");
  expect_close(weights[1].item(), golden.at("bias").item(), "b");
  EXPECT_EQ(model.optimizer().iterations(), 301);
}

// The same steps by fit: one batch of 160 an epoch, in the given order.
TEST(Regressor, FitTakesTheSameSteps) {
  std::map<std::string, Array> golden = load_npz(test_root() + "/tests/golden/regressor.npz");
  const Array x = golden.at("x").slice(0, 160), y = golden.at("y").slice(0, 160);
  Sequential steps = regressor_model(), epochs = regressor_model();
  for (const Sequential& model : {steps, epochs}) model.set_weights({golden.at("kernel0"), Array(Shape{1})});
  std::vector<double> costs;
  for (int step = 0; step < 301; ++step) costs.push_back(steps.train_on_batch(x, y));
  const History history = epochs.fit(x, y, {.batch_size = 160, .epochs = 301, .verbose = 0, .shuffle = false});
  EXPECT_TRUE(same_weights(steps.get_weights(), epochs.get_weights()));
  EXPECT_EQ(history.history.at("loss"), costs);
}

}  // namespace
}  // namespace keras::testing
