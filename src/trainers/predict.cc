// Model::predict, predict_all, predict_generator and predict_on_batch.
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

std::size_t row_bytes(const ir::Type& type) { return type.bytes() / static_cast<std::size_t>(type.shape[0].value()); }

// One output of all batches. Where the number of samples is known they are written to their place, else it grows.
class Collected {
 public:
  Collected(const ir::Type& type, std::optional<std::int64_t> rows) : row_(type.shape.slice(1)), dtype_(type.dtype) {
    if (rows) bytes_.reserve(static_cast<std::size_t>(*rows) * row_bytes(type));
  }
  void* next(const Model& model, const ir::Type& type, std::int64_t rows) {
    if (type.shape.slice(1) != row_) {
      throw ValueError(
          fmt::format("Model \"{}\": predict puts the outputs of all batches together, so they must have one shape but "
                      "for the first axis. Received: {} after {}; use predict_on_batch for each.",
                      model.name(), type.shape.slice(1).str(), row_.str()));
    }
    const std::size_t begin = bytes_.size();
    rows_ += rows;
    bytes_.resize(begin + static_cast<std::size_t>(rows) * row_bytes(type));
    return bytes_.data() + begin;
  }
  Array take() {
    const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes_));
    return Array::view(owner->data(), row_.with_front(rows_), dtype_, owner);
  }

 private:
  Shape row_;
  DType dtype_;
  std::int64_t rows_ = 0;
  std::vector<std::byte> bytes_;
};

void require_batched(const Model& model, const StepProgram& program, std::int64_t rows) {
  for (const ir::Type& type : program.outputs) {
    if (!type.shape.empty() && type.shape[0] == Dim(rows)) continue;
    throw ValueError(
        fmt::format("Model \"{}\": predict needs outputs whose first axis is the batch. Received: an output of "
                    "shape {}; use predict_on_batch.",
                    model.name(), type.shape.str()));
  }
}

// Whether a program is for batches of these types but for more rows, which may be filled with anything.
bool pads(const StepProgram& program, const BatchView& batch) {
  const std::vector<ir::Type>& types = *batch.types;
  if (!program.row_wise || program.types.size() != types.size()) return false;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const ir::Type& whole = program.types[i];
    if (whole.dtype != types[i].dtype || whole.shape.slice(1) != types[i].shape.slice(1)) return false;
    if (whole.shape[0].value() < batch.rows) return false;
  }
  return true;
}

std::vector<Array> run_predict(const Model& model, const Data& x, PredictArgs args, Feed feed) {
  check_steps(feed.what, args.batch_size, args.steps);
  feed.stage = Stage::predict, feed.batch_size = args.batch_size, feed.most = args.steps;
  const auto source = make_source(model, x, {}, {}, feed);
  require_steps(*source, x, args.steps, feed.what, "steps");
  std::shared_ptr<const StepProgram> program;
  if (const Dataset* whole = source->whole()) {  // what does not fit is refused before anything begins
    program = step_program(model, Stage::predict, whole->batch_types(source->batch_size()), whole->kinds());
    program->function.program().reserve();
    require_batched(model, *program, source->batch_size());
  }
  if (args.verbose > 0) add_progress_bar(args.callbacks, args.verbose);
  const Hooks hooks(model, args.callbacks, hook_params(*source, args.steps));
  hooks.all(&CallbackBody::on_predict_begin, Logs());
  std::vector<Collected> collected;
  std::vector<void*> outputs;
  source->begin_epoch();
  for (std::int64_t step = 0; !args.steps || step < *args.steps; ++step) {
    const BatchView* const batch = source->next();
    if (!batch && step == 0) refuse_empty(*source, feed.what);
    if (!batch && args.steps) warn_of_end(*source, feed.what, step, *args.steps, "steps");
    if (!batch) break;
    const bool same = program && program->types == *batch->types;
    const bool padded = !same && program && pads(*program, *batch);
    if (!same && !padded) {
      program = step_program(model, Stage::predict, *batch->types, batch->kinds);
      require_batched(model, *program, batch->rows);
    }
    if (collected.empty()) {
      std::optional<std::int64_t> rows = source->rows();
      if (rows && args.steps) rows = std::min(*rows, *args.steps * source->batch_size());
      for (const ir::Type& type : program->outputs) collected.emplace_back(type, rows);
      outputs.resize(collected.size());
    }
    hooks.batch(&CallbackBody::on_predict_batch_begin, static_cast<int>(step), Logs());
    for (std::size_t i = 0; i < outputs.size(); ++i)
      outputs[i] = collected[i].next(model, program->outputs[i], batch->rows);
    if (padded)
      run_padded(*program, batch->inputs, batch->rows, outputs);
    else
      program->function.run_on({}, batch->inputs, outputs);
    hooks.batch(&CallbackBody::on_predict_batch_end, static_cast<int>(step), Logs());
  }
  source->end_epoch();
  hooks.all(&CallbackBody::on_predict_end, Logs());
  std::vector<Array> results;
  for (Collected& each : collected) results.push_back(each.take());
  return results;
}

Array only(const Model& model, std::vector<Array> results) {
  if (results.size() == 1) return std::move(results[0]);
  throw ValueError(fmt::format("Model \"{}\" has {} outputs: use predict_all, which returns all of them.", model.name(),
                               results.size()));
}

}  // namespace

std::vector<Array> Model::predict_all(const Data& x, PredictArgs args) const {
  return run_predict(*this, x, std::move(args), {.what = "Model.predict"});
}

Array Model::predict(const Data& x, PredictArgs args) const { return only(*this, predict_all(x, std::move(args))); }

Array Model::predict_generator(const Data& generator, PredictGeneratorArgs args) const {
  constexpr const char* kWhat = "Model.predict_generator";
  require_generator(generator, args.steps, kWhat, "steps");
  return only(*this, run_predict(*this, generator, {.verbose = args.verbose, .steps = args.steps},
                                 {.what = kWhat, .workers = args.workers, .max_queue_size = args.max_queue_size}));
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
