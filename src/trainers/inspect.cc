// Model::show, profile and memory_usage: what the compiler made of a step, how long its kernels take, and how much
// memory.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "models/model_state.h"
#include "session/tuning.h"
#include "support/probe.h"
#include "support/text.h"
#include "support/threads.h"
#include "trainers/runner.h"

namespace keras {

namespace {
// The model's inputs, and the targets its compiled loss takes: what a step is shown, measured or timed for.
struct Sample {
  std::vector<ir::Type> types;
  std::size_t inputs;
};
Sample sample_types(const Model& model, std::int64_t batch, bool with_targets) {
  const LayerState& state = model.body()->state();
  std::vector<Shape> shapes = state.build_shapes;
  if (shapes.empty() && state.declared_input) shapes = {*state.declared_input};
  if (shapes.empty()) {
    throw ValueError(
        fmt::format("Model \"{}\" has no input shape yet: build it, or call it on data first.", model.name()));
  }
  Sample sample{{}, shapes.size()};
  for (Shape& shape : shapes) {
    shape[0] = batch;
    sample.types.push_back({DType::float32, shape});
  }
  if (!with_targets) return sample;
  const auto outputs = step_program(model, Stage::predict, sample.types, {sample.inputs})->outputs;
  const std::vector<Loss> losses = losses_of(model, outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const ir::Type& output = outputs[i];
    const bool sparse = losses[i] && losses[i].body()->class_name() == "SparseCategoricalCrossentropy";
    Shape target = sparse ? output.shape.slice(0, -1) : output.shape;
    if (target.rank() == 1) target.push_back(1);
    sample.types.push_back({sparse ? DType::int32 : DType::float32, target});
  }
  return sample;
}

std::shared_ptr<const StepProgram> sample_program(const Model& model, std::int64_t batch, bool train) {
  const Sample sample = sample_types(model, batch, train);
  return step_program(model, train ? Stage::train : Stage::predict, sample.types, {sample.inputs});
}

void check_batch(const char* what, std::int64_t batch) {
  if (batch < 1) throw ValueError(fmt::format("Model.{}: batch must be 1 or more. Received: {}.", what, batch));
}

std::size_t bytes_of(const std::vector<Variable>& variables) {
  std::size_t bytes = 0;
  for (const Variable& variable : variables) bytes += ir::Type{variable.dtype(), variable.shape()}.bytes();
  return bytes;
}
}  // namespace

std::string Model::show(const std::string& stage, std::int64_t batch) const {
  const std::vector<std::string> stages{"graph", "grad", "fused", "program"};
  if (std::find(stages.begin(), stages.end(), stage) == stages.end()) {
    throw ValueError(fmt::format("Model.show: stage must be one of {}. Received: \"{}\".{}", fmt::join(stages, ", "),
                                 stage, support::did_you_mean(stage, stages)));
  }
  check_batch("show", batch);
  return sample_program(*this, batch, compiled() && stage != "graph")
      ->function.stages()
      .text(stage == "graph" ? "grad" : stage);
}

Profile Model::profile(std::int64_t batch) const {
  constexpr int kRuns = 31;
  check_batch("profile", batch);
  const bool train = compiled();
  const auto program = sample_program(*this, batch, train);
  const runtime::Program& compiled_program = program->function.program();
  std::vector<Array> arrays;  // zeros
  std::vector<const void*> inputs;
  std::vector<void*> outputs;
  for (const ir::Type& type : compiled_program.inputs) {
    arrays.emplace_back(type.shape, type.dtype);
    inputs.push_back(arrays.back().data());
  }
  for (const ir::Type& type : compiled_program.outputs) {
    arrays.emplace_back(type.shape, type.dtype);
    outputs.push_back(arrays.back().mutable_data());
  }
  std::vector<std::vector<double>> times(compiled_program.steps.size());
  std::vector<double> seconds(times.size());
  for (int run = 0; run < kRuns; ++run) {
    program->function.run_timed(inputs, outputs, seconds);
    for (std::size_t i = 0; i < times.size(); ++i) times[i].push_back(seconds[i]);
  }
  Profile profile;
  double total = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const runtime::Step& step = compiled_program.steps[i];
    std::nth_element(times[i].begin(), times[i].begin() + kRuns / 2, times[i].end());
    const double median = times[i][kRuns / 2];
    total += median;
    KernelTime row;
    row.program = train ? "train" : "predict";
    row.kernel = step.name;
    row.node = step.text;
    row.seconds = median;
    row.flops = median > 0 ? step.flops / median : 0;
    row.bytes = median > 0 ? step.bytes / median : 0;
    profile.kernels.push_back(std::move(row));
  }
  for (KernelTime& row : profile.kernels) row.share = total > 0 ? row.seconds / total : 0;
  const support::Peak peak = support::peak();
  profile.threads = peak.threads;
  profile.peak_flops = peak.flops;
  profile.peak_bytes = peak.bytes;
  return profile;
}

void Model::tune(const std::string& path, std::int64_t batch) {
  check_batch("tune", batch);
  drop_programs(*this);
  session::tune(path, [&] {
    sample_program(*this, batch, false);
    if (compiled()) sample_program(*this, batch, true);
  });
}

MemoryUsage Model::memory_usage(std::int64_t batch) const {
  check_batch("memory_usage", batch);
  MemoryUsage usage;
  usage.batch = batch;
  usage.threads = support::num_threads();
  const auto add = [&](bool train) {
    const runtime::Program& program = sample_program(*this, batch, train)->function.program();
    usage.scratch = std::max(usage.scratch, program.memory_bytes(usage.threads) - program.memory_bytes(0));
    return program.memory_bytes(0);
  };
  usage.prediction = add(false);
  if (compiled()) {
    usage.training = add(true);
    usage.optimizer = bytes_of(optimizer().variables());
    usage.data = Batches::buffer_bytes(sample_types(*this, batch, true).types);
  }
  usage.weights = bytes_of(weights());
  return usage;
}

std::string MemoryUsage::str() const {
  std::string text = fmt::format("memory for batches of {}, on {} thread{}\n", batch, threads, threads == 1 ? "" : "s");
  const auto line = [&](const char* what, std::size_t bytes) {
    text += fmt::format("  {:<24} {:>11}\n", what, support::readable_bytes(static_cast<double>(bytes)));
  };
  line("weights", weights);
  if (training > 0) {
    line("optimizer", optimizer);
    line("training step", training);
  }
  line("prediction", prediction);
  line("scratch of the kernels", scratch);
  if (training > 0) line("gathered batches", data);
  line(training > 0 ? "peak, of training" : "peak", total());
  return text;
}

std::string Profile::str() const {
  const auto percent = [](double part, double whole) { return whole > 0 ? 100 * part / whole : 0; };
  std::string text = fmt::format("{:>9} {:>6} {:>8} {:>6} {:>7} {:>6}  {:<28} {}\n", "µs", "share", "GFLOP/s", "peak",
                                 "GB/s", "peak", "kernel", "node");
  for (const KernelTime& row : kernels) {
    text += fmt::format("{:>9.2f} {:>5.1f}% {:>8.1f} {:>5.1f}% {:>7.1f} {:>5.0f}%  {:<28} {}\n", row.seconds * 1e6,
                        row.share * 100, row.flops / 1e9, percent(row.flops, peak_flops), row.bytes / 1e9,
                        percent(row.bytes, peak_bytes), row.kernel, row.node);
  }
  return text +
         fmt::format("peak, on {} thread{}: {:.1f} GFLOP/s of float32 multiply-adds, {:.1f} GB/s of copies in memory\n",
                     threads, threads == 1 ? "" : "s", peak_flops / 1e9, peak_bytes / 1e9);
}

}  // namespace keras
