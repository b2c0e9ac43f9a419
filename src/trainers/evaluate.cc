// Model::evaluate, predict and predict_on_batch.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include <algorithm>

#include "callbacks/progress_bar.h"
#include "trainers/hooks.h"
#include "trainers/runner.h"

namespace keras {

namespace {
void check_args(const char* what, std::int64_t batch_size, std::optional<std::int64_t> steps) {
  if (batch_size < 1)
    throw ValueError(fmt::format("{}: batch_size must be 1 or more. Received: {}.", what, batch_size));
  if (steps && *steps < 1) throw ValueError(fmt::format("{}: steps must be 1 or more. Received: {}.", what, *steps));
}
}  // namespace

Logs Model::evaluate(const Data& x, const Data& y, EvaluateArgs args) const {
  require_compiled(*this, "evaluate");
  check_args("Model.evaluate", args.batch_size, args.steps);
  const Dataset data(*this, "Model.evaluate", x, y, args.sample_weight);
  data.check_values("Model.evaluate");
  Runner test(*this, Stage::test, data, args.batch_size);
  const std::int64_t steps = std::min(test.steps(), args.steps.value_or(test.steps()));
  if (args.verbose > 0) args.callbacks.insert(args.callbacks.begin(), progress_bar(args.verbose));
  const Hooks hooks(*this, args.callbacks, {{"steps", static_cast<double>(steps)}});
  hooks.all(&CallbackBody::on_test_begin, Logs());
  for (std::int64_t step = 0; step < steps; ++step) {
    hooks.batch(&CallbackBody::on_test_batch_begin, static_cast<int>(step), Logs());
    test.run(step * test.batch_size(), {});
    hooks.batch(&CallbackBody::on_test_batch_end, static_cast<int>(step), test.logs());
  }
  hooks.all(&CallbackBody::on_test_end, test.logs());
  return test.logs();
}

std::vector<Array> Model::predict_all(const Data& x, PredictArgs args) const {
  check_args("Model.predict", args.batch_size, args.steps);
  const Dataset data(*this, "Model.predict", x, {}, {});
  const std::int64_t batch_size = std::min(args.batch_size, data.rows());
  const std::int64_t all_steps = (data.rows() + batch_size - 1) / batch_size;
  const std::int64_t steps = std::min(all_steps, args.steps.value_or(all_steps));
  const std::int64_t rows = std::min(data.rows(), steps * batch_size);
  Batches batches(data, batch_size);
  auto program = step_program(*this, Stage::predict, data.batch_types(batch_size), data.inputs(), false);
  std::vector<Array> results;
  std::vector<std::byte*> at;
  for (const ir::Type& type : program->outputs) {
    if (type.shape.empty() || type.shape[0] != Dim(batch_size)) {
      throw ValueError(
          fmt::format("Model \"{}\": predict needs outputs whose first axis is the batch. Received: an output of "
                      "shape {}; use predict_on_batch.",
                      name(), type.shape.str()));
    }
    results.emplace_back(type.shape.slice(1).with_front(rows), type.dtype);
    at.push_back(static_cast<std::byte*>(results.back().mutable_data()));
  }
  if (args.verbose > 0) args.callbacks.insert(args.callbacks.begin(), progress_bar(args.verbose));
  const Hooks hooks(*this, args.callbacks, {{"steps", static_cast<double>(steps)}});
  hooks.all(&CallbackBody::on_predict_begin, Logs());
  std::vector<void*> outputs(results.size());
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::int64_t begin = step * batch_size, count = std::min(batch_size, data.rows() - begin);
    if (count != batch_size)
      program = step_program(*this, Stage::predict, data.batch_types(count), data.inputs(), false);
    hooks.batch(&CallbackBody::on_predict_batch_begin, static_cast<int>(step), Logs());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      outputs[i] = at[i] + static_cast<std::size_t>(begin) * (results[i].nbytes() / static_cast<std::size_t>(rows));
    }
    program->function.run_on({}, batches.get(begin, count, {}), outputs);
    hooks.batch(&CallbackBody::on_predict_batch_end, static_cast<int>(step), Logs());
  }
  hooks.all(&CallbackBody::on_predict_end, Logs());
  return results;
}

Array Model::predict(const Data& x, PredictArgs args) const {
  std::vector<Array> results = predict_all(x, std::move(args));
  if (results.size() != 1) {
    throw ValueError(fmt::format("Model \"{}\" has {} outputs: use predict_all, which returns all of them.", name(),
                                 results.size()));
  }
  return std::move(results[0]);
}

Array Model::predict_on_batch(const Data& x) const {
  const Dataset data(*this, "Model.predict_on_batch", x, {}, {});
  const auto program = step_program(*this, Stage::predict, data.batch_types(data.rows()), data.inputs(), false);
  if (program->outputs.size() != 1) {
    throw ValueError(fmt::format("Model \"{}\" has {} outputs: use predict_all, which returns all of them.", name(),
                                 program->outputs.size()));
  }
  Array result(program->outputs[0].shape, program->outputs[0].dtype);
  Batches batches(data, data.rows());
  void* output = result.mutable_data();
  program->function.run_on({}, batches.get(0, data.rows(), {}), {&output, 1});
  return result;
}

}  // namespace keras
