// keras::layers: Dropout, SpatialDropout1D/2D/3D, GaussianNoise, GaussianDropout, AlphaDropout, ActivityRegularization.
#pragma once

#include <keras/layers/common.h>

namespace keras {

struct DropoutArgs {
  double rate = 0;
  std::optional<Shape> noise_shape = {};
  std::optional<std::int64_t> seed = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = DropoutArgs;
    f("rate", &A::rate, "Part of the elements set to 0 in training; the others grow by 1 / (1 - rate).", fraction,
      was("p"));
    f("noise_shape", &A::noise_shape, "Shape of the mask, which broadcasts; None stands for the input's size.");
    f("seed", &A::seed, "Makes the masks repeatable by themselves; none: random::seed governs.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct SpatialDropout1DArgs {
  double rate = 0;
  std::optional<std::int64_t> seed = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = SpatialDropout1DArgs;
    f("rate", &A::rate, "Part of the channels set to 0 in training.", fraction, was("p"));
    f("seed", &A::seed, "Makes the masks repeatable by themselves; none: random::seed governs.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct SpatialDropoutArgs {
  double rate = 0;
  std::optional<std::string> data_format = {};  // config::image_data_format() if none
  std::optional<std::int64_t> seed = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = SpatialDropoutArgs;
    f("rate", &A::rate, "Part of the channels set to 0 in training.", fraction, was("p"));
    f("data_format", &A::data_format, "channels_last or channels_first.");
    f("seed", &A::seed, "Makes the masks repeatable by themselves; none: random::seed governs.");
    KERAS_LAYER_FIELDS(A)
  }
};
using SpatialDropout2DArgs = SpatialDropoutArgs;
using SpatialDropout3DArgs = SpatialDropoutArgs;

struct GaussianNoiseArgs {
  double stddev = 0;
  std::optional<std::int64_t> seed = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = GaussianNoiseArgs;
    f("stddev", &A::stddev, "Standard deviation of the noise that training adds.", not_negative, was("sigma"));
    f("seed", &A::seed, "Makes the noise repeatable by itself; none: random::seed governs.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct GaussianDropoutArgs {
  double rate = 0;
  std::optional<std::int64_t> seed = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = GaussianDropoutArgs;
    f("rate", &A::rate, "As of Dropout: the factors have mean 1 and variance rate / (1 - rate).", fraction, was("p"));
    f("seed", &A::seed, "Makes the noise repeatable by itself; none: random::seed governs.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct AlphaDropoutArgs {
  double rate = 0;
  std::optional<Shape> noise_shape = {};
  std::optional<std::int64_t> seed = {};
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = AlphaDropoutArgs;
    f("rate", &A::rate, "Part of the elements set to selu's limit in training.", fraction);
    f("noise_shape", &A::noise_shape, "Shape of the mask, which broadcasts; None stands for the input's size.");
    f("seed", &A::seed, "Makes the masks repeatable by themselves; none: random::seed governs.");
    KERAS_LAYER_FIELDS(A)
  }
};

struct ActivityRegularizationArgs {
  double l1 = 0;
  double l2 = 0;
  KERAS_LAYER_ARGS
  static void fields(auto&& f) {
    using A = ActivityRegularizationArgs;
    f("l1", &A::l1, "Weight of the sum of absolute values.");
    f("l2", &A::l2, "Weight of the sum of squares.");
    KERAS_LAYER_FIELDS(A)
  }
};

// All keep the shape of the input, and all but the last give the input itself outside training.
namespace layers {
// Srivastava et al., 2014.
KERAS_API Layer Dropout(double rate, DropoutArgs args = {});
// Whole channels of (batch, steps, channels), (batch, height, width, channels), (batch, depth, height, width,
// channels), or with the channels first. Tompson et al., 2014.
KERAS_API Layer SpatialDropout1D(double rate, SpatialDropout1DArgs args = {});
KERAS_API Layer SpatialDropout2D(double rate, SpatialDropout2DArgs args = {});
KERAS_API Layer SpatialDropout3D(double rate, SpatialDropout3DArgs args = {});
// Normal noise added.
KERAS_API Layer GaussianNoise(double stddev, GaussianNoiseArgs args = {});
// Normal factors around 1. Srivastava et al., 2014.
KERAS_API Layer GaussianDropout(double rate, GaussianDropoutArgs args = {});
// Keeps mean and variance of what selu gives. Klambauer et al., 2017.
KERAS_API Layer AlphaDropout(double rate, AlphaDropoutArgs args = {});
// The input; training adds l1 * sum(|x|) + l2 * sum(x²), divided by the batch size, to the loss.
KERAS_API Layer ActivityRegularization(ActivityRegularizationArgs args = {});
}  // namespace layers

}  // namespace keras
