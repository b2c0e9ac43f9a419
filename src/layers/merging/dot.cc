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
    const Tensor a = along_last(call.inputs[0], 0, call.inputs), b = along_last(call.inputs[1], 1, call.inputs);
    const Dim size_a = a.shape(-1), size_b = b.shape(-1);
    if (size_a.known() && size_b.known() && size_a != size_b) {
      throw ValueError(fmt::format("{}: the inputs must have one size along axes ({}, {}). Received: shapes {}.",
                                   layers::describe(*this), args_.axes[0], args_.axes[1],
                                   layers::shapes_of(call.inputs)));
    }
    // (batch, rows of a, k) times (batch, k, rows of b), then the axes of both as they were.
    Shape shape = a.shape().slice(0, -1);
    for (const Dim size : b.shape().slice(1, -1)) shape.push_back(size);
    if (shape.rank() == 1) shape.push_back(1);
    const Tensor product = ops::matmul(rows(a), ops::transpose(rows(b), {0, 2, 1}));
    return {ops::reshape(product, shape)};
  }
  std::vector<Tensor> compute_mask(const Call&) override { return {}; }

  Config get_config() const override {  // one number for both, as Keras writes it
    Config config = LayerBody::get_config();
    if (args_.axes[0] == args_.axes[1]) config.set("axes", args_.axes[0]);
    return config;
  }

 private:
  // With the axis of the sum last.
  Tensor along_last(const Tensor& x, int which, const std::vector<Tensor>& inputs) const {
    const int rank = x.ndim(), given = static_cast<int>(args_.axes[which]), axis = given < 0 ? given + rank : given;
    if (axis < 1 || axis >= rank) {
      throw ValueError(fmt::format("{}: input {} has no axis {} beside the batch. Received: shapes {}.",
                                   layers::describe(*this), which, given, layers::shapes_of(inputs)));
    }
    Axes order;
    for (int i = 0; i < rank; ++i) {
      if (i != axis) order.push_back(i);
    }
    order.push_back(axis);
    const Tensor moved = ops::transpose(x, order);
    if (!args_.normalize) return moved;
    const Tensor squares = ops::sum(ops::square(moved), {-1}, true);
    return moved * ops::rsqrt(ops::maximum(squares, 1e-12));
  }
  static Tensor rows(const Tensor& x) {
    return x.ndim() == 3 ? x : ops::reshape(x, {x.shape(0), Dim(1) * rest(x), x.shape(-1)});
  }
  static Dim rest(const Tensor& x) {
    Dim count = 1;
    for (const Dim size : x.shape().slice(1, -1)) count = count * size;
    return count;
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
