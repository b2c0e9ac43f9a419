// Model::evaluate, predict and predict_on_batch.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include <algorithm>
#include <cstring>

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
std::map<std::string, double> hook_params(std::int64_t steps, const Dataset& data, std::int64_t batch_size, bool all) {
  std::map<std::string, double> params{{"steps", static_cast<double>(steps)}};
  if (all) {
    params["samples"] = static_cast<double>(data.rows());
    params["batch_size"] = static_cast<double>(batch_size);
  }
  return params;
}

// Runs a program of whole batches on fewer rows: on a copy of them followed by repetitions of the first one, whose
// results nobody reads.
void run_padded(const StepProgram& program, std::span<const void* const> inputs, std::int64_t rows,
                std::span<void* const> outputs) {
  const auto row_bytes = [](const ir::Type& type) {
    return type.bytes() / static_cast<std::size_t>(type.shape[0].value());
  };
  std::vector<Array> arrays;
  std::vector<const void*> in;
  std::vector<void*> out;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const ir::Type& type = program.types[i];
    arrays.emplace_back(type.shape, type.dtype);
    auto* to = static_cast<std::byte*>(arrays.back().mutable_data());
    const std::size_t bytes = row_bytes(type), given = static_cast<std::size_t>(rows) * bytes;
    std::memcpy(to, inputs[i], given);
    for (std::size_t at = given; at < type.bytes(); at += bytes) std::memcpy(to + at, inputs[i], bytes);
    in.push_back(to);
  }
  for (const ir::Type& type : program.outputs) {
    arrays.emplace_back(type.shape, type.dtype);
    out.push_back(arrays.back().mutable_data());
  }
  program.function.run_on({}, in, out);
  for (std::size_t i = 0; i < outputs.size(); ++i)
    std::memcpy(outputs[i], out[i], static_cast<std::size_t>(rows) * row_bytes(program.outputs[i]));
}

}  // namespace

Logs Model::evaluate(const Data& x, const Data& y, EvaluateArgs args) const {
  require_compiled(*this, "evaluate");
  check_args("Model.evaluate", args.batch_size, args.steps);
  const Dataset data(*this, "Model.evaluate", x, y, args.sample_weight);
  data.check_values("Model.evaluate");
  Runner test(*this, Stage::test, data, args.batch_size);
  const std::int64_t steps = std::min(test.steps(), args.steps.value_or(test.steps()));
  if (args.verbose > 0) add_progress_bar(args.callbacks, args.verbose);
  const Hooks hooks(*this, args.callbacks, hook_params(steps, data, test.batch_size(), !args.steps));
  return run_tests(test, steps, hooks, [] { return false; });
}

std::vector<Array> Model::predict_all(const Data& x, PredictArgs args) const {
  check_args("Model.predict", args.batch_size, args.steps);
  const Dataset data(*this, "Model.predict", x, {}, {});
  const std::int64_t batch_size = std::min(args.batch_size, data.rows());
  const std::int64_t all_steps = (data.rows() + batch_size - 1) / batch_size;
  const std::int64_t steps = std::min(all_steps, args.steps.value_or(all_steps));
  const std::int64_t rows = std::min(data.rows(), steps * batch_size);
  Batches batches(data, batch_size);
  auto program = step_program(*this, Stage::predict, data.batch_types(batch_size), data.kinds());
  program->function.program().reserve();
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
  if (args.verbose > 0) add_progress_bar(args.callbacks, args.verbose);
  const Hooks hooks(*this, args.callbacks, hook_params(steps, data, batch_size, !args.steps));
  hooks.all(&CallbackBody::on_predict_begin, Logs());
  std::vector<void*> outputs(results.size());
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::int64_t begin = step * batch_size, count = std::min(batch_size, data.rows() - begin);
    const bool pads = count != batch_size && program->row_wise;
    if (count != batch_size && !pads)
      program = step_program(*this, Stage::predict, data.batch_types(count), data.kinds());
    hooks.batch(&CallbackBody::on_predict_batch_begin, static_cast<int>(step), Logs());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      outputs[i] = at[i] + static_cast<std::size_t>(begin) * (results[i].nbytes() / static_cast<std::size_t>(rows));
    }
    const auto inputs = batches.get(begin, count, {});
    if (pads)
      run_padded(*program, inputs, count, outputs);
    else
      program->function.run_on({}, inputs, outputs);
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
  const auto program = step_program(*this, Stage::predict, data.batch_types(data.rows()), data.kinds());
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
