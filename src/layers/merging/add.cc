// Add: the sum of the inputs.
#include "layers/layer_state.h"
#include "layers/merging/merge.h"
#include "layers/table.h"

namespace keras {
namespace {

struct AddBody final : LayerBody {
  static constexpr auto class_name = "Add";
  using Args = AddArgs;
  explicit AddBody(Args) {}

  std::vector<Tensor> call_all(const Call& call) override {
    const std::vector<Tensor> inputs = layers::aligned(*this, call.inputs);
    Tensor sum = inputs[0];
    for (std::size_t i = 1; i < inputs.size(); ++i) sum = sum + inputs[i];
    return {sum};
  }
  std::vector<Tensor> compute_mask(const Call& call) override { return layers::any_mask(call); }
};

}  // namespace

Layer layers::Add(AddArgs args) { return make_layer<AddBody>(std::move(args)); }
Maker layers::makers::Add() { return custom<AddBody>(); }

}  // namespace keras
