// BatchNormalization: every channel with mean 0 and variance 1 over the batch; with renorm, corrected towards moving
// statistics (Ioffe, 2017).
#include <fmt/format.h>
#include <keras/config.h>
#include <keras/error.h>
#include <keras/layers/normalization.h>
#include <keras/ops.h>

#include <cmath>
#include <limits>

#include "layers/layer_state.h"
#include "layers/spatial.h"
#include "layers/table.h"
#include "tensor/upgrade.h"

namespace keras {
namespace {

// The square roots of what another initializer gives.
struct RootOf final : InitializerBody {
  explicit RootOf(Initializer of) : of_(std::move(of)) {}
  Array call(const Shape& shape, DType dtype) const override {
    Array roots = of_(shape, dtype).astype(DType::float64);
    for (double& value : roots.mutable_values<double>()) value = std::sqrt(value);
    return roots.astype(dtype);
  }

 private:
  Initializer of_;
};

struct BatchNormalizationBody final : LayerBody {
  static constexpr auto class_name = "BatchNormalization";
  using Args = BatchNormalizationArgs;
  explicit BatchNormalizationBody(Args args) : args_(std::move(args)) {
    if (args_.renorm && !args_.renorm_clipping) args_.renorm_clipping.emplace();
    if (args_.renorm) check(*args_.renorm_clipping);
    state().input_spec.min_rank = 2;
    state().mixes_batch = true;
    set_supports_masking();
    set_initial_weights(std::move(args_.weights));
  }

  static void upgrade(const char* class_name, Config& config) {
    const auto mode = Upgrade(class_name, config).take("mode", "");
    if (!mode || mode->is_null() || *mode == Config(0)) return;
    throw ValueError(fmt::format(
        "BatchNormalization: mode={} of Keras 1 is not there any more. mode=0, which normalizes each feature, "
        "is what the layer does; in place of mode=1, which normalized each sample, take "
        "LayerNormalization.",
        mode->to_json()));
  }

  void build(const Shape& input) override {
    const Shape shape{layers::fixed_axis(*this, input, args_.axis, "gamma")};
    state().input_spec.rank = input.rank();
    if (args_.scale) {
      gamma_ = add_weight("gamma", shape, args_.gamma_initializer,
                          {.regularizer = args_.gamma_regularizer, .constraint = args_.gamma_constraint});
    }
    if (args_.center) {
      beta_ = add_weight("beta", shape, args_.beta_initializer,
                         {.regularizer = args_.beta_regularizer, .constraint = args_.beta_constraint});
    }
    const WeightArgs moving{.trainable = false};
    moving_mean_ = add_weight("moving_mean", shape, args_.moving_mean_initializer, moving);
    moving_variance_ = add_weight("moving_variance", shape, args_.moving_variance_initializer, moving);
    if (!args_.renorm) return;
    const Initializer stddev(std::make_shared<RootOf>(args_.moving_variance_initializer));
    moving_stddev_ = add_weight("moving_stddev", shape, stddev, moving);
    renorm_mean_ = add_weight("renorm_mean", shape, args_.moving_mean_initializer, moving);
    renorm_stddev_ = add_weight("renorm_stddev", shape, stddev, moving);
  }

  std::vector<Tensor> call_all(const Call& call) override {
    const Tensor& input = call.inputs[0];
    // Half precision is too coarse for statistics.
    const bool wide = input.dtype() == DType::float64;
    const Tensor x = ops::cast(input, wide ? DType::float64 : DType::float32);
    const auto value = [&](const Variable& weight) { return weight.empty() ? Tensor() : ops::cast(weight, x.dtype()); };
    Tensor mean = value(moving_mean_), variance = value(moving_variance_), gamma = value(gamma_), beta = value(beta_);
    const config::Dialect& dialect = config::dialect();
    if (call.training && (trainable() || dialect.frozen_normalizes_by_batch)) {
      const auto [batch_mean, batch_variance] = moments(x, call);
      mean = batch_mean;
      variance = batch_variance;
      if (!trainable()) {
        // Keras 2.2: the moving statistics stand still.
      } else if (args_.renorm) {
        renormalize(mean, variance, gamma, beta);
      } else {
        follow(moving_mean_, mean, args_.momentum);
        follow(moving_variance_, dialect.unbiased_moving_variance ? variance * unbiased(x) : variance, args_.momentum);
      }
    }
    const Tensor y = ops::batch_normalization(x, mean, variance, args_.axis, beta, gamma, args_.epsilon);
    return {ops::cast(y, dtype())};
  }

  Config get_config() const override {
    Config config = LayerBody::get_config();
    if (args_.renorm) config.set("renorm_clipping", as_config(args_.renorm_clipping));
    layers::move_before(config, "synchronized", "renorm");
    return config;
  }

 private:
  static void check(const RenormClipping& clipping) {
    if (clipping.rmin.value_or(0) > clipping.rmax.value_or(std::numeric_limits<double>::infinity())) {
      throw ValueError(fmt::format("BatchNormalization: rmin must not be above rmax. Received: rmin={}, rmax={}.",
                                   *clipping.rmin, *clipping.rmax));
    }
    if (clipping.dmax.value_or(0) < 0)
      throw ValueError(fmt::format("BatchNormalization: dmax must be 0 or more. Received: {}.", *clipping.dmax));
  }

  std::pair<Tensor, Tensor> moments(const Tensor& x, const Call& call) const {
    const int own = args_.axis < 0 ? args_.axis + x.ndim() : args_.axis;
    Axes axes;
    for (int axis = 0; axis < x.ndim(); ++axis) {
      if (axis != own) axes.push_back(axis);
    }
    if (call.masks.empty() || call.masks[0].empty()) return ops::moments(x, axes);
    const Tensor& mask = call.masks[0];
    if (mask.ndim() != x.ndim() - 1) {
      throw ValueError(
          fmt::format("{}: a mask must have the rank of the input less one. Received: mask of shape {}, input of shape "
                      "{}.",
                      layers::describe(*this), mask.shape().str(), x.shape().str()));
    }
    const Tensor weights =
        ops::broadcast_to(ops::expand_dims(ops::cast(ops::cast(mask, DType::boolean), x.dtype()), -1), x.shape());
    const Tensor count = ops::sum(weights, axes, true) + config::epsilon();
    const Tensor mean = ops::sum(ops::where(weights > 0, x, 0), axes, true) / count;
    const Tensor variance = ops::sum(ops::where(weights > 0, ops::square(x - mean), 0), axes, true) / count;
    return {ops::squeeze(mean, axes), ops::squeeze(variance, axes)};
  }

  // From the variance of so many elements a channel to an estimate of that of all data, as Keras 2.2 makes it.
  double unbiased(const Tensor& x) const {
    const double count = static_cast<double>(x.shape().elements() / x.shape(args_.axis).value());
    return count / (count - (1 + args_.epsilon));
  }

  // moving * momentum + now * (1 - momentum)
  static void follow(Variable& moving, const Tensor& now, double momentum) {
    moving.assign(ops::cast(moving, now.dtype()) * momentum + now * (1 - momentum));
  }

  // Puts the corrections r and d, through which no gradient flows, into gamma and beta, and moves the statistics.
  void renormalize(const Tensor& mean, const Tensor& variance, Tensor& gamma, Tensor& beta) {
    const RenormClipping& clipping = *args_.renorm_clipping;
    const Tensor stddev = ops::sqrt(variance + args_.epsilon);
    const Tensor reference = ops::maximum(ops::cast(renorm_stddev_, mean.dtype()), std::sqrt(args_.epsilon));
    Tensor r = stddev / reference, d = (mean - ops::cast(renorm_mean_, mean.dtype())) / reference;
    if (clipping.rmin) r = ops::maximum(r, *clipping.rmin);
    if (clipping.rmax) r = ops::minimum(r, *clipping.rmax);
    if (clipping.dmax) d = ops::clip(d, -*clipping.dmax, *clipping.dmax);
    r = ops::stop_gradient(r);
    d = ops::stop_gradient(d);
    const Tensor shift = gamma.empty() ? d : d * gamma;
    beta = beta.empty() ? shift : shift + beta;
    gamma = gamma.empty() ? r : r * gamma;

    follow(renorm_mean_, mean, args_.renorm_momentum);
    follow(renorm_stddev_, stddev, args_.renorm_momentum);
    follow(moving_mean_, mean, args_.momentum);
    const Tensor moved = ops::cast(moving_stddev_, stddev.dtype()) * args_.momentum + stddev * (1 - args_.momentum);
    moving_stddev_.assign(moved);
    moving_variance_.assign(ops::maximum(moved * moved - args_.epsilon, 0));
  }

  Args args_;
  Variable gamma_, beta_, moving_mean_, moving_variance_;
  Variable moving_stddev_, renorm_mean_, renorm_stddev_;  // with renorm
};

}  // namespace

Config as_config(const RenormClipping& clipping) {
  Config config = Config::map();
  if (clipping.rmax) config.set("rmax", *clipping.rmax);
  if (clipping.rmin) config.set("rmin", *clipping.rmin);
  if (clipping.dmax) config.set("dmax", *clipping.dmax);
  return config;
}

void read_config(const Config& config, RenormClipping& clipping) {
  clipping = {};
  for (const auto& [key, value] : config.entries()) {
    if (value.is_null()) continue;
    if (key != "rmax" && key != "rmin" && key != "dmax")
      throw ValueError(fmt::format("renorm_clipping has rmax, rmin and dmax. Received: {}.", config.to_json()));
    (key == "rmax" ? clipping.rmax : key == "rmin" ? clipping.rmin : clipping.dmax) = value.as_real();
  }
}

Layer layers::BatchNormalization(BatchNormalizationArgs args) {
  return make_layer<BatchNormalizationBody>(std::move(args));
}

Maker layers::makers::BatchNormalization() { return custom<BatchNormalizationBody>(); }

}  // namespace keras
