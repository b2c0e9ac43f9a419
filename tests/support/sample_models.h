// The models that tools/recorder/summary.py and plot.py make, made here.
#pragma once

#include <keras/layers.h>
#include <keras/models.h>

#include <string>
#include <vector>

#include "layers/table.h"

namespace keras::testing {

inline Layer make(const Config& spec) {
  const Config& args = spec.at("args");
  if (spec.at("class").as_string() != "Sequential") {
    return layers::from_config(Config::map({{"class_name", spec.at("class")}, {"config", args}}));
  }
  const Sequential model(std::vector<Layer>{}, {.name = args.at("name").as_string()});
  if (const Config& input = spec.at("input"); !input.is_null()) {
    Shape shape;
    read_config(input, shape);
    model.add(Input(shape.slice(1), {.batch_size = shape[0]}));
  }
  for (const Config& layer : spec.at("layers").items()) model.add(make(layer));
  return model;
}

inline Model functional_chain() {
  const Tensor x = Input({5}, {.name = "x"});
  return Model(x, layers::Dense(2, {.name = "out"})(layers::Dense(3, {.activation = "relu", .name = "hidden"})(x)),
               {.name = "chain"});
}
inline Model twins() {
  const Tensor a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const Layer shared = layers::Dense(3, {.name = "shared"});
  const Tensor joined = layers::Concatenate({.name = "join"})({shared(a), shared(b)});
  return Model({a, b},
               {layers::Dense(2, {.name = "sum"})(joined),
                layers::Dense(1, {.name = "sign", .trainable = config::compatibility() == "2.2"})(joined)},
               {.name = "twins"});
}
inline Model with_ops() {
  const Tensor x = Input({5}, {.name = "x"});
  const Tensor h = layers::Add({.name = "residual"})({layers::Dense(5, {.name = "d1"})(x), x});
  return Model(x, layers::Concatenate({.name = "both"})({h, layers::Dense(3, {.name = "d3"})(h * 2 + 1)}),
               {.name = "ops"});
}
inline Model repeated() {
  const Tensor x = Input({4}, {.name = "x"});
  const Layer d = layers::Dense(4, {.name = "d"});
  return Model(x, d(d(x)), {.name = "repeated"});
}
inline Model nested() {
  const Tensor x = Input({3}, {.name = "inner_x"});
  const Tensor h = layers::Dense(4, {.name = "inner_d"})(x);
  const Model inner(x, {h, layers::Dense(2, {.name = "inner_e"})(h)}, {.name = "inner"});
  const Tensor a = Input({3}, {.name = "a"}), b = Input({3}, {.name = "b"});
  const std::vector<Tensor> left = inner.outputs({a}), right = inner.outputs({b});
  return Model({a, b},
               layers::Dense(2, {.name = "out"})(layers::Concatenate({.name = "join"})({left[0], left[1], right[0]})),
               {.name = "outer"});
}
// The states of one recurrent layer begin another.
inline Model states() {
  const Tensor a = Input({None, 3}, {.name = "a"}), b = Input({None, 2}, {.name = "b"});
  const std::vector<Tensor> made = layers::LSTM(4, {.return_state = true, .name = "encoder"}).outputs({a});
  const Tensor y = layers::LSTM(4, {.return_sequences = true, .name = "decoder"})
                       .outputs({b}, {.extra = {{"initial_state", made[1]}, {"initial_state", made[2]}}})[0];
  return Model({a, b}, layers::Dense(1, {.name = "out"})(y), {.name = "states"});
}
// Models in models: a functional one around a stack around a stack, and one behind another.
inline Model deep() {
  const Tensor x = Input({4}, {.name = "core_x"}), s = Input({4}, {.name = "side_x"}), a = Input({4}, {.name = "a"});
  const Model core(x, {layers::Dense(3, {.name = "core_d"})(x), x}, {.name = "core"});
  const Sequential within({layers::Dense(4, {.name = "t2", .input_dim = 4}), layers::ReLU({.name = "t3"})},
                          {.name = "inner_tower"});
  const Sequential tower({layers::Dense(4, {.name = "t1", .input_dim = 4}), within}, {.name = "tower"});
  const Model side(s, tower(s), {.name = "side"});
  const std::vector<Tensor> both = core.outputs({side(a)});
  const Tensor last = layers::Dense(2, {.name = "last"})(both[1]);
  return Model(a, layers::Concatenate({.name = "join"})({both[0], last, tower(a)}), {.name = "deep"});
}

// Models for pictures of any size, called on some of one size.
inline Model free_sizes() {
  const Tensor any = Input({None, None, 3}, {.name = "any"}), x = Input({8, 9, 3}, {.name = "x"});
  const Model base(any, layers::Conv2D(4, 3, {.name = "conv"})(any), {.name = "base"});
  if (config::compatibility() == "2.2") return Model(x, layers::Flatten({.name = "flat"})(base(x)), {.name = "free"});
  const Sequential tower({layers::Conv2D(2, 3, {.name = "t", .input_shape = Shape{None, None, 4}})}, {.name = "tower"});
  return Model(x, layers::Flatten({.name = "flat"})(tower(base(x))), {.name = "free"});
}

inline Model sample(const Config& spec) {
  if (!spec.is_string()) return make(spec).as<Model>();
  const std::string& name = spec.as_string();
  if (name == "functional_chain") return functional_chain();
  if (name == "functional_twins") return twins();
  if (name == "functional_ops") return with_ops();
  if (name == "functional_repeated") return repeated();
  if (name == "functional_nested") return nested();
  if (name == "functional_states") return states();
  if (name == "functional_deep") return deep();
  if (name == "functional_free") return free_sizes();
  throw ValueError("There is no sample model " + name);
}

}  // namespace keras::testing
