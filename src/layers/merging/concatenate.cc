// Concatenate: the inputs one after another along an axis.
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "layers/merging/merge.h"
#include "layers/table.h"

namespace keras {
namespace {

struct ConcatenateBody final : LayerBody {
  static constexpr auto class_name = "Concatenate";
  using Args = ConcatenateArgs;
  explicit ConcatenateBody(Args args) : axis_(args.axis) {}

  std::vector<Tensor> call_all(const Call& call) override {
    check(call.inputs);
    return {ops::concatenate(call.inputs, axis_)};
  }

  std::vector<Tensor> compute_mask(const Call& call) override {
    const auto given = [](const Tensor& mask) { return !mask.empty(); };
    if (std::none_of(call.masks.begin(), call.masks.end(), given)) return {};
    std::vector<Tensor> masks;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
      const Tensor& input = call.inputs[i];
      Tensor mask = given(call.masks[i]) ? call.masks[i] : ops::full({}, 1, DType::boolean);
      if (mask.ndim() > 0 && mask.ndim() < input.ndim()) mask = ops::expand_dims(mask, -1);
      masks.push_back(ops::broadcast_to(mask, input.shape()));
    }
    const Tensor joined = ops::concatenate(masks, axis_);
    return {config::dialect().merged_masks_are_all ? ops::all(joined, {-1}) : ops::any(joined, {-1})};
  }

 private:
  void check(const std::vector<Tensor>& inputs) const {
    const int rank = inputs[0].ndim();
    const auto refuse = [&](const std::string& why) {
      throw ValueError(fmt::format("{}: {} Received: axis={}, shapes {}.", layers::describe(*this), why, axis_,
                                   layers::shapes_of(inputs)));
    };
    if (axis_ < -rank || axis_ >= rank) refuse("the inputs have no such axis.");
    const int along = axis_ < 0 ? axis_ + rank : axis_;
    for (const Tensor& input : inputs) {
      if (input.ndim() != rank) refuse("the inputs must have one rank.");
      for (int axis = 0; axis < rank; ++axis) {
        const Dim first = inputs[0].shape(axis), other = input.shape(axis);
        if (axis == along || !first.known() || !other.known() || first == other) continue;
        refuse(fmt::format("all axes but the one of concatenation must have one size, and axis {} has not.", axis));
      }
    }
  }

  int axis_;
};

}  // namespace

Layer layers::Concatenate(ConcatenateArgs args) { return make_layer<ConcatenateBody>(std::move(args)); }
Layer layers::Concatenate(int axis, ConcatenateArgs args) {
  if (args.axis != ConcatenateArgs().axis) refuse_twice("Concatenate", "axis");
  args.axis = axis;
  return Concatenate(std::move(args));
}
Tensor layers::concatenate(const std::vector<Tensor>& inputs, int axis, ConcatenateArgs args) {
  return Concatenate(axis, std::move(args))(inputs);
}
Maker layers::makers::Concatenate() { return custom<ConcatenateBody>(); }

}  // namespace keras
