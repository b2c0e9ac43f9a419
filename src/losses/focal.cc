// Focal crossentropies (Lin et al., 2017): what is predicted well already counts less.
#include <keras/config.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include "losses/crossentropy.h"
#include "losses/pair.h"

namespace keras::losses {

Tensor categorical_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred, double alpha, double gamma,
                                      bool from_logits, double label_smoothing, int axis) {
  constexpr const char* kName = "categorical_focal_crossentropy";
  auto [wanted, given] = paired(kName, y_true, y_pred, " y_true must be one-hot.");
  const int along = front_axis(kName, given, axis);
  wanted = smoothed(wanted, label_smoothing);
  if (from_logits) given = ops::softmax(given, along);
  const Tensor p = clipped(given / ops::sum(given, {along}, true));
  return ops::sum(ops::power(1 - p, gamma) * alpha * (-wanted * ops::log(p)), {along});
}

Tensor binary_focal_crossentropy(const Tensor& y_true, const Tensor& y_pred, bool apply_class_balancing, double alpha,
                                 double gamma, bool from_logits, double label_smoothing, int axis) {
  constexpr const char* kName = "binary_focal_crossentropy";
  auto [wanted, given] = paired(kName, y_true, y_pred);
  const int along = front_axis(kName, given, axis);
  if (label_smoothing != 0) wanted = wanted * (1 - label_smoothing) + 0.5 * label_smoothing;
  if (from_logits) given = ops::sigmoid(given);
  const Tensor right = wanted * given + (1 - wanted) * (1 - given);
  Tensor loss = ops::power(1 - right, gamma) * ops::binary_crossentropy(wanted, given);
  if (apply_class_balancing) loss = (wanted * alpha + (1 - wanted) * (1 - alpha)) * loss;
  return ops::mean(loss, {along});
}

}  // namespace keras::losses
