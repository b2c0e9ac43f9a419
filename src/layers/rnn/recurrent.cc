#include "layers/rnn/recurrent.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include "layers/reading.h"
#include "layers/rnn/cells.h"
#include "layers/table.h"
#include "ops/tensor_node.h"
#include "ops/time.h"
#include "ops/trace.h"

namespace keras {

std::vector<std::pair<std::string, Tensor>> CellBody::call_state(const Shape&, bool) { return {}; }

namespace layers {

namespace {

// The input of one step, with the batch.
Shape step_of(const Shape& shape) { return shape.slice(2).with_front(shape[0]); }

}  // namespace

std::shared_ptr<CellBody> as_cell(const Layer& layer, const std::string& who) {
  auto cell = std::dynamic_pointer_cast<CellBody>(layer.body());
  if (cell) return cell;
  throw TypeError(
      fmt::format("{}: it needs a cell, such as LSTMCell(32), or a layer of an own class that derives from CellBody. "
                  "Received: {}.{}",
                  who, describe(*layer.body()),
                  dynamic_cast<RecurrentBody*>(layer.body().get()) ? " That is a recurrent layer already." : ""));
}

RecurrentBody::RecurrentBody(const char* class_name, const Layer& cell, RecurrentOptions options,
                             Regularizer activity_regularizer, int rank)
    : cell_(child("cell", cell)), body_(as_cell(cell, class_name)), options_(options), rank_(rank) {
  state().activity_regularizer = std::move(activity_regularizer);
}

void RecurrentBody::check(const Shape& shape) const {
  if (rank_ != 0 ? shape.rank() != rank_ : shape.rank() < 3) {
    throw ValueError(fmt::format(
        "{}: expected an input of rank {}{}: (batch, time, {}). Received: shape={}.{}", layers::describe(*this),
        rank_ != 0 ? rank_ : 3, rank_ != 0 ? "" : " or more", rank_ == 5 ? "three axes of an image" : "features",
        shape.str(),
        shape.rank() == 2 ? " A sequence of single numbers has 1 feature: give it the shape (batch, time, 1)." : ""));
  }
  for (std::size_t d = 1; d < step_.size(); ++d) {
    if (!step_[d].known() || !shape[d + 1].known() || step_[d] == shape[d + 1]) continue;
    throw ValueError(fmt::format("{}: its weights were made for steps of shape {}. Received: steps of shape {}.",
                                 layers::describe(*this), step_.str(), step_of(shape).str()));
  }
}

void RecurrentBody::build_all(const std::vector<Shape>& inputs) {
  const Shape& shape = inputs.at(0);
  check(shape);
  const Shape step = step_of(shape);
  cell_.build(step);
  step_ = step;
  if (!options_.stateful) return;
  if (!shape[0].known()) {
    throw ValueError(fmt::format(
        "{}: stateful needs a known batch size, for each sample has a state that goes on in the next batch. Say "
        "Input({{…}}, {{.batch_size = …}}), or build the model for a shape with the batch. Received: shape={}.",
        layers::describe(*this), shape.str()));
  }
  for (const Shape& state_shape : body_->state_shapes(step)) {
    const Shape kept = state_shape.with_front(shape[0]);
    layers::check_weight(layers::describe(*this) + ": the state", kept, body_->dtype());
    Variable state(zeros(kept, body_->dtype()), {.name = "rnn_state", .trainable = false});
    state.state()->path = name() + "/rnn_state";
    state.state()->goes_on = true;
    this->state().states.push_back(std::move(state));
  }
}

std::vector<Tensor> RecurrentBody::initial_states(const Call& call, const Tensor& x) const {
  std::vector<Tensor> given(call.inputs.begin() + 1, call.inputs.end());
  for (const Tensor& state : named(call, "initial_state")) given.push_back(state);
  const std::vector<Shape> shapes = body_->state_shapes(step_of(x.shape()));
  if (given.empty()) {
    const std::vector<Variable>& kept = state().states;
    if (!kept.empty() && x.shape(0) != kept[0].shape()[0]) {
      throw ValueError(
          fmt::format("{}: it is stateful, for batches of {}, the size it was built for. Received: a batch of {}.",
                      layers::describe(*this), kept[0].shape()[0].value(), x.shape(0).raw()));
    }
    for (const Variable& state : kept) given.emplace_back(state);
    for (std::size_t i = given.size(); i < shapes.size(); ++i)
      given.push_back(ops::zeros(shapes[i].with_front(x.shape(0)), body_->dtype()));
    return given;
  }
  if (given.size() != shapes.size()) {
    throw ValueError(
        fmt::format("{}: its cell has {} state{}, so it takes as many initial states, or none. Received: {}.",
                    layers::describe(*this), shapes.size(), shapes.size() == 1 ? "" : "s", given.size()));
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Shape expected = shapes[i].with_front(x.shape(0));
    if (given[i].shape().rank() != expected.rank() || given[i].shape().slice(1) != expected.slice(1)) {
      throw ValueError(fmt::format("{}: initial state {} must have the shape {}. Received: shape={}.",
                                   layers::describe(*this), i, expected.str(), given[i].shape().str()));
    }
    given[i] = ops::cast(given[i], body_->dtype());
  }
  return given;
}

std::vector<Tensor> RecurrentBody::call_all(const Call& call) {
  const Tensor& x = call.inputs[0];
  check(x.shape());
  const Shape step_shape = step_of(x.shape());
  Call step_call{.training = call.training};
  {
    const ops::Scope scope(cell_.name());
    step_call.extra = body_->call_state(step_shape, call.training);
  }
  for (const Tensor& constant : named(call, "constants")) step_call.extra.emplace_back("constants", constant);

  // A mask leaves the states as they were, and the output of the step before.
  const Tensor mask = call.masks.empty() ? Tensor() : call.masks[0];
  const auto fits = [&](int axis) {
    return !mask.shape(axis).known() || !x.shape(axis).known() || mask.shape(axis) == x.shape(axis);
  };
  if (!mask.empty() && (mask.ndim() != 2 || !fits(0) || !fits(1))) {
    throw ValueError(
        fmt::format("{}: a mask says which steps count, (batch, steps). Received: a mask of shape {} for an "
                    "input of shape {}.",
                    layers::describe(*this), mask.shape().str(), x.shape().str()));
  }
  std::vector<Tensor> carry = initial_states(call, x), slices{ops::swap_time(x)};
  const std::size_t states = carry.size();
  const bool masks_output = !mask.empty() && !options_.zero_output_for_mask;
  const bool keeps_last = masks_output || (!options_.return_sequences && !(mask.empty() && body_->gives_first_state()));
  if (keeps_last) carry.push_back(ops::zeros(body_->output_shape(step_shape).with_front(x.shape(0)), body_->dtype()));
  if (!mask.empty()) slices.push_back(ops::swap_time(mask));

  const auto step = [&](const std::vector<Tensor>& before, const std::vector<Tensor>& slice) -> ops::ScanStep {
    std::vector<Tensor> inputs{slice[0]};
    inputs.insert(inputs.end(), before.begin(), before.begin() + static_cast<std::ptrdiff_t>(states));
    std::vector<Tensor> results = cell_.outputs(inputs, step_call);
    if (results.size() != states + 1) {
      throw ValueError(fmt::format("{}: the cell {} must give its output and {} state{}. Received: {} tensors.",
                                   layers::describe(*this), layers::describe(*body_), states, states == 1 ? "" : "s",
                                   results.size()));
    }
    ops::ScanStep next;
    Tensor output = results[0];
    if (!mask.empty()) {
      const Tensor other = options_.zero_output_for_mask ? Tensor(0) : before[states];
      output = ops::choose(slice[1], output, other);
    }
    for (std::size_t i = 0; i < states; ++i) {
      const Tensor& state = results[i + 1];
      next.carry.push_back(mask.empty() ? state : ops::choose(slice[1], state, before[i]));
    }
    if (keeps_last) next.carry.push_back(output);
    if (options_.return_sequences) next.made.push_back(output);
    return next;
  };
  ops::ScanStep done = ops::scan(step, carry, slices, {.reverse = options_.go_backwards, .unroll = options_.unroll});

  for (std::size_t i = 0; i < state().states.size(); ++i) Variable(state().states[i]).assign(done.carry[i]);
  std::vector<Tensor> outputs;
  if (options_.return_sequences)
    outputs.push_back(ops::swap_time(options_.go_backwards ? ops::flip(done.made[0], {0}) : done.made[0]));
  else
    outputs.push_back(done.carry[keeps_last ? states : 0]);
  if (options_.return_state)
    outputs.insert(outputs.end(), done.carry.begin(), done.carry.begin() + static_cast<std::ptrdiff_t>(states));
  for (Tensor& output : outputs) output = ops::cast(output, dtype());
  return outputs;
}

Config RecurrentBody::get_config() const {
  Config config = LayerBody::get_config().set("zero_output_for_mask", options_.zero_output_for_mask);
  config.erase("use_cudnn");  // Keras writes none
  return config;
}

std::vector<Tensor> RecurrentBody::compute_mask(const Call& call) {
  if (!options_.return_sequences || call.masks.empty()) return {};
  return {call.masks[0]};
}

}  // namespace layers

namespace {

struct RNNBody final : layers::RecurrentBody {
  static constexpr auto class_name = "RNN";
  using Args = RNNArgs;
  explicit RNNBody(const Args& args)
      : RecurrentBody(class_name, cell_of(args), layers::recurrent_options(args), args.activity_regularizer) {}

  Config get_config() const override {
    return RecurrentBody::get_config().set("cell", as_config(layers()[0]));  // as it is now
  }

 private:
  static const Layer& cell_of(const Args& args) {
    if (!args.cell) throw ValueError("RNN: there is no cell. Give one, such as RNN(LSTMCell(32)).");
    return *args.cell;
  }
};

}  // namespace

Layer layers::RNN(const Layer& cell, RNNArgs args) {
  if (args.cell) refuse_twice("RNN", "cell");
  args.cell = cell;
  return make_layer<RNNBody>(std::move(args));
}
Maker layers::makers::RNN() { return custom<RNNBody>(); }

}  // namespace keras
