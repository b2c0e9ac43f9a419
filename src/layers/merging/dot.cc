// Dot: sums of products along an axis of each of two inputs, sample by sample.
#include <fmt/format.h>
#include <keras/error.h>

#include "layers/layer_state.h"
#include "layers/merging/merge.h"
#include "layers/table.h"

namespace keras {
namespace {

struct DotBody final : LayerBody {
  static constexpr auto class_name = "Dot";
  using Args = DotArgs;
  explicit DotBody(Args args) : args_(std::move(args)) {
    if (args_.axes[0] == 0 || args_.axes[1] == 0) {
      throw ValueError(fmt::format("Dot: axes are those of a sample; axis 0 is the batch. Received: axes=({}, {}).",
                                   args_.axes[0], args_.axes[1]));
    }
  }

  std::vector<Tensor> call_all(const Call& call) override {
    if (call.inputs.size() != 2) {
      throw ValueError(
          fmt::format("{}: it takes 2 inputs. Received: {}.", layers::describe(*this), call.inputs.size()));
    }
    layers::check_batches(*this, call.inputs);
    const int axis_a = axis_of(0, call.inputs), axis_b = axis_of(1, call.inputs);
    const Dim size_a = call.inputs[0].shape(axis_a), size_b = call.inputs[1].shape(axis_b);
    if (size_a.known() && size_b.known() && size_a != size_b) {
      throw ValueError(fmt::format("{}: the inputs must have one size along axes ({}, {}). Received: shapes {}.",
                                   layers::describe(*this), args_.axes[0], args_.axes[1],
                                   layers::shapes_of(call.inputs)));
    }
    return {ops::batch_dot(scaled(call.inputs[0], axis_a), scaled(call.inputs[1], axis_b), axis_a, axis_b)};
  }
  std::vector<Tensor> compute_mask(const Call&) override { return {}; }

  Config get_config() const override {  // one number for both, as Keras writes it
    Config config = LayerBody::get_config();
    if (args_.axes[0] == args_.axes[1]) config.set("axes", args_.axes[0]);
    return config;
  }

 private:
  int axis_of(std::size_t which, const std::vector<Tensor>& inputs) const {
    const int rank = inputs[which].ndim();
    const std::int64_t given = args_.axes[which], axis = given < 0 ? given + rank : given;
    if (axis >= 1 && axis < rank) return static_cast<int>(axis);
    throw ValueError(fmt::format("{}: input {} has no axis {} beside the batch. Received: shapes {}.",
                                 layers::describe(*this), which, given, layers::shapes_of(inputs)));
  }
  Tensor scaled(const Tensor& x, int axis) const {
    if (!args_.normalize) return x;
    return x * ops::rsqrt(ops::maximum(ops::sum(ops::square(x), {axis}, true), 1e-12));
  }

  Args args_;
};

}  // namespace

Layer layers::Dot(Ints<2> axes, DotArgs args) {
  if (args.axes != Ints<2>(0)) refuse_twice("Dot", "axes");
  args.axes = axes;
  return make_layer<DotBody>(std::move(args));
}
Tensor layers::dot(const std::vector<Tensor>& inputs, Ints<2> axes, DotArgs args) {
  return Dot(axes, std::move(args))(inputs);
}
Maker layers::makers::Dot() { return custom<DotBody>(); }

}  // namespace keras
