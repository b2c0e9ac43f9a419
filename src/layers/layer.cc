// Layer: the handle. Building, calling, and getting at weights.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layer.h>
#include <keras/ops.h>

#include <algorithm>
#include <atomic>

#include "layers/frame.h"
#include "layers/layer_call.h"
#include "layers/layer_state.h"
#include "layers/reading.h"
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

// Checks the inputs, and builds the layer if this is its first call.
void prepare(LayerBody& body, const std::vector<Tensor>& inputs) {
  check_inputs(body, inputs);
  if (body.state().built) return;
  build(body, build_shapes(inputs));
  check_inputs(body, inputs);
}

std::vector<Tensor> masks_of(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> masks;
  bool any = false;
  for (const Tensor& tensor : tensors) {
    masks.push_back(ops::mask_of(tensor));
    any = any || !masks.back().empty();
  }
  return any ? masks : std::vector<Tensor>();
}

// The masks of the outputs, which those have that the layer did not give one itself.
void pass_masks(LayerBody& body, const Call& call, const std::vector<Tensor>& outputs) {
  const std::vector<Tensor> masks = body.compute_mask(call);
  for (std::size_t i = 0; i < std::min(masks.size(), outputs.size()); ++i) {
    const ops::NodePtr& node = ops::node_of(outputs[i]);
    if (!node->mask && !masks[i].empty()) node->mask = masks[i].node();
  }
}

std::vector<Tensor> call(LayerBody& body, Call call) {
  LayerState& state = body.state();
  if (layers::Reading* reading = layers::Reading::current()) reading->count_call();
  prepare(body, call.inputs);
  if (call.masks.empty()) call.masks = masks_of(call.inputs);
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
  pass_masks(body, call, outputs);
  for (const Tensor& output : outputs) add_activity_loss(state, output);
  if (ops::Trace* trace = ops::Trace::current()) {
    for (const auto& loss : state.added_losses) trace->add_loss(loss());
    for (const auto& [name, value] : state.added_metrics) trace->add_metric(name, value());
    if (trace->observes()) {
      for (const Tensor& output : outputs) trace->see(body.name(), body.class_name(), output);
    }
  }
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

std::vector<Tensor> Layer::outputs(const std::vector<Tensor>& inputs) const { return call(inputs, {}, std::nullopt); }

std::vector<Tensor> Layer::outputs(const std::vector<Tensor>& inputs, Call given) const {
  const bool training = given.training;
  return call(inputs, std::move(given), training);
}

std::vector<Tensor> Layer::call(const std::vector<Tensor>& inputs, Call call, std::optional<bool> training) const {
  call.inputs = inputs;
  if (ops::recording(inputs)) {
    prepare(*body_, inputs);
    const auto record = std::make_shared<LayerCall>(*this, call, training);
    const std::vector<Tensor> results = ops::record(record);
    auto& calls = body_->state().calls;
    std::erase_if(calls, [](const std::weak_ptr<LayerCall>& each) { return each.expired(); });
    calls.push_back(record);
    return results;
  }
  const layers::Frame* outer = layers::Frame::current();
  call.training = training.value_or(outer && outer->training());
  return keras::call(*body_, std::move(call));
}

namespace {

std::shared_ptr<LayerCall> call_at(const Layer& layer, int index) {
  std::vector<std::shared_ptr<LayerCall>> calls;
  for (const auto& each : layer.body()->state().calls) {
    if (auto call = each.lock()) calls.push_back(std::move(call));
  }
  if (calls.empty()) {
    throw ValueError(
        fmt::format("{} was never called on a symbolic tensor, so it has no input and output yet. Call it on "
                    "Input(…), or on what another layer gave.",
                    describe(*layer.body())));
  }
  if (index < 0 || index >= static_cast<int>(calls.size())) {
    throw ValueError(fmt::format("{} was called {} time{}. Received: index={}.", describe(*layer.body()), calls.size(),
                                 calls.size() == 1 ? "" : "s", index));
  }
  return calls[static_cast<std::size_t>(index)];
}

std::vector<Tensor> inputs_at(const Layer& layer, int index) {
  const LayerState& state = layer.body()->state();
  return index == 0 && !state.inputs.empty() ? state.inputs : call_at(layer, index)->inputs;
}
std::vector<Tensor> outputs_at(const Layer& layer, int index) {
  const LayerState& state = layer.body()->state();
  if (index == 0 && !state.outputs.empty()) return state.outputs;
  std::vector<Tensor> tensors;
  for (const auto& result : call_at(layer, index)->results) tensors.emplace_back(result.lock());
  return tensors;
}

Tensor only(const Layer& layer, const std::vector<Tensor>& tensors, const char* what) {
  if (tensors.size() == 1) return tensors[0];
  throw ValueError(fmt::format("{} has {} {}s, and one was asked for. {}s() gives them all.", describe(*layer.body()),
                               tensors.size(), what, what));
}

}  // namespace

std::vector<Tensor> Layer::inputs() const { return inputs_at(*this, 0); }
std::vector<Tensor> Layer::outputs() const { return outputs_at(*this, 0); }
Tensor Layer::input() const { return only(*this, inputs_at(*this, 0), "input"); }
Tensor Layer::output() const { return only(*this, outputs_at(*this, 0), "output"); }
Tensor Layer::get_input_at(int index) const { return only(*this, inputs_at(*this, index), "input"); }
Tensor Layer::get_output_at(int index) const { return only(*this, outputs_at(*this, index), "output"); }

bool Layer::trainable() const { return body_->trainable(); }

namespace {
std::atomic<std::uint64_t> trainable_set{0};
}  // namespace
std::uint64_t layers::trainable_changes() { return trainable_set; }

void Layer::set_trainable(bool trainable) const {
  ++trainable_set;
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

void Layer::reset_states() const {
  layers::for_each_layer(*this, [](const LayerState& state) {
    for (const Variable& each : state.states) Variable(each).assign(zeros(each.shape(), each.dtype()));
  });
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
