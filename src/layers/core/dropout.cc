// Dropout: in training a random part of the elements is 0, and the others grow so that the sum stays as it was.
#include <fmt/format.h>
#include <keras/error.h>
#include <keras/layers/core.h>
#include <keras/ops.h>

#include <atomic>

#include "layers/frame.h"
#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"
#include "ops/trace.h"

namespace keras {
namespace {

struct DropoutBody final : LayerBody {
  static constexpr auto class_name = "Dropout";
  using Args = DropoutArgs;
  explicit DropoutBody(Args args) : args_(std::move(args)) {}

  std::vector<Tensor> call_all(const Call& call) override {
    const Tensor& x = call.inputs[0];
    if (!call.training || args_.rate == 0) return {x};
    if (args_.rate == 1) return {ops::zeros_like(x)};
    const Tensor kept = draw(mask_shape(x.shape())) >= args_.rate;
    return {ops::where(kept, x * (1 / (1 - args_.rate)), 0)};
  }

  Config get_config() const override {
    Config config = LayerBody::get_config();
    layers::move_before(config, "seed", "noise_shape");
    return config;
  }

 private:
  Shape mask_shape(const Shape& input) const {
    if (!args_.noise_shape) return input;
    Shape shape = *args_.noise_shape;
    bool fits = shape.rank() == input.rank();
    for (std::size_t axis = 0; fits && axis < shape.size(); ++axis) {
      if (!shape[axis].known()) shape[axis] = input[axis];
      fits = shape[axis] == input[axis] || shape[axis] == Dim(1);
    }
    if (fits) return shape;
    throw ValueError(fmt::format(
        "{}: noise_shape must have a 1, a None or the input's own size for each axis of the input. Received: "
        "noise_shape={} for an input of shape {}.",
        layers::describe(*this), args_.noise_shape->str(), input.str()));
  }

  // In [0, 1). With a seed of its own the stream depends on that seed and on how often the layer has drawn, and on
  // nothing else.
  Tensor draw(const Shape& shape) {
    if (!args_.seed) return ops::random_uniform(shape);
    const ops::Trace* step = ops::Trace::current();
    const int nth = step ? layers::Frame::current()->next_draw(state()) : draws_++;
    constexpr std::uint64_t kApart = 0x9e3779b97f4a7c15;
    ops::Trace own(static_cast<std::uint64_t>(*args_.seed) + static_cast<std::uint64_t>(nth) * kApart);
    if (step) own.set_step(step->step());
    return ops::random_uniform(shape);
  }

  Args args_;
  std::atomic<int> draws_ = 0;  // outside a trace
};

}  // namespace

Layer layers::Dropout(double rate, DropoutArgs args) {
  if (args.rate != 0) refuse_twice("Dropout", "rate");
  args.rate = rate;
  return make_layer<DropoutBody>(std::move(args));
}

Maker layers::makers::Dropout() { return custom<DropoutBody>(); }

}  // namespace keras
