#include "trainers/nonfinite.h"

#include <fmt/format.h>
#include <keras/error.h>
#include <keras/ops.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/tensor_node.h"
#include "ops/trace.h"
#include "support/log.h"
#include "support/text.h"

namespace keras {

namespace {

struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  std::int64_t not_finite = 0;

  void add(const Array& array) {
    const Array reals = array.astype(DType::float64);
    for (const double value : reals.values<double>()) {
      if (!std::isfinite(value)) {
        ++not_finite;
        continue;
      }
      low = std::min(low, value), high = std::max(high, value);
    }
  }
  std::string text() const {
    std::string text =
        low > high ? std::string("hold no finite number") : fmt::format("lie between {:.4g} and {:.4g}", low, high);
    if (not_finite > 0 && low <= high) text += fmt::format(", and {} of them are not finite", not_finite);
    return text;
  }
};

Extent extent_of(const StepProgram& program, std::span<const void* const> inputs, std::size_t begin, std::size_t end) {
  Extent extent;
  for (std::size_t i = begin; i < end; ++i)
    extent.add(Array::view(inputs[i], program.types[i].shape, program.types[i].dtype));
  return extent;
}

// A weight that is not finite already.
std::string broken_weight(const Model& model) {
  for (const Variable& weight : model.weights()) {
    if (!weight.dtype().is_floating()) continue;
    Extent extent;
    extent.add(weight.value());
    if (extent.not_finite > 0) return weight.state()->path;
  }
  return {};
}

// The first layer of the step whose output is not finite; empty where all are.
std::string broken_layer(const Model& model, const StepProgram& program, std::span<const void* const> inputs) {
  const TrainerState& trainer = trainer_of(model);
  ops::Trace trace(trainer.seed);
  trace.set_step(Tensor(trainer.args.optimizer.body()->iterations()));
  std::vector<Tensor> placeholders, x;
  const DType dtype = model.body()->dtype();
  for (std::size_t i = 0; i < program.columns.inputs; ++i) {
    placeholders.push_back(ops::placeholder(program.types[i], fmt::format("x{}", i)));
    x.push_back(placeholders[i].dtype().is_floating() ? ops::cast(placeholders[i], dtype) : placeholders[i]);
  }
  Call call;
  call.training = true;
  trace.observe();
  model.outputs(x, call);
  std::vector<ops::Trace::Seen> layers;
  std::vector<Tensor> finite;
  for (const ops::Trace::Seen& seen : trace.seen()) {
    if (!seen.output.dtype().is_floating()) continue;
    layers.push_back(seen);
    finite.push_back(ops::cast(ops::all(ops::isfinite(seen.output)), DType::float32));
  }
  const ops::Function function(finite, ops::Trace(), placeholders);
  std::vector<float> results(finite.size());
  std::vector<void*> outputs;
  for (float& result : results) outputs.push_back(&result);
  function.run(inputs.first(program.columns.inputs), outputs);
  const auto first = std::find(results.begin(), results.end(), 0.F);
  if (first == results.end()) return {};
  const ops::Trace::Seen& layer = layers[static_cast<std::size_t>(first - results.begin())];
  return fmt::format("«{}» ({})", layer.layer, layer.class_name);
}

}  // namespace

std::string explain_nonfinite(const Model& model, const StepProgram& program, std::span<const void* const> inputs) {
  const std::size_t targets = program.columns.inputs, weights = program.types.size() - program.columns.weights;
  const Extent x = extent_of(program, inputs, 0, targets);
  std::string text = fmt::format("The inputs of the batch {}", x.text());
  if (weights > targets) text += fmt::format(", its targets {}", extent_of(program, inputs, targets, weights).text());
  text += ". ";
  if (x.not_finite > 0) return text + "Leave out or mend what is not finite.";
  if (const std::string weight = broken_weight(model); !weight.empty()) {
    return text + fmt::format(
                      "The weight «{}» is not finite since an update before: its gradients were too large. A "
                      "lower learning_rate or .clipnorm = 1 in the optimizer keep them small.",
                      weight);
  }
  std::string layer;
  try {
    layer = broken_layer(model, program, inputs);
  } catch (const Error&) {  // a layer that gives what cannot be looked at by itself
    return text + "Which layer's output is the first that is not finite could not be found out.";
  }
  if (layer.empty()) {
    return text +
           "Each layer's output is finite and the loss of them is not: look at the loss, such as a logarithm of "
           "0, and at the targets.";
  }
  return text + fmt::format(
                    "The first layer whose output is not finite is {}. Inputs scaled to about 1, a lower "
                    "learning_rate or .clipnorm = 1 in the optimizer keep numbers small.",
                    layer);
}

NonFinite::NonFinite(const Model& model, const std::string& way) : model_(model) {
  if (way == "stop") way_ = Way::stop;
  if (way == "skip") way_ = Way::skip;
  if (way == "ignore") way_ = Way::ignore;
  if (way_ != Way::warn || way == "warn") return;
  throw ValueError(fmt::format("Model.fit: on_nonfinite must be warn, stop, skip or ignore. Received: «{}».{}",
                               support::printable(way),
                               support::did_you_mean(way, {"warn", "stop", "skip", "ignore"})));
}

bool NonFinite::meet(int epoch, int batch, const StepProgram& program, std::span<const void* const> inputs,
                     double loss) {
  if (way_ == Way::skip && told_) {
    // Where the weights themselves are broken no batch will ever do.
    if (broken_weight(model_).empty()) return ++skipped_, false;
    way_ = Way::stop;
  }
  const bool broken = way_ == Way::skip && !broken_weight(model_).empty();
  if (broken) way_ = Way::stop;
  const char* then = way_ == Way::warn   ? "Training goes on."
                     : way_ == Way::stop ? "Training ends, with the weights as they were before this batch."
                                         : "The batch is left out.";
  told_ = true;
  support::warn(fmt::format("Model \"{}\": the loss of batch {} of epoch {} is {}. {} {}", model_.name(), batch + 1,
                            epoch + 1, support::number(loss), explain_nonfinite(model_, program, inputs), then));
  if (way_ == Way::warn) over_ = true;  // what follows is not finite either
  if (way_ == Way::stop) model_.set_stop_training(true);
  return way_ == Way::warn;
}

void NonFinite::end_epoch(int epoch) {
  if (skipped_ > 0) {
    support::warn(fmt::format("Model \"{}\": {} more batch{} of epoch {} had no finite loss and {} left out.",
                              model_.name(), skipped_, skipped_ == 1 ? "" : "es", epoch + 1,
                              skipped_ == 1 ? "was" : "were"));
  }
  skipped_ = 0;
}

}  // namespace keras
