// TimeDistributed: a layer on each step of time.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/layers/wrappers.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/merging/merge.h"
#include "layers/table.h"
#include "ops/tensor_node.h"

namespace keras {
namespace {

// Without axis 1.
Shape without_steps(const Shape& shape) {
  Shape inner{shape[0]};
  for (const Dim size : shape.slice(2)) inner.push_back(size);
  return inner;
}

// (batch, steps, …) as (batch * steps, …).
Tensor merged(const Tensor& x) {
  Shape shape = without_steps(x.shape());
  shape[0] = x.shape(0) * x.shape(1);
  return ops::reshape(x, shape);
}

Tensor step_of(const Tensor& x, std::int64_t step) {
  std::vector<std::int64_t> start(x.shape().size(), 0), size = x.shape().sizes();
  start[1] = step, size[1] = 1;
  return ops::reshape(ops::slice(x, start, size), without_steps(x.shape()));
}

struct TimeDistributedBody final : WrapperBody {
  static constexpr auto class_name = "TimeDistributed";
  using Args = TimeDistributedArgs;
  explicit TimeDistributedBody(const Args& args) : WrapperBody(args.layer) {
    state().input_spec.min_rank = 3;
    set_supports_masking();
  }

  void build_all(const std::vector<Shape>& inputs) override {
    std::vector<Shape> inner;
    for (const Shape& shape : inputs) inner.push_back(without_steps(shape));
    build_layer(inner);
  }

  std::vector<Tensor> call_all(const Call& call) override {
    check(call);
    bool known = true, mixes = false;
    for (const Tensor& input : call.inputs) known = known && input.shape().known();
    layers::for_each_layer(layer(), [&](const LayerState& inner) { mixes = mixes || inner.mixes_batch; });
    mixes = mixes && !config::dialect().steps_are_one_batch;
    return mixes && known && call.training ? step_by_step(call) : at_once(call);
  }

 private:
  void check(const Call& call) const {
    const Dim steps = call.inputs[0].shape(1);
    for (const Tensor& input : call.inputs) {
      if (!steps.known() || !input.shape(1).known() || input.shape(1) == steps) continue;
      throw ValueError(fmt::format("{}: the inputs must have the same number of steps, on axis 1. Received: shapes {}.",
                                   layers::describe(*this), layers::shapes_of(call.inputs)));
    }
    for (std::size_t i = 0; i < call.masks.size(); ++i) {
      if (call.masks[i].empty()) continue;
      const Shape &mask = call.masks[i].shape(), &input = call.inputs[i].shape();
      const auto fits = [&](std::size_t axis) {
        return !mask[axis].known() || !input[axis].known() || mask[axis] == input[axis];
      };
      if (mask.rank() >= 2 && fits(0) && fits(1)) continue;
      throw ValueError(
          fmt::format("{}: a mask must have the batch and the steps of the input, (batch, steps, …). "
                      "Received: a mask of shape {} for an input of shape {}.",
                      layers::describe(*this), mask.str(), input.str()));
    }
  }

  // The call of the inner layer, from the inputs and masks that `part` gives. A mask that says only which steps count
  // tells a layer over sequences or images nothing about what is within them.
  template <class Part>
  std::vector<Tensor> inner(const Call& call, Part part) const {
    Call inside{.training = call.training};
    for (const Tensor& input : call.inputs) inside.inputs.push_back(part(input));
    for (std::size_t i = 0; i < call.masks.size(); ++i) {
      const Tensor& mask = call.masks[i];
      const bool tells = !mask.empty() && (mask.ndim() > 2 || call.inputs[i].ndim() == 3);
      inside.masks.push_back(tells ? part(mask) : Tensor());
    }
    const std::vector<Tensor> inputs = inside.inputs;
    return layer().outputs(inputs, std::move(inside));
  }

  std::vector<Tensor> at_once(const Call& call) const {
    const Dim batch = call.inputs[0].shape(0), steps = call.inputs[0].shape(1);
    std::vector<Tensor> outputs;
    for (const Tensor& y : inner(call, merged)) {
      Shape shape{batch, steps};
      for (const Dim size : y.shape().slice(1)) shape.push_back(size);
      outputs.push_back(ops::reshape(y, shape));
      if (config::dialect().steps_are_one_batch) pass_own_mask(call, y, outputs.back());
    }
    return outputs;
  }

  // Keras 2.2: the mask that the layer gave; else of the input's mask whether anything of a step counts.
  static void pass_own_mask(const Call& call, const Tensor& inner, const Tensor& output) {
    Tensor mask = ops::mask_of(inner);
    if (!mask.empty()) {
      Shape shape{output.shape(0), output.shape(1)};
      for (const Dim size : mask.shape().slice(1)) shape.push_back(size);
      mask = ops::reshape(mask, shape);
    } else if (!call.masks.empty() && !call.masks[0].empty()) {
      mask = call.masks[0];
      while (mask.ndim() > 2) mask = ops::any(mask, {-1});
    }
    if (!mask.empty()) ops::node_of(output)->mask = mask.node();
  }

  std::vector<Tensor> step_by_step(const Call& call) const {
    std::vector<std::vector<Tensor>> outputs;  // of each output its steps
    for (std::int64_t step = 0; step < call.inputs[0].shape(1).value(); ++step) {
      const std::vector<Tensor> results = inner(call, [&](const Tensor& x) { return step_of(x, step); });
      outputs.resize(results.size());
      for (std::size_t i = 0; i < results.size(); ++i) outputs[i].push_back(results[i]);
    }
    std::vector<Tensor> stacked;
    for (const std::vector<Tensor>& steps : outputs) stacked.push_back(ops::stack(steps, 1));
    return stacked;
  }
};

}  // namespace

Layer layers::TimeDistributed(const Layer& layer, TimeDistributedArgs args) {
  if (args.layer) refuse_twice("TimeDistributed", "layer");
  args.layer = layer;
  return make_layer<TimeDistributedBody>(std::move(args));
}
Maker layers::makers::TimeDistributed() { return custom<TimeDistributedBody>(); }

}  // namespace keras
