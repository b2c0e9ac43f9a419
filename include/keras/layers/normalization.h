// keras::layers: BatchNormalization.
#pragma once

#include <keras/layers/common.h>

namespace keras {

// Bounds of the corrections of batch renormalization; none where not given.
struct RenormClipping {
  std::optional<double> rmax = {}, rmin = {}, dmax = {};
};
KERAS_API Config as_config(const RenormClipping& clipping);
KERAS_API void read_config(const Config& config, RenormClipping& clipping);

struct BatchNormalizationArgs {
  ByName by_name = ByName();
  int axis = -1;
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Initializer moving_mean_initializer = "zeros";
  Initializer moving_variance_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  bool renorm = false;
  std::optional<RenormClipping> renorm_clipping = {};
  double renorm_momentum = 0.99;
  bool synchronized = false;
  KERAS_LAYER_ARGS
  std::vector<Array> weights = {};  // gamma, beta, moving mean, moving variance
  static void fields(auto&& f) {
    using A = BatchNormalizationArgs;
    f("axis", &A::axis, "The axis that keeps statistics of its own, usually that of the channels.");
    f("momentum", &A::momentum, "Part of the moving statistics that a batch leaves as it was.", fraction);
    f("epsilon", &A::epsilon, "Added to the variance.", not_negative);
    f("center", &A::center, "Whether beta is added.");
    f("scale", &A::scale, "Whether the result is multiplied by gamma.");
    f("beta_initializer", &A::beta_initializer, "Of beta.", was("beta_init"));
    f("gamma_initializer", &A::gamma_initializer, "Of gamma.", was("gamma_init"));
    f("moving_mean_initializer", &A::moving_mean_initializer, "Of the moving mean.");
    f("moving_variance_initializer", &A::moving_variance_initializer, "Of the moving variance.");
    f("beta_regularizer", &A::beta_regularizer, "Penalty on beta.");
    f("gamma_regularizer", &A::gamma_regularizer, "Penalty on gamma.");
    f("beta_constraint", &A::beta_constraint, "Projection of beta after each update.");
    f("gamma_constraint", &A::gamma_constraint, "Projection of gamma after each update.");
    f("renorm", &A::renorm, "Batch renormalization: in training the batch's statistics are corrected to moving ones.");
    f("renorm_clipping", &A::renorm_clipping, "Bounds of these corrections.");
    f("renorm_momentum", &A::renorm_momentum, "Momentum of the moving statistics of batch renormalization.", fraction);
    f("synchronized", &A::synchronized, "Whether devices that train together share the statistics of a batch.");
    KERAS_LAYER_FIELDS(A)
  }
};

namespace layers {
// (x - mean) / sqrt(variance + epsilon) * gamma + beta (Ioffe and Szegedy, 2015), of any shape of rank 2 or more. In
// training with the statistics of the batch over all axes but one, and the moving ones follow them: moving * momentum +
// batch * (1 - momentum); else with the moving ones. With trainable = false it always runs as outside training, as in
// Keras 3. A mask of the rank of the input less one leaves elements out of the statistics. ValueError when the size of
// the axis is not known.
KERAS_API Layer BatchNormalization(BatchNormalizationArgs args = {});
}  // namespace layers

}  // namespace keras
