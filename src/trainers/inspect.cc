// Model::show and profile: what the compiler made of a step, and how long its kernels take.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/models.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "models/model_state.h"
#include "support/probe.h"
#include "support/text.h"
#include "trainers/runner.h"

namespace keras {

namespace {
// Zeros of the model's input, and of the targets its compiled loss takes: what a step is shown or timed on.
Dataset sample(const Model& model, std::int64_t batch, bool with_targets) {
  const LayerState& state = model.body()->state();
  std::optional<Shape> shape = state.declared_input;
  if (!shape && !state.build_shapes.empty()) shape = state.build_shapes[0];
  if (!shape) {
    throw ValueError(
        fmt::format("Model \"{}\" has no input shape yet: build it, or call it on data first.", model.name()));
  }
  (*shape)[0] = batch;
  const Array x(*shape, DType::float32);
  if (!with_targets) return Dataset(model, "Model.show", x, {}, {});
  const Shape output = step_program(model, Stage::predict, {{DType::float32, *shape}}, 1, false)->outputs[0].shape;
  const Loss& loss = trainer_of(model).args.loss;
  const bool sparse = loss && loss.body()->class_name() == "SparseCategoricalCrossentropy";
  const Array y = sparse ? Array(output.slice(0, -1), DType::int32) : Array(output, DType::float32);
  return Dataset(model, "Model.show", x, y, {});
}

std::shared_ptr<const StepProgram> shown_program(const Model& model, std::int64_t batch, bool train) {
  const Dataset data = sample(model, batch, train);
  return step_program(model, train ? Stage::train : Stage::predict, data.batch_types(batch), data.inputs(), false);
}
}  // namespace

std::string Model::show(const std::string& stage, std::int64_t batch) const {
  const std::vector<std::string> stages{"graph", "grad", "fused", "program"};
  if (std::find(stages.begin(), stages.end(), stage) == stages.end()) {
    throw ValueError(fmt::format("Model.show: stage must be one of {}. Received: \"{}\".{}", fmt::join(stages, ", "),
                                 stage, support::did_you_mean(stage, stages)));
  }
  if (batch < 1) throw ValueError(fmt::format("Model.show: batch must be 1 or more. Received: {}.", batch));
  return shown_program(*this, batch, compiled() && stage != "graph")
      ->function.stages()
      .text(stage == "graph" ? "grad" : stage);
}

Profile Model::profile(std::int64_t batch) const {
  constexpr int kRuns = 31;
  const bool train = compiled();
  const Dataset data = sample(*this, batch, train);
  const auto program =
      step_program(*this, train ? Stage::train : Stage::predict, data.batch_types(batch), data.inputs(), false);
  const runtime::Program& compiled_program = program->function.program();
  std::vector<Array> results;
  std::vector<void*> outputs;
  for (const ir::Type& type : compiled_program.outputs) {
    results.emplace_back(type.shape, type.dtype);
    outputs.push_back(results.back().mutable_data());
  }
  Batches batches(data, batch);
  const auto inputs = batches.get(0, batch, {});
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
