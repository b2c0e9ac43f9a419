// Choices and loops.
#include <fmt/format.h>
#include <keras/backend.h>
#include <keras/error.h>

#include "ops/record.h"
#include "ops/time.h"

namespace keras::backend {

Tensor switch_(const Tensor& condition, const Tensor& then_expression, const Tensor& else_expression) {
  KERAS_RECORD_3(condition, then_expression, else_expression, switch_(condition, then_expression, else_expression))
  Tensor wide = condition;
  const int rank = std::max(then_expression.ndim(), else_expression.ndim());
  if (condition.ndim() > rank) {
    throw ValueError(fmt::format(
        "backend::switch_: the condition must have no more axes than the expressions. Received: shapes {}, {} and {}.",
        condition.shape().str(), then_expression.shape().str(), else_expression.shape().str()));
  }
  while (condition.ndim() > 0 && wide.ndim() < rank) wide = ops::expand_dims(wide, -1);
  return ops::where(wide, then_expression, else_expression);
}

Tensor map_fn(const std::function<Tensor(const Tensor&)>& fn, const Tensor& elems) {
  return ops::scan(
             [fn](const auto&, const auto& slices) -> ops::ScanStep {
               return {{}, {fn(slices[0])}};
             },
             {}, {elems})
      .made[0];
}

namespace {
Tensor fold(const char* name, const Fold& fn, const Tensor& elems, const Tensor& initializer, bool backwards) {
  std::vector<Tensor> all{elems};
  if (!initializer.empty()) all.push_back(initializer);
  if (ops::recording(all)) {
    return ops::record_op(name, all, [=](const std::vector<Tensor>& in) -> std::vector<Tensor> {
      return {fold(name, fn, in[0], in.size() > 1 ? in[1] : Tensor(), backwards)};
    })[0];
  }
  Tensor first = initializer, rest = elems;
  if (first.empty()) {  // the first element itself
    if (elems.ndim() == 0 || elems.shape(0) == Dim(0)) {
      throw ValueError(fmt::format("backend::{}: without an initializer there must be an element. Received: shape {}.",
                                   name, elems.shape().str()));
    }
    const std::size_t rank = elems.shape().size();
    std::vector<std::int64_t> start(rank, 0), size(rank, -1);
    if (elems.shape(0).known()) size[0] = elems.shape(0).value() - 1;
    if (!backwards) start[0] = 1;
    first = ops::take(elems, backwards ? -1 : 0, 0);
    rest = ops::slice(elems, start, size);
  }
  return ops::scan(
             [&](const auto& carry, const auto& slices) -> ops::ScanStep {
               return {{fn(carry[0], slices[0])}, {}};
             },
             {first}, {rest}, {.reverse = backwards})
      .carry[0];
}
}  // namespace

Tensor foldl(const Fold& fn, const Tensor& elems, const Tensor& initializer) {
  return fold("foldl", fn, elems, initializer, false);
}
Tensor foldr(const Fold& fn, const Tensor& elems, const Tensor& initializer) {
  return fold("foldr", fn, elems, initializer, true);
}

namespace {
using RnnStep =
    std::function<std::pair<Tensor, std::vector<Tensor>>(const Tensor& input, const std::vector<Tensor>& states)>;

void check(const Tensor& inputs, const RnnArgs& args) {
  if (inputs.ndim() < 2) {
    throw ValueError(
        fmt::format("backend::rnn: inputs must be (batch, time, …). Received: shape {}.", inputs.shape().str()));
  }
  if (args.input_length && inputs.shape(1).known() && inputs.shape(1) != Dim(*args.input_length)) {
    throw ValueError(fmt::format("backend::rnn: input_length={} does not fit inputs of shape {}.", *args.input_length,
                                 inputs.shape().str()));
  }
  if (!args.mask.empty() && args.mask.ndim() != 2 && !(args.mask.ndim() == 3 && args.mask.shape(2) == Dim(1))) {
    throw ValueError(
        fmt::format("backend::rnn: the mask must be (batch, time). Received: shape {}.", args.mask.shape().str()));
  }
}
}  // namespace

RnnResult rnn(const RnnStep& step_function, const Tensor& inputs, const std::vector<Tensor>& initial_states,
              const RnnArgs& args) {
  check(inputs, args);
  std::vector<Tensor> all{inputs};
  all.insert(all.end(), initial_states.begin(), initial_states.end());
  all.insert(all.end(), args.constants.begin(), args.constants.end());
  if (!args.mask.empty()) all.push_back(args.mask);
  const auto states_end = static_cast<std::ptrdiff_t>(1 + initial_states.size());
  if (ops::recording(all)) {
    const std::vector<Tensor> results = ops::record_op(__func__, all, [=](const std::vector<Tensor>& in) {
      RnnArgs with = args;
      const auto constants_end = states_end + static_cast<std::ptrdiff_t>(args.constants.size());
      with.constants.assign(in.begin() + states_end, in.begin() + constants_end);
      if (!args.mask.empty()) with.mask = in.back();
      const RnnResult done = rnn(step_function, in[0], {in.begin() + 1, in.begin() + states_end}, with);
      std::vector<Tensor> flat{done.last_output, done.outputs};
      flat.insert(flat.end(), done.new_states.begin(), done.new_states.end());
      return flat;
    });
    return {results[0], results[1], {results.begin() + 2, results.end()}};
  }

  const auto step = [&](const Tensor& slice, const std::vector<Tensor>& states) {
    std::vector<Tensor> given = states;
    given.insert(given.end(), args.constants.begin(), args.constants.end());
    auto done = step_function(slice, given);
    if (done.second.size() == initial_states.size()) return done;
    throw ValueError(fmt::format("backend::rnn: a step must give as many states as there are: {}. Received: {}.",
                                 initial_states.size(), done.second.size()));
  };
  std::vector<Tensor> over{ops::swap_time(inputs)}, carry = initial_states;
  const bool masked = !args.mask.empty();
  if (masked) {
    const Tensor mask = args.mask.ndim() == 3 ? ops::squeeze(args.mask, {-1}) : args.mask;
    over.push_back(ops::swap_time(ops::cast(mask, DType::boolean)));
  }
  if (args.go_backwards) {
    for (Tensor& each : over) each = ops::flip(each, {0});
  }
  // What is repeated where the mask is false: the output before, zeros at first. Only its type is asked for here.
  if (masked) carry.push_back(ops::zeros_like(step(ops::take(over[0], 0, 0), initial_states).first));
  const ops::ScanStep done = ops::scan(
      [&](const std::vector<Tensor>& now, const std::vector<Tensor>& slices) -> ops::ScanStep {
        const auto states_now = std::vector<Tensor>(now.begin(), now.begin() + (states_end - 1));
        auto [output, states] = step(slices[0], states_now);
        if (masked) {
          output = ops::choose(slices[1], output, now.back());
          for (std::size_t i = 0; i < states.size(); ++i) states[i] = ops::choose(slices[1], states[i], states_now[i]);
          states.push_back(output);
        }
        return {states, {output}};
      },
      carry, over, {.unroll = args.unroll});
  return {ops::take(done.made[0], -1, 0),
          ops::swap_time(done.made[0]),
          {done.carry.begin(), done.carry.begin() + (states_end - 1)}};
}

}  // namespace keras::backend
