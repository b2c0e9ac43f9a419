// keras::layers: LeakyReLU, PReLU, ELU, ThresholdedReLU, Softmax, ReLU: activations with arguments or weights.
#pragma once

#include <keras/layers/common.h>

namespace keras {

struct LeakyReLUArgs {
  ByName by_name = ByName();
  double negative_slope = 0.3;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = LeakyReLUArgs;
    f("negative_slope", &A::negative_slope, "Slope below 0.", not_negative, was("alpha"));
    KERAS_LAYER_FIELDS(A)
  }
};

struct PReLUArgs {
  Initializer alpha_initializer = "zeros";
  Regularizer alpha_regularizer = {};
  Constraint alpha_constraint = {};
  std::vector<std::int64_t> shared_axes = {};
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};
  static void fields(auto&& f) {
    using A = PReLUArgs;
    f("alpha_initializer", &A::alpha_initializer, "Of the slopes.", was("init"));
    f("alpha_regularizer", &A::alpha_regularizer, "Penalty on the slopes.");
    f("alpha_constraint", &A::alpha_constraint, "Projection of the slopes after each update.");
    f("shared_axes", &A::shared_axes, "Axes along which one slope holds for all: {1, 2} for images, channels last.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct ELUArgs {
  ByName by_name = ByName();
  double alpha = 1;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = ELUArgs;
    f("alpha", &A::alpha, "What large negative values come near to, negated.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct ThresholdedReLUArgs {
  ByName by_name = ByName();
  double theta = 1;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = ThresholdedReLUArgs;
    f("theta", &A::theta, "Values up to it become 0.", not_negative);
    KERAS_LAYER_FIELDS(A)
  }
};

struct SoftmaxArgs {
  ByName by_name = ByName();
  int axis = -1;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = SoftmaxArgs;
    f("axis", &A::axis, "Along which the results sum to 1.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct ReLUArgs {
  ByName by_name = ByName();
  std::optional<double> max_value = {};
  double negative_slope = 0;
  double threshold = 0;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = ReLUArgs;
    f("max_value", &A::max_value, "The largest result; none: no limit.", not_negative);
    f("negative_slope", &A::negative_slope, "Slope below the threshold.", not_negative);
    f("threshold", &A::threshold, "Below it values are negative_slope * (x - threshold).", not_negative);
    KERAS_LAYER_FIELDS(A)
  }
};

// All keep the shape of the input.
namespace layers {
// x above 0, negative_slope * x below.
KERAS_API Layer LeakyReLU(LeakyReLUArgs args = {});
KERAS_API Layer LeakyReLU(double negative_slope, LeakyReLUArgs args = {});
// x above 0, alpha * x below, where alpha is a weight of the shape of a sample. He et al., 2015.
KERAS_API Layer PReLU(PReLUArgs args = {});
// x above 0, alpha * (exp(x) - 1) below. Clevert et al., 2015.
KERAS_API Layer ELU(ELUArgs args = {});
KERAS_API Layer ELU(double alpha, ELUArgs args = {});
// x above theta, 0 elsewhere. Konda et al., 2014. As in Keras 2; Keras 3 has it no more.
KERAS_API Layer ThresholdedReLU(ThresholdedReLUArgs args = {});
KERAS_API Layer ThresholdedReLU(double theta, ThresholdedReLUArgs args = {});
KERAS_API Layer Softmax(SoftmaxArgs args = {});
KERAS_API Layer Softmax(int axis, SoftmaxArgs args = {});
KERAS_API Layer ReLU(ReLUArgs args = {});
}  // namespace layers

}  // namespace keras
