// Layer: the handle. Building, calling, and getting at weights.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layer.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/frame.h"
#include "layers/layer_state.h"
#include "ops/tensor_node.h"
#include "ops/trace.h"
#include "support/text.h"

namespace keras {

namespace {

using layers::describe;

template <class T>  // of Tensors or Arrays
std::string shapes_of(const std::vector<T>& values) {
  std::vector<std::string> items;
  for (const auto& value : values) items.push_back(value.shape().str());
  return items.empty() ? "none" : support::list(items);
}

void check_rank(const LayerBody& body, const Shape& shape) {
  const InputSpec& spec = body.state().input_spec;
  if (spec.rank != 0 ? shape.rank() == spec.rank : shape.rank() >= spec.min_rank) return;
  const bool more = spec.rank == 0;
  const int wanted = more ? spec.min_rank : spec.rank;
  throw ValueError(
      fmt::format("{}: expected an input of rank {}{}, the batch included. Received: shape={}, of rank {}.{}",
                  describe(body), wanted, more ? " or more" : "", shape.str(), shape.rank(),
                  shape.rank() >= wanted ? ""
                  : spec.rank == 4       ? " Give the missing axes with reshape, such as x.reshape({-1, 28, 28, 1})."
                                         : " Give the missing axes with reshape, such as x.reshape({-1, 1})."));
}

void check_inputs(const LayerBody& body, const std::vector<Tensor>& inputs) {
  if (inputs.empty()) throw ValueError(fmt::format("{} was called without an input.", describe(body)));
  const InputSpec& spec = body.state().input_spec;
  for (const Tensor& input : inputs) {
    if (input.empty()) throw ValueError(fmt::format("{} was called on an empty Tensor.", describe(body)));
    const Shape& shape = input.shape();
    check_rank(body, shape);
    if (!spec.size || shape.empty()) continue;
    const Dim size = input.shape(spec.axis);
    if (!size.known() || size == Dim(*spec.size)) continue;
    const std::string axis = spec.axis == -1 ? "the last axis" : fmt::format("axis {}", spec.axis);
    throw ValueError(
        fmt::format("{}: expected {} of the input to be {}. Received: shape={}. Its weights were made for inputs of "
                    "that {}; give it such inputs, or use another layer.",
                    describe(body), axis, *spec.size, shape.str(), spec.axis == -1 ? "width" : "size"));
  }
}

void build(LayerBody& body, const std::vector<Shape>& shapes) {
  LayerState& state = body.state();
  const layers::Frame frame(state, false);
  const std::vector<OwnWeight> before = state.weights;  // of the constructor
  try {
    body.build_all(shapes);
    if (!state.initial_weights.empty() && state.initial_weights.size() != state.weights.size()) {
      std::vector<Variable> own;
      for (const OwnWeight& weight : state.weights) own.push_back(weight.variable);
      throw ValueError(fmt::format("{}: weights= expected {} arrays: {}. Received: {}, of shapes {}.", describe(body),
                                   own.size(), layers::list_weights(own), state.initial_weights.size(),
                                   shapes_of(state.initial_weights)));
    }
  } catch (...) {
    state.weights = before;
    throw;
  }
  state.initial_weights.clear();
  state.build_shapes = shapes;
  state.built = true;
}

// Floating inputs in the layer's dtype, as Keras casts them.
Tensor autocast(const Tensor& input, DType dtype) {
  return input.dtype().is_floating() && dtype.is_floating() && input.dtype() != dtype ? ops::cast(input, dtype) : input;
}

void add_activity_loss(const LayerState& state, const Tensor& output) {
  ops::Trace* trace = ops::Trace::current();
  if (!state.activity_regularizer || !trace) return;
  const Tensor loss = state.activity_regularizer(output);
  const Dim batch = output.ndim() > 0 ? output.shape(0) : Dim(1);
  trace->add_loss(batch.raw() > 0 ? loss / batch.raw() : loss);
}

// An error of the ops inside, with the innermost layer that was called.
constexpr const char* kRaised = "\nRaised while ";

// The shapes a layer is built for when it is called: the data's, but of any batch.
std::vector<Shape> build_shapes(const std::vector<Tensor>& inputs) {
  std::vector<Shape> shapes;
  for (const Tensor& input : inputs) {
    Shape& shape = shapes.emplace_back(input.shape());
    const bool data = !input.symbolic() || ops::Trace::current();
    if (data && !layers::Frame::current() && !shape.empty()) shape[0] = None;
  }
  return shapes;
}

std::vector<Tensor> call(LayerBody& body, Call call) {
  LayerState& state = body.state();
  check_inputs(body, call.inputs);
  if (!state.built) {
    build(body, build_shapes(call.inputs));
    check_inputs(body, call.inputs);
  }
  const layers::Frame frame(state, call.training);
  for (Tensor& input : call.inputs) input = autocast(input, state.dtype);
  std::vector<Tensor> outputs;
  try {
    outputs = body.call_all(call);
  } catch (const ValueError& error) {
    const std::string what = error.what();
    if (what.find(kRaised) != std::string::npos || what.starts_with(describe(body))) throw;
    throw ValueError(fmt::format("{}{}{} was called on {}.", what, kRaised, describe(body), shapes_of(call.inputs)));
  }
  if (outputs.empty()) throw ValueError(fmt::format("{}: call_all must give at least one output.", describe(body)));
  for (const Tensor& output : outputs) add_activity_loss(state, output);
  return outputs;
}

}  // namespace

Tensor Layer::operator()(const Tensor& x) const { return (*this)(std::vector<Tensor>{x}); }

Tensor Layer::operator()(const std::vector<Tensor>& inputs) const {
  const std::vector<Tensor> results = outputs(inputs);
  if (results.size() != 1) {
    throw ValueError(fmt::format("{} has {} outputs, and one was asked for. Call layer.outputs({{x}}) for all.",
                                 describe(*body_), results.size()));
  }
  return results[0];
}

std::vector<Tensor> Layer::outputs(const std::vector<Tensor>& inputs) const {
  const layers::Frame* outer = layers::Frame::current();
  return outputs(inputs, {.training = outer && outer->training()});
}

std::vector<Tensor> Layer::outputs(const std::vector<Tensor>& inputs, Call call) const {
  call.inputs = inputs;
  return keras::call(*body_, std::move(call));
}

bool Layer::trainable() const { return body_->trainable(); }

void Layer::set_trainable(bool trainable) const {
  LayerState& state = body_->state();
  state.trainable = trainable;
  for (OwnWeight& weight : state.weights) weight.variable.set_trainable(trainable && weight.trainable);
  for (const Layer& child : state.children) child.set_trainable(trainable);
}

void Layer::build(const Shape& input) const {
  if (built()) return;
  check_rank(*body_, input);
  keras::build(*body_, {input});
}

std::vector<Array> Layer::get_weights() const {
  std::vector<Array> arrays;
  for (const Variable& weight : weights()) arrays.push_back(weight.value());
  return arrays;
}

void Layer::set_weights(const std::vector<Array>& arrays) const {
  const std::vector<Variable> own = weights();
  const auto fits = [](const Variable& weight, const Array& array) { return weight.shape() == array.shape(); };
  if (!std::equal(own.begin(), own.end(), arrays.begin(), arrays.end(), fits)) {
    throw ValueError(
        fmt::format("{}: set_weights expected {} array{}: {}. Received: {}, of shapes {}.{}", describe(*body_),
                    own.size(), own.size() == 1 ? "" : "s", layers::list_weights(own), arrays.size(), shapes_of(arrays),
                    built() ? "" : " The layer is not built yet, which makes its weights: call it or build() first."));
  }
  for (std::size_t i = 0; i < own.size(); ++i) {
    const DType dtype = own[i].dtype();
    own[i].state()->value = arrays[i].dtype() == dtype ? arrays[i].copy() : arrays[i].astype(dtype);
  }
}

std::vector<Variable> Layer::trainable_weights() const {
  std::vector<Variable> list = weights();
  std::erase_if(list, [&](const Variable& weight) { return !trainable() || !weight.trainable(); });
  return list;
}

std::vector<Variable> Layer::non_trainable_weights() const {
  std::vector<Variable> list = weights();
  std::erase_if(list, [&](const Variable& weight) { return trainable() && weight.trainable(); });
  return list;
}

std::int64_t Layer::count_params() const {
  if (!built()) {
    throw ValueError(
        fmt::format("{} is not built yet, so it has no parameters to count. Call it, or layer.build(shape), first.",
                    describe(*body_)));
  }
  std::int64_t count = 0;
  for (const Variable& weight : weights()) count += weight.shape().elements();
  return count;
}

Shape Layer::compute_output_shape(const Shape& input) const {
  const ops::Trace scratch;
  const Tensor x = ops::placeholder({body_->dtype(), input}, "input");
  const std::vector<Tensor> results = outputs({x}, Call{});
  if (results.size() != 1) {
    throw ValueError(fmt::format("{}: compute_output_shape is for layers of one output, and it has {}.",
                                 describe(*body_), results.size()));
  }
  return results[0].shape();
}

}  // namespace keras
