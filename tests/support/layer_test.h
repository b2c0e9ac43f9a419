// layer_test(layer, {.input = {2, 3}}): holds one layer to what every layer must do.
#pragma once

#include <gtest/gtest.h>
#include <keras/error.h>
#include <keras/layer.h>
#include <keras/ops.h>
#include <keras/random.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "layers/layer_state.h"
#include "layers/table.h"
#include "ops/trace.h"

namespace keras::testing {

struct LayerTestArgs {
  Shape input;                      // of a batch
  std::vector<Shape> more = {};     // further inputs
  std::optional<Maker> maker = {};  // custom<B>() of a layer that is not in the library's table
  bool smooth = true;               // whether its gradient is compared with finite differences
  int elements = 12;                // of each array, for finite differences
};

namespace detail {

// Also of the layers among its arguments.
inline void set_dtype(Config& config, DType dtype) {
  config.set("dtype", dtype.name());
  const auto inner = [&](Config layer) {
    Config arguments = layer.at("config");
    set_dtype(arguments, dtype);
    return layer.set("config", arguments);
  };
  for (const char* key : {"layer", "backward_layer", "cell"}) {
    if (const Config* layer = config.find(key); layer && layer->is_map()) config.set(key, inner(*layer));
  }
  if (const Config* given = config.find("cells")) {
    Config cells = Config::list();
    for (const Config& cell : given->items()) cells.push_back(inner(cell));
    config.set("cells", cells);
  }
}

inline Layer made_again(const Layer& layer, const LayerTestArgs& args, std::optional<DType> dtype = {}) {
  Config config = layer.get_config();
  if (dtype) set_dtype(config, *dtype);
  if (args.maker) return layers::from_config(*args.maker, config);
  return layers::from_config(Config::map({{"class_name", layer.class_name()}, {"config", config}}));
}

inline std::vector<Array> draw_inputs(const LayerTestArgs& args, DType dtype) {
  std::vector<Array> inputs{random::normal(args.input).astype(dtype)};
  for (const Shape& shape : args.more) inputs.push_back(random::normal(shape).astype(dtype));
  return inputs;
}

inline std::vector<Tensor> tensors(const std::vector<Array>& arrays) { return {arrays.begin(), arrays.end()}; }

inline Tensor first(const Layer& layer, const std::vector<Tensor>& inputs) { return layer.outputs(inputs)[0]; }

inline double weighted_sum(const Layer& layer, const std::vector<Array>& inputs, const Array& weights) {
  return Array(ops::sum(first(layer, tensors(inputs)) * weights)).item();
}

inline Shape symbolic_shape(const Layer& layer, const LayerTestArgs& args) {
  Shape shape = args.input;
  shape[0] = None;
  if (args.more.empty()) return layer.compute_output_shape(shape);
  const ops::Trace scratch;
  std::vector<Tensor> inputs{ops::placeholder({layer.body()->dtype(), shape}, "x")};
  for (Shape more : args.more) {
    more[0] = None;
    inputs.push_back(ops::placeholder({layer.body()->dtype(), more}, "x"));
  }
  return first(layer, inputs).shape();
}

// The gradients of sum(layer(x) * w), by the inputs and by each trainable weight, against central differences in
// double.
inline void check_gradients(const Layer& layer, const LayerTestArgs& args) {
  const Layer twin = made_again(layer, args, DType::float64);
  if (twin.body()->dtype() != DType::float64) return;  // the layer has no dtype to be set
  const std::vector<Array> inputs = draw_inputs(args, DType::float64);
  const Array weights = random::normal(Array(first(twin, tensors(inputs))).shape()).astype(DType::float64);
  const std::vector<Variable> variables = twin.trainable_weights();
  const std::vector<Tensor> given = tensors(inputs);
  std::vector<Tensor> sources = given;
  for (const Variable& variable : variables) sources.emplace_back(variable);
  const std::vector<Array> gradients = eval(ops::gradients(ops::sum(first(twin, given) * weights), sources));
  for (std::size_t source = 0; source < sources.size(); ++source) {
    const bool input = source < inputs.size();
    Variable variable = input ? Variable() : variables[source - inputs.size()];
    const Array values = input ? inputs[source] : variable.value();
    const auto with = [&](std::int64_t at, double value) {
      Array changed = values.copy();
      changed.mutable_values<double>()[static_cast<std::size_t>(at)] = value;
      if (input) {
        std::vector<Array> others = inputs;
        others[source] = changed;
        return weighted_sum(twin, others, weights);
      }
      variable.assign(changed);
      const double sum = weighted_sum(twin, inputs, weights);
      variable.assign(values);
      return sum;
    };
    const std::int64_t stride = std::max<std::int64_t>(1, values.size() / args.elements);
    for (std::int64_t at = 0; at < values.size(); at += stride) {
      constexpr double kStep = 1e-5;
      const double value = values.values<double>()[static_cast<std::size_t>(at)];
      const double expected = (with(at, value + kStep) - with(at, value - kStep)) / (2 * kStep);
      const double actual = gradients[source].values<double>()[static_cast<std::size_t>(at)];
      EXPECT_NEAR(actual, expected, 1e-6 * std::max(1.0, std::fabs(expected)))
          << "gradient by " << (input ? "input " + std::to_string(source) : variable.name()) << ", element " << at;
    }
  }
}

// One traced step of gradient descent makes the loss smaller.
inline void check_training(const Layer& layer, const LayerTestArgs& args) {
  const std::vector<Variable> variables = layer.trainable_weights();
  if (variables.empty()) return;
  const std::vector<Array> xs = draw_inputs(args, layer.body()->dtype());
  const Array target = random::normal(Array(first(layer, tensors(xs))).shape()).astype(layer.body()->dtype());
  ops::Trace trace(7);
  std::vector<Tensor> placeholders;
  std::vector<const void*> inputs;
  for (const Array& x : xs) {
    placeholders.push_back(ops::placeholder({x.dtype(), x.shape()}, "x"));
    inputs.push_back(x.data());
  }
  const Tensor loss = ops::mean(ops::square(layer.outputs(placeholders, {.training = true})[0] - target));
  const std::vector<Tensor> gradients = ops::gradients(loss, variables);
  for (std::size_t i = 0; i < variables.size(); ++i) {
    Variable variable = variables[i];
    variable.assign(Tensor(variable) - 0.01 * gradients[i]);
  }
  const ops::Function step(std::vector<Tensor>{ops::cast(loss, DType::float64)}, trace, placeholders);
  double first = 0, second = 0;
  void* before[] = {&first};
  void* after[] = {&second};
  step.run(inputs, before);
  step.run(inputs, after);
  EXPECT_LT(second, first) << "a step of training did not make the loss smaller";
}

}  // namespace detail

inline void layer_test(const Layer& layer, LayerTestArgs args) {
  SCOPED_TRACE(layer.class_name() + " " + layer.get_config().to_json());
  const Layer twin = detail::made_again(layer, args);
  EXPECT_EQ(twin.get_config().to_json(), layer.get_config().to_json()) << "made again from its configuration";

  const Shape symbolic = detail::symbolic_shape(layer, args);
  EXPECT_TRUE(layer.built());
  EXPECT_FALSE(symbolic[0].known());
  const std::vector<Tensor> x = detail::tensors(detail::draw_inputs(args, layer.body()->dtype()));
  const Array y = detail::first(layer, x);
  Shape expected = symbolic;
  expected[0] = args.input[0];
  EXPECT_EQ(y.shape(), expected) << "a symbolic call and one on values give different shapes";
  EXPECT_EQ(y.dtype(), layer.body()->dtype());

  EXPECT_EQ(detail::symbolic_shape(twin, args), symbolic);
  const std::vector<Array> weights = layer.get_weights();
  twin.set_weights(weights);
  EXPECT_TRUE(identical(detail::first(twin, x), y)) << "with the same weights";
  std::vector<Array> too_many = weights;
  too_many.emplace_back(Shape{1});
  EXPECT_THROW(twin.set_weights(too_many), ValueError);
  std::int64_t count = 0;
  for (const Array& weight : weights) count += weight.size();
  EXPECT_EQ(layer.count_params(), count);
  for (const Variable& weight : layer.weights()) {
    EXPECT_EQ(weight.state()->path.find(layer.name() + "/"), 0u) << weight.state()->path;
  }
  const std::size_t trainable = layer.trainable_weights().size();
  layer.set_trainable(false);
  EXPECT_TRUE(layer.trainable_weights().empty());
  EXPECT_EQ(layer.non_trainable_weights().size(), weights.size());
  layer.set_trainable(true);
  EXPECT_EQ(layer.trainable_weights().size(), trainable);

  if (args.smooth) detail::check_gradients(layer, args);
  detail::check_training(layer, args);
}

}  // namespace keras::testing
