// Placeholders, and functions between tensors: compiled for each set of input shapes.
#include <fmt/format.h>
#include <keras/backend.h>
#include <keras/error.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "backend/replay.h"
#include "layers/core/input_layer.h"
#include "layers/frame.h"
#include "ops/samples.h"
#include "ops/trace.h"
#include "tensor/random_stream.h"

namespace keras::backend {

Tensor placeholder(const Shape& shape, PlaceholderArgs args) {
  if (args.ndim && *args.ndim != shape.rank()) {
    throw ValueError(fmt::format("backend::placeholder: ndim={} does not fit the shape {}.", *args.ndim, shape.str()));
  }
  return layers::input_tensor(shape, args.dtype.value_or(floatx()), std::move(args.name));
}
Tensor placeholder(PlaceholderArgs args) {
  if (!args.ndim) throw ValueError("backend::placeholder: a shape or ndim must be given.");
  return placeholder(Shape(std::vector<Dim>(static_cast<std::size_t>(*args.ndim))), std::move(args));
}
bool is_keras_tensor(const Tensor& x) { return ops::recorded(x); }
bool is_placeholder(const Tensor& x) { return ops::recorded(x) && x.node()->made_by->inputs.empty(); }

namespace {
using Kind = ops::TensorNode::Kind;
constexpr std::size_t kMostPrograms = 16;

// learning_phase() among the inputs.
bool is_phase(const Tensor& input) { return !input.empty() && input.node()->kind == Kind::integer; }

std::string name_of(const Tensor& input, std::size_t index) {
  return ops::recorded(input) ? input.node()->made_by->name : fmt::format("{}", index);
}
}  // namespace

struct FunctionState {
  struct Compiled {
    std::vector<Shape> shapes;
    bool training;
    ops::Function function;
  };

  std::vector<Tensor> inputs, outputs;
  std::vector<Update> updates;
  std::uint64_t seed = next_stream();
  std::atomic<std::int64_t> calls = 0;
  std::mutex mutex;
  std::vector<Compiled> compiled;  // the last used in front

  // Under the lock.
  ops::Function find(const std::vector<Shape>& shapes, bool training) {
    const auto same = [&](const Compiled& each) { return each.training == training && each.shapes == shapes; };
    auto it = std::find_if(compiled.begin(), compiled.end(), same);
    if (it == compiled.end()) {
      if (compiled.size() == kMostPrograms) compiled.pop_back();
      it = compiled.insert(compiled.begin(), {shapes, training, compile(shapes, training)});
    }
    std::rotate(compiled.begin(), it, it + 1);
    return compiled.front().function;
  }

  ops::Function compile(const std::vector<Shape>& shapes, bool training) const {
    ops::Trace trace(seed);
    LayerState around;
    around.name = "function";
    const layers::Frame frame(around, training);
    Replay replay;
    std::vector<Tensor> places;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (is_phase(inputs[i])) continue;
      places.push_back(ops::placeholder({inputs[i].dtype(), shapes[i]}, name_of(inputs[i], i)));
      replay.set(inputs[i], places.back());
    }
    places.push_back(ops::placeholder({DType::int64, {}}, "step"));
    trace.set_step(places.back());
    std::vector<Tensor> results;
    for (const Tensor& output : outputs) results.push_back(replay.value(output));
    std::vector<Tensor> values;
    for (const Update& update : updates) {
      const Tensor value = ops::cast(replay.value(update.value), update.variable.dtype());
      if (value.ndim() != 0 && value.shape() != update.variable.shape()) {
        throw ValueError(
            fmt::format("backend::function: the update of variable \"{}\" must have its shape {}. Received: shape={}.",
                        update.variable.name(), update.variable.shape().str(), value.shape().str()));
      }
      values.push_back(ops::broadcast_to(value, update.variable.shape()));
    }
    ops::Trace changes(seed);  // what layers assigned on the way is not asked for
    for (std::size_t i = 0; i < updates.size(); ++i) changes.assign(updates[i].variable.state(), values[i]);
    return {results, changes, places, nullptr, "backend::function"};
  }

  Array fed(std::size_t i, const Array& value) const {
    if (ops::compatible(inputs[i].shape(), value.shape())) return value.astype(inputs[i].dtype());
    throw ValueError(fmt::format("backend::function: input «{}» has the shape {}. Received: shape={}.",
                                 name_of(inputs[i], i), inputs[i].shape().str(), value.shape().str()));
  }
};

Function function(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
                  const std::vector<Update>& updates) {
  auto state = std::make_shared<FunctionState>();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (ops::recorded(inputs[i]) || is_phase(inputs[i])) continue;
    throw ValueError(fmt::format("backend::function: input {} is no placeholder, and comes of none. Received: {}.", i,
                                 inputs[i].str()));
  }
  for (const Tensor& output : outputs) ops::node_of(output);  // refuses an empty one
  for (const Update& update : updates) ops::node_of(update.value);
  state->inputs = inputs, state->outputs = outputs, state->updates = updates;
  return Function(std::move(state));
}

std::vector<Array> Function::operator()(const std::vector<Array>& inputs) const {
  FunctionState& state = *state_;
  if (inputs.size() != state.inputs.size()) {
    throw ValueError(fmt::format("backend::function: {} input{} expected. Received: {}.", state.inputs.size(),
                                 state.inputs.size() == 1 ? " is" : "s are", inputs.size()));
  }
  bool training = learning_phase();
  std::vector<Array> given;
  std::vector<Shape> shapes;
  std::vector<const void*> operands;
  given.reserve(inputs.size() + 1);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    shapes.push_back(inputs[i].shape());
    if (is_phase(state.inputs[i])) {
      training = inputs[i].item() != 0;
      shapes.back() = {};
      continue;
    }
    given.push_back(state.fed(i, inputs[i]));
    operands.push_back(given.back().data());
  }
  given.push_back(Array::scalar_int(state.calls++, DType::int64));
  operands.push_back(given.back().data());
  ops::Function program;
  {
    const std::lock_guard lock(state.mutex);
    program = state.find(shapes, training);
  }
  std::vector<Array> results;
  std::vector<void*> places;
  for (const ir::Type& type : program.program().outputs) {
    results.emplace_back(type.shape, type.dtype);
    places.push_back(results.back().mutable_data());
  }
  program.run(operands, places);
  return results;
}

}  // namespace keras::backend
