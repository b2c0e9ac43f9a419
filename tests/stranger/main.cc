// What uses the op and the layer that run.py adds: values, gradients, a configuration, and training with both.
#include <keras/keras.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

using namespace keras;

static void expect(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "stranger: %s\n", what);
  std::exit(1);
}

static double bent(double x) { return (std::sqrt(x * x + 1) - 1) / 2 + x; }
static double slope(double x) { return x / (2 * std::sqrt(x * x + 1)) + 1; }

int main() {
  random::seed(1);
  const Array x = linspace(-3, 3, 61);
  const Array y = ops::bent(x);
  const Tensor variable(x);
  const Array gradient = ops::gradients(ops::sum(ops::bent(variable)), std::vector<Tensor>{variable})[0];
  for (std::int64_t i = 0; i < x.length(); ++i) {
    expect(std::fabs(y.at({i}) - bent(x.at({i}))) < 1e-6, "the op's values are wrong");
    expect(std::fabs(gradient.at({i}) - slope(x.at({i}))) < 1e-6, "the op's gradient is wrong");
  }
  const Array whole = ops::bent(arange(4));
  expect(whole.dtype() == DType::float32, "an integer operand is not promoted");

  const Layer shift = layers::Shift({.by = 2.5});
  expect(shift.get_config().at("by").as_real() == 2.5, "the layer's configuration lacks its argument");
  expect(Array(shift(Tensor(zeros({2, 3})))).at({1, 2}) == 2.5, "the layer does not add");

  const Activation activation(static_cast<Activation::Function>(ops::bent));
  Sequential model({layers::Dense(8, {.activation = activation, .input_dim = 1}), shift, layers::Dense(1)});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.03}), .loss = "mse"});
  const Array inputs = x.reshape({-1, 1}), targets = ops::square(inputs);
  const History history = model.fit(inputs, targets, {.epochs = 100, .verbose = 0});
  expect(history.history.at("loss").back() < 0.5 * history.history.at("loss").front(), "the model does not learn");
  std::printf("an op and a layer of a stranger's: loss %.3f, then %.3f\n", history.history.at("loss").front(),
              history.history.at("loss").back());
}
