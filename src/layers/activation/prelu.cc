// PReLU: a leaky relu whose slopes are learnt.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/activation.h>
#include <keras/ops.h>

#include <algorithm>

#include "layers/layer_state.h"
#include "layers/table.h"

namespace keras {
namespace {

struct PReLUBody final : LayerBody {
  static constexpr auto class_name = "PReLU";
  using Args = PReLUArgs;
  explicit PReLUBody(Args args) : args_(std::move(args)) {
    set_supports_masking();
    set_initial_weights(std::move(args_.weights));
  }

  void build(const Shape& input) override {
    Shape shape = input.slice(1);
    for (const std::int64_t axis : args_.shared_axes) {
      if (axis < 1 || axis >= input.rank()) {
        throw ValueError(
            fmt::format("{}: shared_axes are axes of a sample, from 1 on. Received: {} for an input of "
                        "shape {}.",
                        layers::describe(*this), axis, input.str()));
      }
      shape[static_cast<std::size_t>(axis - 1)] = 1;
    }
    alpha_ = add_weight("alpha", shape, args_.alpha_initializer,
                        {.regularizer = args_.alpha_regularizer, .constraint = args_.alpha_constraint});
    state().input_spec.rank = input.rank();
  }

  Tensor call(const Tensor& x) override { return ops::relu(x) - Tensor(alpha_) * ops::relu(-x); }

  Config get_config() const override {  // no axes are null, as Keras writes it
    Config config = LayerBody::get_config();
    if (args_.shared_axes.empty()) config.set("shared_axes", Config());
    return config;
  }

 private:
  Args args_;
  Variable alpha_;
};

}  // namespace

Layer layers::PReLU(PReLUArgs args) { return make_layer<PReLUBody>(std::move(args)); }
Maker layers::makers::PReLU() { return custom<PReLUBody>(); }

}  // namespace keras
