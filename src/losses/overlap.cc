// Losses of regions: how far two of them overlap.
#include <keras/config.h>
#include <keras/losses.h>
#include <keras/ops.h>

#include "losses/pair.h"

namespace keras::losses {

namespace {
Axes axes_of(const char* name, const Tensor& x, const AxisList& list) {
  Axes axes;
  for (int axis : list.values()) axes.push_back(front_axis(name, x, axis));
  return axes;
}
}  // namespace

Tensor dice(const Tensor& y_true, const Tensor& y_pred, const AxisList& axis) {
  const auto [wanted, given] = paired("dice", y_true, y_pred);
  const Axes axes = axes_of("dice", given, axis);
  const Tensor both = ops::sum(wanted * given, axes);
  return 1 - 2 * both / (ops::sum(wanted, axes) + ops::sum(given, axes) + config::epsilon());
}

Tensor tversky(const Tensor& y_true, const Tensor& y_pred, double alpha, double beta, const AxisList& axis) {
  const auto [wanted, given] = paired("tversky", y_true, y_pred);
  const Axes axes = axes_of("tversky", given, axis);
  const Tensor both = ops::sum(wanted * given, axes);
  const Tensor missed = ops::sum((1 - given) * wanted, axes), added = ops::sum(given * (1 - wanted), axes);
  return 1 - both / (both + missed * alpha + added * beta + config::epsilon());
}

}  // namespace keras::losses
