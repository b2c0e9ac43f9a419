// Dense: every unit sees the whole last axis of the input.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/core.h>
#include <keras/ops.h>

#include "layers/layer_state.h"
#include "layers/table.h"

namespace keras {
namespace {

struct DenseBody final : LayerBody {
  static constexpr auto class_name = "Dense";
  using Args = DenseArgs;
  explicit DenseBody(Args args) : args_(std::move(args)) {
    state().input_spec.min_rank = 2;
    set_supports_masking();
    state().activity_regularizer = args_.activity_regularizer;
    set_initial_weights(std::move(args_.weights));
    if (args_.activation.layer()) child("activation", *args_.activation.layer());
  }

  void build(const Shape& input) override {
    if (!input.back().known()) {
      throw ValueError(
          fmt::format("{}: the size of the input's last axis must be known, because the kernel has a row for each. "
                      "Received: shape={}. Name it, for instance with Input({{784}}).",
                      layers::describe(*this), input.str()));
    }
    const std::int64_t width = input.back().value();
    kernel_ = add_weight("kernel", {width, args_.units}, args_.kernel_initializer,
                         {.regularizer = args_.kernel_regularizer, .constraint = args_.kernel_constraint});
    if (args_.use_bias) {
      bias_ = add_weight("bias", {args_.units}, args_.bias_initializer,
                         {.regularizer = args_.bias_regularizer, .constraint = args_.bias_constraint});
    }
    state().input_spec.size = width;
  }

  Tensor call(const Tensor& x) override {
    Tensor y = ops::matmul(x, kernel_);
    if (args_.use_bias) y = y + bias_;
    return args_.activation(y);
  }

 private:
  Args args_;
  Variable kernel_, bias_;
};

}  // namespace

Layer layers::Dense(std::int64_t units, DenseArgs args) {
  if (args.units != 0) refuse_twice("Dense", "units");
  args.units = units;
  return make_layer<DenseBody>(std::move(args));
}

Maker layers::makers::Dense() { return custom<DenseBody>(); }

}  // namespace keras
