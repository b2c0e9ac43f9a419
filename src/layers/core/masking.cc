// Masking: tells the layers behind which steps of time count.
#include <keras/layers/core.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/table.h"

namespace keras {
namespace {

struct MaskingBody final : LayerBody {
  static constexpr auto class_name = "Masking";
  using Args = MaskingArgs;
  explicit MaskingBody(const Args& args) : value_(args.mask_value) { state().input_spec.min_rank = 2; }

  Tensor call(const Tensor& x) override { return ops::where(counts(x, true), x, 0); }
  std::vector<Tensor> compute_mask(const Call& call) override { return {counts(call.inputs[0], false)}; }

 private:
  Tensor counts(const Tensor& x, bool keepdims) const { return ops::any(ops::not_equal(x, value_), {-1}, keepdims); }
  double value_;
};

}  // namespace

Layer layers::Masking(MaskingArgs args) { return make_layer<MaskingBody>(std::move(args)); }
Maker layers::makers::Masking() { return custom<MaskingBody>(); }

}  // namespace keras
