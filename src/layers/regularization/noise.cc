// GaussianNoise, GaussianDropout, ActivityRegularization.
#include <keras/layers/regularization.h>
#include <keras/ops.h>

#include <cmath>

#include "layers/layer_state.h"
#include "layers/regularization/draws.h"
#include "layers/table.h"

namespace keras {
namespace {

struct GaussianNoiseBody final : LayerBody {
  static constexpr auto class_name = "GaussianNoise";
  using Args = GaussianNoiseArgs;
  explicit GaussianNoiseBody(Args args) : args_(std::move(args)), draws_(*this, args_.seed) { set_supports_masking(); }
  std::vector<Tensor> call_all(const Call& call) override {
    const Tensor& x = call.inputs[0];
    if (!call.training || args_.stddev == 0) return {x};
    return {x + draws_.normal(x.shape(), 0, args_.stddev)};
  }

 private:
  Args args_;
  layers::Draws draws_;
};

struct GaussianDropoutBody final : LayerBody {
  static constexpr auto class_name = "GaussianDropout";
  using Args = GaussianDropoutArgs;
  explicit GaussianDropoutBody(Args args) : args_(std::move(args)), draws_(*this, args_.seed) {
    set_supports_masking();
  }
  std::vector<Tensor> call_all(const Call& call) override {
    const Tensor& x = call.inputs[0];
    if (!call.training || args_.rate == 0) return {x};
    return {x * draws_.normal(x.shape(), 1, std::sqrt(args_.rate / (1 - args_.rate)))};
  }

 private:
  Args args_;
  layers::Draws draws_;
};

struct ActivityRegularizationBody final : LayerBody {
  static constexpr auto class_name = "ActivityRegularization";
  using Args = ActivityRegularizationArgs;
  explicit ActivityRegularizationBody(const Args& args) {
    set_supports_masking();
    state().activity_regularizer = regularizers::L1L2({.l1 = args.l1, .l2 = args.l2});
  }
  Tensor call(const Tensor& x) override { return x; }
};

}  // namespace

Layer layers::GaussianNoise(double stddev, GaussianNoiseArgs args) {
  if (args.stddev != 0) refuse_twice("GaussianNoise", "stddev");
  args.stddev = stddev;
  return make_layer<GaussianNoiseBody>(std::move(args));
}
Layer layers::GaussianDropout(double rate, GaussianDropoutArgs args) {
  if (args.rate != 0) refuse_twice("GaussianDropout", "rate");
  args.rate = rate;
  return make_layer<GaussianDropoutBody>(std::move(args));
}
Layer layers::ActivityRegularization(ActivityRegularizationArgs args) {
  return make_layer<ActivityRegularizationBody>(std::move(args));
}

Maker layers::makers::GaussianNoise() { return custom<GaussianNoiseBody>(); }
Maker layers::makers::GaussianDropout() { return custom<GaussianDropoutBody>(); }
Maker layers::makers::ActivityRegularization() { return custom<ActivityRegularizationBody>(); }

}  // namespace keras
